import type { Cron } from './cron.ts'
import { cronOf } from './cron.ts'
import { PipelineError } from './errors.ts'
import type { Dimension, Dimensions, Unit, Window } from './partition.ts'
import type { Ticks } from './ticks.ts'
import { ticksOf } from './ticks.ts'
import type { Zone } from './zone.ts'
import { zoneOf } from './zone.ts'

/** Windows of time, one after another without a gap: each lasts from a tick of `cron` to the next. */
export interface TimeDimension<U extends Unit = Unit> extends Dimension<Window<U>> {
  readonly kind: 'time'
  readonly unit: U
  readonly cron: string
  readonly timezone: string
  /** How many windows exist: those that have ended at `now`, and `endOffset` more or less; none that ends after `until`. */
  count(now: Date): number
  /** Start in ms of the window numbered `index`, also before `since` and after `until`. Throws `partition.too-far`. */
  startOf(index: number): number
  /** The number of the first window that starts at or after `ms`. Throws `partition.too-far`. */
  indexAtOrAfter(ms: number): number
}

export interface WindowOptions {
  /** The first window is the first that starts at or after this time of the zone: `2024-01`, `2024-01-31`, `2024-01-31T23` or `2024-01-31T23:15`. */
  readonly since: string
  /** No window ends after this time of the zone. */
  readonly until?: string
  /** IANA name; `UTC` if absent. */
  readonly timezone?: string
  /** Windows beyond the last complete one; 1 admits the window that contains `now`, -1 leaves out the last complete one. */
  readonly endOffset?: number
}
export interface HourOptions extends WindowOptions {
  /** Minutes after the full hour at which a window starts. */
  readonly minuteOffset?: number
}
export interface DayOptions extends HourOptions {
  /** Hours after midnight at which a window starts. */
  readonly hourOffset?: number
}
export interface WeekOptions extends DayOptions {
  /** The weekday on which a window starts: 0, Sunday, if absent. */
  readonly dayOffset?: number
}
export interface MonthOptions extends DayOptions {
  /** The day of the month on which a window starts, 1 if absent; months without such a day are part of the window before. */
  readonly dayOffset?: number
}
export interface CronOptions extends WindowOptions {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
}

/** Hours. Where clocks are put back, the hour that comes twice is two windows; one that is skipped is none. */
export const hourly = (options: HourOptions) => timeDimension('hour', `${options.minuteOffset ?? 0} * * * *`, options)
/** Days of the zone's calendar, of 23 or 25 hours where clocks change. */
export const daily = (options: DayOptions) => timeDimension('day', `${clockOf(options)} * * *`, options)
/** Weeks, from Sunday unless `dayOffset` says otherwise. */
export const weekly = (options: WeekOptions) =>
  timeDimension('week', `${clockOf(options)} * * ${options.dayOffset ?? 0}`, options)
/** Calendar months. */
export const monthly = (options: MonthOptions) =>
  timeDimension('month', `${clockOf(options)} ${options.dayOffset ?? 1} * *`, options)
/** Windows from each tick of a cron expression to the next. */
export const windows = (options: CronOptions) => timeDimension('custom', options.cron, options)

const clockOf = ({ minuteOffset = 0, hourOffset = 0 }: DayOptions) => `${minuteOffset} ${hourOffset}`

const lengths = { month: 7, day: 10, hour: 13, minute: 16 } as const

/** What a window of each unit is called, and how many digits of its local start name it. */
const units = {
  hour: { noun: 'hour', length: lengths.hour, example: '2024-01-31T23' },
  day: { noun: 'day', length: lengths.day, example: '2024-01-31' },
  week: { noun: 'week', length: lengths.day, example: '2024-01-28' },
  month: { noun: 'month', length: lengths.month, example: '2024-01' },
  custom: { noun: 'time', length: lengths.minute, example: '2024-01-31T11:00' },
} as const satisfies Record<Unit, { noun: string; length: number; example: string }>

/** Keys whose windows are remembered. */
const mostRead = 4_096

function timeDimension<U extends Unit>(unit: U, text: string, options: WindowOptions): TimeDimension<U> {
  const cron = cronOf(text, options.timezone ?? 'UTC')
  const zone = zoneOf(cron.timezone)
  const ticks = ticksOf(cron, parseTime(zone, options.since, anyTime(zone)))
  const most = options.until === undefined ? undefined : endedBy(ticks, parseTime(zone, options.until, anyTime(zone)))
  const endOffset = options.endOffset ?? 0
  const form = formOf(unit, cron, zone)
  const at = (index: number): Window<U> => ({
    unit,
    start: new Date(ticks.at(index)),
    end: new Date(ticks.at(index + 1)),
  })
  /** Keys that were read of late: the assets of a chain read the same ones shortly after each other. */
  const read = new Map<string, number>()
  const windowAt = (text: string) => ticks.indexAtOrAfter(parseTime(zone, text, form))
  const encode = ({ start }: Window<U>): string => {
    const ms = start.getTime()
    if (zone.isUtc) return isoOf(ms).slice(0, form.length)
    const { offset, start: changed } = zone.stretchAt(ms)
    const local = isoOf(ms + offset)
    const short = local.slice(0, form.length)
    // Where clocks have not changed for longer than a month, the usual name can mean nothing else.
    if (ms - changed > 32 * 86_400_000 || ticks.at(windowAt(short)) === ms) return short
    // Clocks show this hour or time twice, and this is the second; or they were put forward into the next date.
    const exact = form.length < lengths.hour ? local.slice(0, lengths.minute) : short
    return exact !== short && ticks.at(windowAt(exact)) === ms ? exact : exact + offsetText(offset)
  }
  return {
    kind: 'time',
    unit,
    cron: text,
    timezone: cron.timezone,
    count(now) {
      const ended = endedBy(ticks, now.getTime())
      // Windows ahead are counted from `since` when nothing has ended yet, so that the first ones may exist before it.
      const open = Math.max(0, endOffset > 0 ? Math.max(0, ended) + endOffset : ended + endOffset)
      return most === undefined ? open : Math.min(open, Math.max(0, most))
    },
    startOf: ticks.at,
    indexAtOrAfter: ticks.indexAtOrAfter,
    at,
    indexOf({ start }) {
      const index = ticks.indexAtOrAfter(start.getTime())
      return ticks.at(index) === start.getTime() ? index : index - 1
    },
    encode,
    decode(text) {
      const known = read.get(text)
      if (known !== undefined) return at(known)
      const index = windowAt(text)
      const window = at(index)
      // A longer name than usual is a name only where the usual one means another window.
      if (text.length !== form.length && encode(window) !== text) {
        throw new PipelineError('partition.malformed', { key: text, expected: form.expected })
      }
      if (read.size >= mostRead) read.clear()
      read.set(text, index)
      return window
    },
  }
}

/** How many windows from the first have ended by `ms`; negative before the first starts. */
const endedBy = (ticks: Ticks, ms: number): number => ticks.indexAtOrAfter(ms + 1) - 1

interface Form {
  /** Digits of an ISO time that a text must have; any of `lengths` if absent. */
  readonly length?: number
  readonly expected: string
}

const anyTime = (zone: Zone): Form => ({
  expected: `a time of ${zone.name}, e.g. "2024-01", "2024-01-31", "2024-01-31T23" or "2024-01-31T23:15"`,
})

function formOf(unit: Unit, cron: Cron, zone: Zone): Form & { readonly length: number } {
  const { noun, length, example } = units[unit]
  const minute = cron.text.split(' ')[0]!.padStart(2, '0')
  const onTheHour = unit !== 'hour' || minute === '00'
  const what = zone.isUtc ? `a UTC ${noun}` : `a local ${noun} of ${zone.name}`
  return {
    length: onTheHour ? length : lengths.minute,
    expected: `${what}, e.g. "${onTheHour ? example : `${example}:${minute}`}"`,
  }
}

const padding = '0000-01-01T00:00:00.000Z'
const withOffset = /^(.{13}|.{16})([+-])(\d\d)(\d\d)(\d\d)?$/

/** The instant of a local time, written down to the month, day, hour or minute; `-0600` behind it picks one of two. */
function parseTime(zone: Zone, text: string, form: Form): number {
  const [, named, sign, hours, minutes, seconds = 0] = withOffset.exec(text) ?? []
  const digits = named ?? text
  const start = new Date(digits + padding.slice(digits.length))
  const fits =
    digits.length === form.length ||
    // Longer names are needed where the usual one would be ambiguous.
    (digits.length === lengths.minute && !zone.isUtc) ||
    (form.length === undefined && Object.values<number>(lengths).includes(digits.length))
  // `2024-02-31` parses as March in some engines and as invalid in others: it must read back as it was written.
  if (!fits || Number.isNaN(start.getTime()) || !start.toISOString().startsWith(digits)) {
    throw new PipelineError('partition.malformed', { key: text, expected: form.expected })
  }
  if (named === undefined) return zone.instantOf(start.getTime(), 'first')
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000
  const ms = start.getTime() - (sign === '-' ? -size : size)
  if (zone.stretchAt(ms).offset !== start.getTime() - ms) {
    throw new PipelineError('partition.malformed', {
      key: text,
      expected: `${form.expected}, with its offset from UTC`,
    })
  }
  return ms
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

function offsetText(offset: number): string {
  const size = Math.abs(offset) / 1_000
  const parts = [Math.floor(size / 3_600), Math.floor(size / 60) % 60, ...(size % 60 ? [size % 60] : [])]
  return (offset < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join('')
}

/** When a schedule runs the windows it is made for; what is left out is as the windows themselves start. */
export interface ScheduleTime {
  readonly minuteOfHour?: number
  readonly hourOfDay?: number
  readonly dayOfWeek?: number
  readonly dayOfMonth?: number
}

const fieldsOf = {
  hour: ['minuteOfHour'],
  day: ['minuteOfHour', 'hourOfDay'],
  week: ['minuteOfHour', 'hourOfDay', 'dayOfWeek'],
  month: ['minuteOfHour', 'hourOfDay', 'dayOfMonth'],
  custom: [],
} as const satisfies Record<Unit, readonly (keyof ScheduleTime)[]>
const positions = { minuteOfHour: 0, hourOfDay: 1, dayOfMonth: 2, dayOfWeek: 4 } as const

/**
 * Cron and time zone of a schedule that runs once a window, as soon as it is complete or at a later `time`: for
 * `defineSchedule({ …, ...oncePerWindow(asset.partitions) })`. Throws `schedule.time-missing` and `schedule.time-misfit`.
 */
export function oncePerWindow(
  dimensions: Dimensions,
  time: ScheduleTime = {},
): { readonly cron: string; readonly timezone: string } {
  const axis = Object.values(dimensions).find(({ kind }) => kind === 'time') as TimeDimension | undefined
  if (!axis) {
    const names = Object.keys(dimensions).map((name) => `"${name}"`)
    throw new PipelineError('schedule.time-missing', { dimensions: names.join(', ') || 'none' })
  }
  const fields = axis.cron.split(/\s+/)
  for (const [option, value] of Object.entries(time) as [keyof ScheduleTime, number | undefined][]) {
    if (value === undefined) continue
    if (!(fieldsOf[axis.unit] as readonly string[]).includes(option)) {
      throw new PipelineError('schedule.time-misfit', { windows: units[axis.unit].noun, option })
    }
    fields[positions[option]] = String(value)
  }
  return { cron: fields.join(' '), timezone: axis.timezone }
}
