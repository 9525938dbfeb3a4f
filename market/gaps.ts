/** Holes in a series of open times. Whether a hole is a loss, a stop or just no trade is decided elsewhere. */

import { alignUp, type Interval, intervalMs } from './interval.ts'

/** Open times in `[from, to)` (ms) that are not there. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly missing: number
}

/** The holes of a sorted series within `[start, end)`. Open times outside that span are not looked at. */
export function gapsOf(
  openTimes: Iterable<number>,
  span: { readonly start: number; readonly end: number; readonly interval: Interval },
): readonly Gap[] {
  const step = intervalMs(span.interval)
  const end = alignUp(span.end, span.interval)
  const gaps: Gap[] = []
  let expected = alignUp(span.start, span.interval)
  for (const at of openTimes) {
    if (at < expected) continue
    if (at >= end) break
    if (at > expected) gaps.push(gap(expected, at, step))
    expected = at + step
  }
  if (expected < end) gaps.push(gap(expected, end, step))
  return gaps
}

/** Joins gaps that touch or overlap, so that one hole over many partitions is one gap. Sorted by time. */
export function mergeGaps(gaps: Iterable<Gap>): readonly Gap[] {
  const merged: Gap[] = []
  for (const next of [...gaps].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && next.from <= last.to) merged[merged.length - 1] = joined(last, next)
    else merged.push(next)
  }
  return merged
}

function joined(a: Gap, b: Gap): Gap {
  if (b.to <= a.to) return a
  const step = (b.to - b.from) / b.missing
  return { from: a.from, to: b.to, missing: a.missing + (b.to - a.to) / step }
}

const gap = (from: number, to: number, step: number): Gap => ({ from, to, missing: (to - from) / step })
