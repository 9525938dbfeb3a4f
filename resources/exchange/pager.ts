/** Which requests cover a span of candles, and which rows of an answer belong to them. Pure: it sends nothing. */

import { alignUp, type Interval, intervalMs, isOnGrid } from '../../market/interval.ts'
import type { RawCandle } from './port.ts'
import type { RowProblem } from './raw-candle.ts'

/** One request: `limit` open times in [start, end), in ms. The exchange is asked up to `last`, which is one of them. */
export interface PagePlan {
  readonly start: number
  readonly end: number
  readonly last: number
  readonly limit: number
}

export interface PageSpan {
  readonly start: number
  readonly end: number
  readonly interval: Interval
  readonly pageLimit: number
}

/** The fewest requests whose pages cover [start, end), in order. */
export function* planPages({ start, end, interval, pageLimit }: PageSpan): Generator<PagePlan> {
  const step = intervalMs(interval)
  const stop = alignUp(end, interval)
  for (let from = alignUp(start, interval); from < stop; from += pageLimit * step) {
    const to = Math.min(from + pageLimit * step, stop)
    yield { start: from, end: to, last: to - step, limit: (to - from) / step }
  }
}

export interface PageRows {
  readonly candles: readonly RawCandle[]
  readonly conflicts: number
}

/**
 * The candles of a page: sorted, one for each open time, only those before `notFinal` (ms). Of two rows of one open time
 * the later one is kept; differing ones are counted. A row off the grid or outside the page is a problem, because it says
 * that the exchange understood another question.
 */
export function readPage(
  rows: readonly RawCandle[],
  page: PagePlan,
  { interval, notFinal }: { readonly interval: Interval; readonly notFinal: number },
): PageRows | RowProblem {
  const byTime = new Map<number, RawCandle>()
  let conflicts = 0
  for (const row of rows) {
    const at = row.open_time
    if (!isOnGrid(at, interval)) return { expected: `open times on the ${interval} grid`, got: isoTime(at) }
    if (at >= notFinal) continue
    if (at < page.start || at >= page.end) {
      return { expected: `open times from ${isoTime(page.start)} to ${isoTime(page.last)}`, got: isoTime(at) }
    }
    const known = byTime.get(at)
    if (known && !isSame(known, row)) conflicts++
    byTime.set(at, row)
  }
  return { candles: [...byTime.values()].sort((a, b) => a.open_time - b.open_time), conflicts }
}

function isSame(a: RawCandle, b: RawCandle): boolean {
  return (Object.keys(a) as (keyof RawCandle)[]).every((field) => a[field] === b[field])
}

/** A time in ms as people write it. */
export const isoTime = (at: number): string =>
  Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().replace('.000Z', 'Z') : String(at)
