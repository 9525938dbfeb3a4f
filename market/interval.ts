/** Candle intervals and the grid of open times, counted from the epoch in UTC. */

export type Interval = '1m' | '5m' | '15m' | '1h' | '4h' | '1d'

const minute = 60_000
const lengths = {
  '1m': minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '1h': 60 * minute,
  '4h': 240 * minute,
  '1d': 1440 * minute,
} as const satisfies Record<Interval, number>

/** All intervals, shortest first. */
export const intervals: readonly Interval[] = ['1m', '5m', '15m', '1h', '4h', '1d']

export function isInterval(text: string): text is Interval {
  return Object.hasOwn(lengths, text)
}

/** The length of an interval in ms. */
export const intervalMs = (interval: Interval): number => lengths[interval]

/** The last open time at or before `at` (ms). */
export function alignDown(at: number, interval: Interval): number {
  return Math.floor(at / lengths[interval]) * lengths[interval]
}

/** The first open time at or after `at` (ms). */
export function alignUp(at: number, interval: Interval): number {
  return Math.ceil(at / lengths[interval]) * lengths[interval]
}

export const isOnGrid = (at: number, interval: Interval): boolean => at % lengths[interval] === 0

/** How many open times lie in `[start, end)`. */
export function slotsIn(start: number, end: number, interval: Interval): number {
  return Math.max(0, (alignUp(end, interval) - alignUp(start, interval)) / lengths[interval])
}

/** The open times in `[start, end)`, ascending. */
export function* openTimes(start: number, end: number, interval: Interval): Generator<number> {
  for (let at = alignUp(start, interval); at < end; at += lengths[interval]) yield at
}

/** The longer intervals that can be made from `base`, because they are whole multiples of it. */
export function intervalsAbove(base: Interval): readonly Interval[] {
  return intervals.filter((interval) => lengths[interval] > lengths[base] && lengths[interval] % lengths[base] === 0)
}
