/**
 * Whether a candle will still change. "Closed" is not "final": exchanges add late volume for a while after the close,
 * so a candle is final only after a grace time. What we do not know about the exchange's clock counts against finality.
 */

import { alignDown, type Interval, intervalMs } from './interval.ts'

export type CandleState = 'open' | 'closed' | 'final'

/** `now` is our clock (ms); the exchange's is `now + offsetMs`, give or take `uncertaintyMs`. */
export type ClockReading =
  | { readonly now: number; readonly offsetMs: number; readonly uncertaintyMs: number }
  | { readonly now: number; readonly offsetMs: undefined }

const hour = 3_600_000

/** How long (ms) after its close a candle may still change. */
export const graceMs = (interval: Interval): number => (intervalMs(interval) <= hour ? 60_000 : 600_000)

/** The state of the candle that opened at `openTime` (ms). */
export function candleState(ask: { openTime: number; interval: Interval; clock: ClockReading }): CandleState {
  const close = ask.openTime + intervalMs(ask.interval)
  const now = earliestExchangeTime(ask.interval, ask.clock)
  if (close > now) return 'open'
  return close + graceMs(ask.interval) > now ? 'closed' : 'final'
}

/** The open time (ms) of the first candle that is not final yet: everything before it is. */
export function firstNotFinal(interval: Interval, clock: ClockReading): number {
  return alignDown(earliestExchangeTime(interval, clock) - graceMs(interval), interval)
}

// Without an offset our clock may run ahead and make an open candle look closed, so one whole interval is given away:
// the newest candle counts as open whatever our clock says.
function earliestExchangeTime(interval: Interval, clock: ClockReading): number {
  if (clock.offsetMs === undefined) return clock.now - intervalMs(interval)
  return clock.now + clock.offsetMs - clock.uncertaintyMs
}
