/** What can be wrong with one candle: each check returns the reason, or undefined when all is well. */

import { type Interval, intervalMs, isOnGrid } from './interval.ts'

export interface CandleNumbers {
  readonly open_time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly quote_volume: number | null
}

/** An `error` makes the candle wrong, a `warning` makes it worth a look. */
export type Severity = 'error' | 'warning'

export interface Finding {
  readonly check: keyof typeof checks
  readonly severity: Severity
  readonly reason: string
}

type Check = (candle: CandleNumbers, interval: Interval) => string | undefined

const checks = {
  prices: ({ open, high, low, close }) =>
    [open, high, low, close].every((price) => Number.isFinite(price) && price > 0)
      ? undefined
      : `expected prices above 0, got ${open}, ${high}, ${low}, ${close}`,
  range: ({ open, high, low, close }) =>
    low <= Math.min(open, close) && high >= Math.max(open, close)
      ? undefined
      : `expected open ${open} and close ${close} within low ${low} and high ${high}`,
  volume: ({ volume }) =>
    Number.isFinite(volume) && volume >= 0 ? undefined : `expected a volume of 0 or more, got ${volume}`,
  grid: ({ open_time }, interval) =>
    Number.isSafeInteger(open_time) && open_time > 1e11 && isOnGrid(open_time, interval)
      ? undefined
      : `expected an open time in ms on the ${interval} grid, got ${open_time}`,
  quote_volume: (candle) =>
    isQuoteVolumePlausible(candle)
      ? undefined
      : `expected a quote volume within low × volume and high × volume, got ${candle.quote_volume}`,
  silent_move: (candle) =>
    candle.volume === 0 && !isFlat(candle) ? 'expected a candle without volume to be flat, got a move' : undefined,
} as const satisfies Record<string, Check>

const severities = {
  prices: 'error',
  range: 'error',
  volume: 'error',
  grid: 'error',
  quote_volume: 'warning',
  silent_move: 'warning',
} as const satisfies Record<keyof typeof checks, Severity>

/** Everything that is wrong or doubtful with a candle. */
export function findingsOf(candle: CandleNumbers, interval: Interval): readonly Finding[] {
  return (Object.keys(checks) as (keyof typeof checks)[]).flatMap((check) => {
    const reason = checks[check](candle, interval)
    return reason === undefined ? [] : [{ check, severity: severities[check], reason }]
  })
}

export function isFlat({ open, high, low, close }: CandleNumbers): boolean {
  return open === high && open === low && open === close
}

/** How far (in log price) a candle may move before it is marked: 0.2 up to an hour, then growing with the root of time. */
export const outlierLimit = (interval: Interval): number =>
  0.2 * Math.sqrt(Math.max(1, intervalMs(interval) / 3_600_000))

export function isOutlier({ open, close }: CandleNumbers, interval: Interval): boolean {
  return Math.abs(Math.log(close / open)) > outlierLimit(interval)
}

// Sums of float64 drift in the last digits, so the bounds have that much room.
function isQuoteVolumePlausible({ low, high, volume, quote_volume }: CandleNumbers): boolean {
  if (quote_volume === null) return true
  const room = 1e-9 * high * volume
  return quote_volume >= low * volume - room && quote_volume <= high * volume + room
}
