/** A token bucket of request weight. The clock is a parameter: it says how long to wait, and waits for nothing. */

export interface WeightBucket {
  /** How long (ms) a request of `weight` would have to wait at `now`. */
  waitMs(weight: number, now: number): number
  /** Takes the weight and says how long (ms) to wait before sending. Who asks first goes first. */
  take(weight: number, now: number): number
  /** Nothing goes before `until` (ms): the exchange said so. */
  pause(until: number): void
}

/** `perMinute` weight flows in evenly; up to `burst` of it may be spent at once. */
export function weightBucket({ perMinute, burst }: { perMinute: number; burst: number }): WeightBucket {
  const perMs = perMinute / 60_000
  let tokens = burst
  let at = Number.NEGATIVE_INFINITY
  let pausedUntil = 0

  const refill = (now: number) => {
    if (now > at) tokens = Math.min(burst, tokens + (now - at) * perMs)
    at = Math.max(at, now)
  }
  const waitMs = (weight: number, now: number) => {
    refill(now)
    return Math.max(0, Math.ceil((weight - tokens) / perMs), pausedUntil - now)
  }
  return {
    waitMs,
    take(weight, now) {
      const wait = waitMs(weight, now)
      tokens -= weight
      return wait
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until)
    },
  }
}
