/** Between the words of the case tables and ours: definitions of partitions, keys, instants. */
import type { Dimension, Dimensions, PartitionKey, TimeDimension, Window } from '#pipeline'
import { daily, hourly, keyed, keyOf, monthly, partitionOf, weekly, windows } from '#pipeline'
import { zoneOf } from '../../pipeline/define/zone.ts'

/** `daily | hourly | weekly | monthly | timeWindow | static | dynamic | multi`, as the tables write it. */
export type Definition = Readonly<Record<string, any>>
/** Text of one dimension, values by dimension for `multi`, null for an asset that is not cut. */
export type CaseKey = string | Readonly<Record<string, string>> | null

/** The name of the only dimension of an asset that is not `multi`: the same for all, so that equal partitions meet. */
export const single = 'partition'

/** All dimensions of an asset; none if it is not partitioned. Dynamic keys are those that the case says exist. */
export function dimensionsOf(definition: Definition | null | undefined): Dimensions {
  if (!definition) return {}
  if (definition.type !== 'multi') return { [single]: dimensionOf(definition) }
  const names = Object.keys(definition.dimensions)
  return Object.fromEntries(names.map((name) => [name, dimensionOf(definition.dimensions[name])]))
}

/** One dimension. Throws what ours throws for a definition that is refused. */
export function dimensionOf(definition: Definition): Dimension<any> {
  if (definition.type === 'static' || definition.type === 'dynamic') return keyed(definition.keys ?? [])
  return timeOf(definition)
}

/** A time dimension. Throws what ours throws for a definition that is refused. */
export function timeOf(definition: Definition): TimeDimension {
  const { start, end, timezone, endOffset, minuteOffset, hourOffset, dayOffset } = definition
  const given = { timezone, endOffset, minuteOffset, hourOffset, dayOffset }
  const options = {
    since: localText(definition, start),
    ...(end == null ? {} : { until: localText(definition, end) }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)),
  }
  switch (definition.type) {
    case 'hourly':
      return hourly(options)
    case 'daily':
      return daily(options)
    case 'weekly':
      return weekly(options)
    case 'monthly':
      return monthly(options)
    case 'timeWindow':
      return windows({ cron: definition.cron, ...options })
    default:
      throw new Error(`the case tables have a definition of a new type: ${definition.type}`)
  }
}

/** Our key of a case's: of a whole partition. */
export function keyFrom(definition: Definition | null | undefined, key: CaseKey): PartitionKey {
  const dimensions = dimensionsOf(definition)
  const parts = Object.entries(dimensions).map(([name, dimension]) => {
    const text = definition!.type === 'multi' ? (key as Readonly<Record<string, string>>)[name]! : (key as string)
    return [name, dimension.decode(textFrom(partOf(definition!, name), text))]
  })
  return keyOf(dimensions, Object.fromEntries(parts))
}

/** A case's key of ours: of a whole partition. */
export function caseKeyOf(definition: Definition | null | undefined, key: PartitionKey): CaseKey {
  if (!definition) return null
  const partition = partitionOf(dimensionsOf(definition), key) as Readonly<Record<string, unknown>>
  const texts = Object.entries(partition).map(([name, value]) => [name, caseTextOf(partOf(definition, name), value)])
  const named = Object.fromEntries(texts)
  return definition.type === 'multi' ? named : named[single]
}

/** What our `decode` is given for a case's key of one dimension; a text that does not fit the case's format as it is. */
export function textFrom(definition: Definition, text: string): string {
  if (!isTime(definition)) return encodeURIComponent(text)
  const fields = parsed(formatOf(definition), text)
  if (!fields) return text
  const dimension = timeOf(definition)
  const zone = zoneOf(dimension.timezone)
  const local = Date.parse(`${fields.date}:00Z`)
  const pass = fields.suffix === '_POST_DST_TRANSITION' ? 'second' : 'first'
  const offset = /^[+-]\d{4}$/.test(fields.suffix) ? offsetOf(fields.suffix) : undefined
  const start = offset === undefined ? zone.instantOf(local, pass) : local - offset
  // Our forms are shorter: where theirs says more than ours can, the window that it leads to is named.
  const length = dimension.encode(dimension.at(0)).length
  const says = fields.suffix === '' && fields.date.slice(length) === '0000-01-01T00:00'.slice(length)
  return says ? fields.date.slice(0, length) : dimension.encode(dimension.at(dimension.indexAtOrAfter(start)))
}

/** A case's text of a value of one dimension. */
export function caseTextOf(definition: Definition, value: unknown): string {
  if (!isTime(definition)) return value as string
  const dimension = timeOf(definition)
  const start = (value as Window).start.getTime()
  const local = new Date(start + zoneOf(dimension.timezone).stretchAt(start).offset).toISOString()
  const suffix = /T[\d:]+([+-]\d{4})$/.exec(dimension.encode(value as Window))?.[1] ?? ''
  return (
    formatOf(definition).replace(/%[YmdHMS]/g, (code) => local.slice(...digits[code as keyof typeof digits])) + suffix
  )
}

/** An instant of a case: with an offset, or local to `timezone`. */
export function instantOf(text: string, timezone = 'UTC'): Date {
  const whole = text.length === 10 ? `${text}T00:00:00` : text
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(whole.slice(10))) return new Date(whole)
  return new Date(zoneOf(timezone).instantOf(Date.parse(`${whole}Z`), 'first'))
}

export const isTime = ({ type }: Definition): boolean => type !== 'static' && type !== 'dynamic' && type !== 'multi'

const partOf = (definition: Definition, name: string): Definition =>
  definition.type === 'multi' ? definition.dimensions[name] : definition

const formatOf = (definition: Definition): string =>
  definition.fmt ?? (definition.type === 'hourly' ? '%Y-%m-%d-%H:%M' : '%Y-%m-%d')

const digits = { '%Y': [0, 4], '%m': [5, 7], '%d': [8, 10], '%H': [11, 13], '%M': [14, 16], '%S': [17, 19] } as const

const offsetOf = (text: string): number =>
  Number(`${text[0]}1`) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(3, 5))) * 60_000

/** The start of a window in our longest form, and what follows it. */
function localText(definition: Definition, text: string): string {
  const fields = parsed(formatOf(definition), text) ?? parsed('%Y-%m-%d-%H:%M', text) ?? parsed('%Y-%m-%d', text)
  return fields?.date ?? text
}

function parsed(format: string, text: string): { date: string; suffix: string } | undefined {
  const escaped = format.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const groups = { '%Y': 'Y', '%m': 'm', '%d': 'd', '%H': 'H', '%M': 'M', '%S': 'S' } as const
  const pattern = escaped.replace(/%[YmdHMS]/g, (code) => `(?<${groups[code as keyof typeof groups]}>\\d+)`)
  const found = new RegExp(`^${pattern}(?<suffix>[+-]\\d{4}|_POST_DST_TRANSITION|)$`).exec(text)?.groups
  if (!found) return undefined
  const { Y = '', m = '1', d = '1', H = '0', M = '0', suffix = '' } = found
  const two = (part: string) => part.padStart(2, '0')
  return { date: `${Y}-${two(m)}-${two(d)}T${two(H)}:${two(M)}`, suffix }
}
