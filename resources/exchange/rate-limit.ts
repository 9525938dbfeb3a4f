/** A token bucket of request weight. The clock is a parameter: it says how long to wait, and waits for nothing. */

export interface WeightBucket {
  /** Takes the weight and says how long (ms) to wait for it. Who asks first goes first. */
  take(weight: number, now: number): number
  /** Nothing may be sent before `until` (ms): the exchange said so. */
  pause(until: number): void
  /** How long (ms) that pause still lasts. */
  pausedMs(now: number): number
}

/** At most `perMinute` weight in any minute; a share of it, `burst`, may be spent at once, the rest flows in evenly. */
export function weightBucket({ perMinute, burst }: { perMinute: number; burst: number }): WeightBucket {
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
