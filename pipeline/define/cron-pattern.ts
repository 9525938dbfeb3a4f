import { PipelineError } from './errors.ts'

/** Which local times a cron expression means, in a calendar without time zones. */
export interface CronPattern {
  /** The hour field is `*`: every hour that passes counts, not every hour that clocks show. */
  readonly everyHour: boolean
  /** Minutes of the day, ascending. */
  readonly times: readonly number[]
  /** Whether the day numbered so since 1970-01-01 is meant. */
  onDay(day: number): boolean
  /** Weekdays if they alone say which days are meant, `every` if every day is. */
  readonly days: readonly number[] | 'every' | 'by date'
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const minute: Field = { name: 'minute', min: 0, max: 59, names: [] }
const hour: Field = { name: 'hour', min: 0, max: 23, names: [] }
const dayOfMonth: Field = { name: 'day of month', min: 1, max: 31, names: [] }
const month: Field = { name: 'month', min: 1, max: 12, names: months }
/** Sunday is 0 and 7. */
const dayOfWeek: Field = { name: 'day of week', min: 0, max: 7, names: weekdays }

const aliases = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
])

/** Reads five fields or an alias such as `@daily`. Throws `cron.malformed`. */
export function parseCron(cron: string): CronPattern {
  const fields = (aliases.get(cron.trim().toLowerCase()) ?? cron).trim().split(/\s+/)
  if (fields.length !== 5) {
    const expected = 'five (minute, hour, day of month, month, day of week) or an alias such as @daily'
    throw new PipelineError('cron.malformed', { cron, field: 'number of fields', expected, got: String(fields.length) })
  }
  const [minutes, hours, dates, inMonths, onWeekdays] = fields as [string, string, string, string, string]
  const wantedMinutes = valuesOf(cron, minute, minutes)
  const wantedHours = valuesOf(cron, hour, hours)
  return {
    everyHour: wantedHours.length === 24,
    times: wantedHours.flatMap((one) => wantedMinutes.map((each) => one * 60 + each)),
    ...daysOf(cron, dates, inMonths, onWeekdays),
  }
}

function daysOf(
  cron: string,
  dates: string,
  inMonths: string,
  onWeekdays: string,
): Pick<CronPattern, 'onDay' | 'days'> {
  const plain = dates.split(',').filter((part) => part.toUpperCase() !== 'L')
  const lastDay = plain.length < dates.split(',').length
  const wantedDates = plain.length > 0 ? valuesOf(cron, dayOfMonth, plain.join(',')) : []
  const wantedMonths = valuesOf(cron, month, inMonths)
  const wantedDays = [...new Set(valuesOf(cron, dayOfWeek, onWeekdays).map((value) => value % 7))]
  const anyDate = wantedDates.length === 31
  const anyMonth = wantedMonths.length === 12
  const anyWeekday = wantedDays.length === 7
  if (anyWeekday && !lastDay && !wantedMonths.some((one) => wantedDates[0]! <= longest[one - 1]!)) {
    const expected = 'a day of its month'
    throw new PipelineError('cron.malformed', { cron, field: dayOfMonth.name, expected, got: dates })
  }

  const onDate = (date: Date) => wantedDates.includes(date.getUTCDate()) || (lastDay && isLastOfMonth(date))
  const onWeekday = (date: Date) => wantedDays.includes(date.getUTCDay())
  return {
    onDay(day) {
      if (anyDate && anyWeekday && anyMonth) return true
      const date = new Date(day * 86_400_000)
      if (!wantedMonths.includes(date.getUTCMonth() + 1)) return false
      // Both restricted: either will do, as cron has always had it.
      return anyDate ? onWeekday(date) : onDate(date) || (!anyWeekday && onWeekday(date))
    },
    days: !anyDate || !anyMonth ? 'by date' : anyWeekday ? 'every' : wantedDays,
  }
}

/** The values one field allows, ascending: `*`, `5`, `1-5`, `MON-FRI`, `22-2` over the end, `*` or any of them with `/step`, lists. */
function valuesOf(cron: string, field: Field, text: string): readonly number[] {
  const values = new Set<number>()
  for (const part of text.split(',')) for (const value of rangeOf(cron, field, part)) values.add(value)
  return [...values].sort((a, b) => a - b)
}

function rangeOf(cron: string, field: Field, part: string): readonly number[] {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part)
  const step = Number(match?.[4] ?? 1)
  if (!match || step === 0) throw malformed(cron, field, part)
  const numberOf = (text: string) => {
    const named = field.names.indexOf(text.toUpperCase())
    const value = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= field.min && value <= field.max)) throw malformed(cron, field, part)
    return value
  }
  const from = match[1] ? field.min : numberOf(match[2]!)
  const to = match[3] ? numberOf(match[3]) : match[1] || match[4] ? lastOf(field) : from
  if (from <= to) return stepped(from, to, step)
  // Over the end: `FRI-MON`, `22-2`. One count of steps runs through it.
  const size = lastOf(field) - field.min + 1
  return stepped(from, to + size, step).map((value) => ((value - field.min) % size) + field.min)
}

/** Sunday's second number is for writing, not for counting. */
const lastOf = (field: Field) => (field === dayOfWeek ? 6 : field.max)

const stepped = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)

function malformed(cron: string, field: Field, got: string): PipelineError {
  const named = field.names.length > 0 ? ` or ${field.names[0]} to ${field.names.at(-1)}` : ''
  const last = field === dayOfMonth ? ', L for the last' : ''
  const expected = `${field.min} to ${field.max}${named}${last}, with - , */ between them`
  return new PipelineError('cron.malformed', { cron, field: field.name, expected, got })
}

const isLastOfMonth = (date: Date): boolean =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)).getUTCDate() === 1
