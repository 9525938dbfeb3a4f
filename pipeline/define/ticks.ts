import type { Cron } from './cron.ts'
import { PipelineError } from './errors.ts'

/** The ticks of a cron, numbered: 0 is the first at or after some instant, -1 the one before it. */
export interface Ticks {
  at(index: number): number
  /** The number of the first tick at or after `ms`. */
  indexAtOrAfter(ms: number): number
}

/** Sixteen years of minutes, or nine centuries of hours: 64 MB. */
const most = 2 ** 23

/** Numbers the ticks of `cron` from the first at or after `since`. Both functions throw `partition.too-far`. */
export function ticksOf(cron: Cron, since: number): Ticks {
  const first = cron.atOrAfter(since)
  if (first === undefined) throw tooFar(since, since)
  if (cron.step !== undefined) return evenTicks(first, cron.step)
  const later = growing(first, 1, (tick) => cron.atOrAfter(tick + 1))
  // Backwards is forwards on negated instants.
  const before = cron.atOrBefore(first - 1)
  if (before === undefined) throw tooFar(since, since)
  const earlier = growing(-before, -1, (tick) => negated(cron.atOrBefore(-tick - 1)))
  return {
    at: (index) => (index >= 0 ? later.at(index) : -earlier.at(-index - 1)),
    indexAtOrAfter: (ms) => (ms >= first ? later.countBefore(ms) : -earlier.countBefore(1 - ms) || 0),
  }
}

function evenTicks(first: number, step: number): Ticks {
  return {
    at: (index) => first + index * step,
    indexAtOrAfter: (ms) => Math.ceil((ms - first) / step) || 0,
  }
}

const negated = (value: number | undefined) => (value === undefined ? undefined : -value)

/** An ascending series of instants times `sign`, computed as far as anybody has asked. */
function growing(first: number, sign: 1 | -1, next: (value: number) => number | undefined) {
  let values = new Float64Array(64)
  let length = 1
  values[0] = first

  const add = (wanted: number) => {
    const value = length < most ? next(values[length - 1]!) : undefined
    if (value === undefined) throw tooFar(sign * wanted, sign * first)
    if (length === values.length) {
      const larger = new Float64Array(length * 2)
      larger.set(values)
      values = larger
    }
    values[length++] = value
  }
  /** Refuses what is hopelessly far before it costs anything, judging by the ticks known. */
  const checkReach = (wanted: number) => {
    while (length < 1_000 && values[length - 1]! < wanted) add(wanted)
    const mean = (values[length - 1]! - first) / (length - 1)
    if ((wanted - first) / mean > most) throw tooFar(sign * wanted, sign * first)
  }

  return {
    at(index: number): number {
      if (index >= most) throw tooFar(Number.POSITIVE_INFINITY, sign * first)
      while (length <= index) add(Number.POSITIVE_INFINITY)
      return values[index]!
    },
    /** How many values are smaller than `value`. */
    countBefore(value: number): number {
      if (values[length - 1]! < value) checkReach(value)
      while (values[length - 1]! < value) add(value)
      let [low, high] = [0, length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (values[middle]! < value) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}

function tooFar(wanted: number, first: number): PipelineError {
  const text = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'that window')
  return new PipelineError('partition.too-far', { time: text(wanted), since: text(first), most })
}
