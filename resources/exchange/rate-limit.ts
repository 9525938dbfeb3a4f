/** A token bucket of request weight. The clock is a parameter: it says how long to wait, and waits for nothing. */

export interface WeightBucket {
  /** Takes the weight and says how long (ms) to wait for it. Who asks first goes first. */
  take(weight: number, now: number): number | Promise<number>
  /** Nothing may be sent before `until` (ms): the exchange said so. */
  pause(until: number): void
  /** How long (ms) that pause still lasts. */
  pausedMs(now: number): number
}

export interface Rate {
  /** Of whose budget: the exchange and the type of market. */
  readonly name: string
  readonly perMinute: number
  readonly burst: number
}

/** One that is counted in this process: it answers at once. */
export interface LocalBucket extends WeightBucket {
  take(weight: number, now: number): number
}

/** Makes the buckets of an exchange: for this process alone, or shared with others. */
export type OpenBucket = (rate: Rate) => WeightBucket

/** At most `perMinute` weight in any minute; a share of it, `burst`, may be spent at once, the rest flows in evenly. */
export function weightBucket({ perMinute, burst }: Omit<Rate, 'name'>): LocalBucket {
  const perMs = (perMinute - burst) / 60_000
  let tokens = burst
  let at = Number.NEGATIVE_INFINITY
  let pausedUntil = 0
  return {
    take(weight, now) {
      if (now > at) tokens = Math.min(burst, tokens + (now - at) * perMs)
      at = Math.max(at, now)
      tokens -= weight
      return Math.max(0, Math.ceil(-tokens / perMs))
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until)
    },
    pausedMs: (now) => Math.max(0, pausedUntil - now),
  }
}
