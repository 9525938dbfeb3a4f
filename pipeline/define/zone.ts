import { PipelineError } from './errors.ts'
import { nearest } from './nearest.ts'

/** A span of instants, `end` not in it, during which a zone's clocks are `offset` ms ahead of UTC. */
export interface Stretch {
  readonly start: number
  readonly end: number
  readonly offset: number
  /** The offset right before `start` and the one from `end` on: equal to `offset` where no clock changes. */
  readonly before: number
  readonly after: number
}

/** The clocks of one IANA time zone. A local time is the ms that a clock set to UTC would show as the same digits. */
export interface Zone {
  readonly name: string
  readonly isUtc: boolean
  stretchAt(ms: number): Stretch
  /** When clocks show `local`: at the first or second time if they do twice; if never, the first instant after the gap. */
  instantOf(local: number, pass: 'first' | 'second'): number
}

const day = 86_400_000
const zones = new Map<string, Zone>()

/** The zone of this name, or of the one it is a link to. Throws `timezone.unknown`. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const zone = zoneWith(name, formatterOf(name))
  zones.set(name, zone)
  return zone
}

function formatterOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  } catch {
    const near = nearest(name, Intl.supportedValuesOf('timeZone'))
    throw new PipelineError('timezone.unknown', { timezone: name, near })
  }
}

function zoneWith(name: string, formatter: Intl.DateTimeFormat): Zone {
  const isUtc = formatter.resolvedOptions().timeZone === 'UTC'
  const everything = { start: -Infinity, end: Infinity, offset: 0, before: 0, after: 0 }
  const stretchAt = isUtc ? () => everything : stretchesOf((ms) => parseOffset(formatter.format(ms)))
  return { name, isUtc, stretchAt, instantOf: (local, pass) => instantOf(stretchAt, local, pass) }
}

/** Reads the end of `11/7/2021, GMT-06:00`; Greenwich itself is `GMT`, and old offsets have seconds. */
function parseOffset(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text
    .slice(text.indexOf('GMT') + 4)
    .split(':')
    .map(Number)
  const size = ((hours * 60 + minutes) * 60 + seconds) * 1000
  return text.includes('GMT-') ? -size : size
}

/**
 * Asking Intl costs microseconds, so a block of some thirteen months is asked once, every four days, and the changes
 * found are narrowed to the ms. No zone has ever changed its clocks and changed them back within four days.
 */
const sampleMs = 4 * day
const blockMs = 100 * sampleMs

function stretchesOf(offsetAt: (ms: number) => number): (ms: number) => Stretch {
  const blocks = new Map<number, readonly Stretch[]>()
  let last: Stretch | undefined
  return (ms) => {
    if (last && ms >= last.start && ms < last.end) return last
    const number = Math.floor(ms / blockMs)
    let block = blocks.get(number)
    if (!block) {
      block = stretchesIn(number * blockMs, offsetAt)
      blocks.set(number, block)
    }
    last = block.find(({ end }) => ms < end)!
    return last
  }
}

function stretchesIn(start: number, offsetAt: (ms: number) => number): readonly Stretch[] {
  const changes = [start]
  const offsets = [offsetAt(start)]
  for (let ms = start + sampleMs; ms <= start + blockMs; ms += sampleMs) {
    const offset = offsetAt(ms)
    if (offset === offsets.at(-1)) continue
    changes.push(changeBetween(ms - sampleMs, ms, offsetAt))
    offsets.push(offset)
  }
  const end = start + blockMs
  // A change on the very border is the border's, and the next block's stretch begins with it.
  const inside = changes.filter((ms) => ms < end)
  const after = offsetAt(end)
  const before = offsetAt(start - 1)
  return inside.map((ms, index) => ({
    start: ms,
    end: inside[index + 1] ?? end,
    offset: offsets[index]!,
    before: offsets[index - 1] ?? before,
    after: index + 1 < inside.length ? offsets[index + 1]! : after,
  }))
}

/** The first ms of (`low`, `high`] that has the offset of `high`. */
function changeBetween(low: number, high: number, offsetAt: (ms: number) => number): number {
  const offset = offsetAt(high)
  let [before, from] = [low, high]
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (offsetAt(middle) === offset) from = middle
    else before = middle
  }
  return from
}

function instantOf(stretchAt: (ms: number) => Stretch, local: number, pass: 'first' | 'second'): number {
  let offset = stretchAt(local).offset
  let stretch = stretchAt(local - offset)
  if (stretch.offset !== offset) {
    const other = stretchAt(local - stretch.offset)
    if (other.offset !== stretch.offset) return gapEnd(stretchAt, stretch.start > other.start ? stretch : other)
    offset = stretch.offset
    stretch = other
  }
  if (pass === 'second' && stretch.after < offset && local >= stretch.end + stretch.after) return local - stretch.after
  if (pass === 'first' && stretch.before > offset && local < stretch.start + stretch.before) {
    return local - stretch.before
  }
  return local - offset
}

/** Where clocks were last put forward before or in `stretch`, which may begin at the border of a block instead. */
function gapEnd(stretchAt: (ms: number) => Stretch, stretch: Stretch): number {
  return stretch.before === stretch.offset ? gapEnd(stretchAt, stretchAt(stretch.start - 1)) : stretch.start
}
