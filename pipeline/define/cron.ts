import type { CronPattern } from './cron-pattern.ts'
import { parseCron } from './cron-pattern.ts'
import type { Zone } from './zone.ts'
import { zoneOf } from './zone.ts'

/**
 * The instants at which a cron expression ticks in a time zone.
 *
 * With `*` for the hour it ticks at every instant whose local time matches: twice in an hour that clocks show twice, never
 * in one they skip. Otherwise it ticks once for each matching local time: for one that clocks show twice at the second,
 * for one they skip at the first instant after the gap.
 */
export interface Cron {
  readonly text: string
  readonly timezone: string
  /** The first tick at or after `ms`; none only where dates end. */
  atOrAfter(ms: number): number | undefined
  /** The last tick at or before `ms`. */
  atOrBefore(ms: number): number | undefined
  /** The shortest time between two neighbouring ticks in ms, as found in the years 2020 to 2028. */
  smallestInterval(): number
  /** The time between any two neighbouring ticks in ms, if it is always the same. */
  readonly step: number | undefined
}

const minute = 60_000
const day = 86_400_000
/** 29 February may be eight years away. */
const mostDays = 9 * 366

/** Throws `cron.malformed` and `timezone.unknown`. */
export function cronOf(text: string, timezone: string): Cron {
  const pattern = parseCron(text)
  const zone = zoneOf(timezone)
  const localAfter = localSearch(pattern, 1)
  const localBefore = localSearch(pattern, -1)
  const atOrAfter = pattern.everyHour ? passingAfter(zone, localAfter) : shownAfter(zone, localAfter)
  const atOrBefore = pattern.everyHour ? passingBefore(zone, localBefore) : shownBefore(zone, localBefore)
  let smallest: number | undefined
  return {
    text,
    timezone,
    atOrAfter,
    atOrBefore,
    smallestInterval() {
      smallest ??= shortestIn(atOrAfter, pattern.times.length > 24)
      return smallest
    },
    step: zone.isUtc ? stepOf(pattern) : undefined,
  }
}

/** The ticks of (`after`, `until`], oldest first, at most `most` of them. */
export function ticksBetween(cron: Pick<Cron, 'atOrAfter'>, after: number, until: number, most: number): number[] {
  const ticks: number[] = []
  let tick = cron.atOrAfter(after + 1)
  while (tick !== undefined && tick <= until && ticks.length < most) {
    ticks.push(tick)
    tick = cron.atOrAfter(tick + 1)
  }
  return ticks
}

type Search = (ms: number) => number | undefined

/** The matching local time nearest to a local time, itself included: the first after it, or the last before it. */
function localSearch({ times, onDay }: CronPattern, direction: 1 | -1): Search {
  // For each minute of the day, the matching one nearest to it in this direction, or -1.
  const nearest = new Int16Array(1442).fill(-1)
  const inOrder = direction === 1 ? times.toReversed() : times
  for (const time of inOrder) {
    if (direction === 1) nearest.fill(time, 0, time + 1)
    else nearest.fill(time, time)
  }
  const first = direction === 1 ? times[0]! : times.at(-1)!
  return (local) => {
    let date = Math.floor(local / day)
    const clock = (local - date * day) / minute
    const time = nearest[direction === 1 ? Math.ceil(clock) : Math.floor(clock)]!
    if (time >= 0 && onDay(date)) return date * day + time * minute
    for (let tried = 0; tried < mostDays; tried++) {
      date += direction
      if (onDay(date)) return date * day + first * minute
    }
    return undefined
  }
}

function passingAfter(zone: Zone, localAfter: Search): Search {
  return (ms) => {
    let from = ms
    for (;;) {
      const { offset, end } = zone.stretchAt(from)
      const local = localAfter(from + offset)
      if (local === undefined) return undefined
      if (local - offset < end) return local - offset
      from = end
    }
  }
}

function passingBefore(zone: Zone, localBefore: Search): Search {
  return (ms) => {
    let from = ms
    for (;;) {
      const { offset, start } = zone.stretchAt(from)
      const local = localBefore(from + offset)
      if (local === undefined) return undefined
      if (local - offset >= start) return local - offset
      from = start - 1
    }
  }
}

// A later local time never ticks earlier, so the search runs over local times and only its end is made an instant.

function shownAfter(zone: Zone, localAfter: Search): Search {
  return (ms) => {
    const { start, end, offset, before, after } = zone.stretchAt(ms)
    let local = ms + offset
    if (after < offset && local >= end + after) local = end + after
    else if (ms === start && before < offset) local = start + before
    const found = localAfter(local)
    return found === undefined ? undefined : zone.instantOf(found, 'second')
  }
}

function shownBefore(zone: Zone, localBefore: Search): Search {
  return (ms) => {
    const { end, offset, after } = zone.stretchAt(ms)
    const local = after < offset ? Math.min(ms + offset, end + after - 1) : ms + offset
    const found = localBefore(local)
    return found === undefined ? undefined : zone.instantOf(found, 'second')
  }
}

/** Many ticks a day show their shortest interval within a year; few may need the next leap day. */
function shortestIn(atOrAfter: Search, dense: boolean): number {
  const end = Date.UTC(dense ? 2025 : 2029, 0)
  let shortest = Number.POSITIVE_INFINITY
  let tick = atOrAfter(Date.UTC(dense ? 2024 : 2020, 0))
  while (tick !== undefined && tick < end) {
    const next = atOrAfter(tick + 1)
    if (next === undefined) break
    shortest = Math.min(shortest, next - tick)
    tick = next
  }
  return shortest
}

function stepOf({ times, days }: CronPattern): number | undefined {
  if (days === 'by date') return undefined
  if (days !== 'every') return days.length === 1 && times.length === 1 ? 7 * day : undefined
  const step = 1440 / times.length
  return times.every((time, index) => time === times[0]! + index * step) ? step * minute : undefined
}
