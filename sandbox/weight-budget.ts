/** Binance's request weight: what was used this minute, and what happens to those who use more. */

export type Verdict =
  | { readonly verdict: 'served'; readonly used: number }
  | { readonly verdict: 'limited' | 'banned'; readonly used: number; readonly retryAfterSeconds: number }

export interface WeightBudget {
  spend(weight: number, budget: number, now: number): Verdict
}

const minuteMs = 60_000
const patience = 5
const banSeconds = 120

/** A budget that starts anew each minute; who goes on asking while limited is banned for two minutes. */
export function weightBudget(): WeightBudget {
  let minute = Number.NaN
  let used = 0
  let ignored = 0
  let bannedUntil = 0
  return {
    spend(weight, budget, now) {
      if (Math.floor(now / minuteMs) !== minute) {
        minute = Math.floor(now / minuteMs)
        used = 0
        ignored = 0
      }
      used += weight
      if (now < bannedUntil) {
        return { verdict: 'banned', used, retryAfterSeconds: Math.ceil((bannedUntil - now) / 1000) }
      }
      if (used <= budget) return { verdict: 'served', used }
      ignored++
      if (ignored > patience) {
        bannedUntil = now + banSeconds * 1000
        return { verdict: 'banned', used, retryAfterSeconds: banSeconds }
      }
      return { verdict: 'limited', used, retryAfterSeconds: Math.ceil(((minute + 1) * minuteMs - now) / 1000) }
    },
  }
}
