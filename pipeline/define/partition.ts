import { PipelineError } from './errors.ts'
import { nearest } from './nearest.ts'
import type { Shown } from './types.ts'

declare const brand: unique symbol

/**
 * One slice of an asset as text, e.g. `date=2024-01-31/market=BTC-USDT`; empty for an asset that is not cut.
 * It is also the folder of the slice's files: disk, queue, store and screen share one name.
 */
export type PartitionKey = string & { readonly [brand]: 'PartitionKey' }

export type Unit = 'hour' | 'day' | 'month'

/** A span of UTC time. `start` is in it, `end` is not. */
export interface Window<U extends Unit = Unit> {
  readonly unit: U
  readonly start: Date
  readonly end: Date
}

/** One axis along which an asset is cut. Its values are numbered from 0, oldest first. */
export interface Dimension<T> {
  readonly kind: 'time' | 'keys'
  /** How many values exist at `now`: windows that are complete, plus `endOffset`. */
  count(now: Date): number
  /** The value numbered `index`, whether or not it exists yet. */
  at(index: number): T
  /** Its number; the inverse of `at`. */
  indexOf(value: T): number
  encode(value: T): string
  /** Throws `partition.malformed` or `partition.unknown-key`. */
  decode(text: string): T
  /** The dimension with the keys it has now, for those whose keys are kept in the store. */
  resolve?(keys: Readonly<Record<string, readonly string[]>>): Dimension<T>
}

/** A dimension of time windows, which follow one another without a gap. */
export interface TimeDimension<U extends Unit = Unit> extends Dimension<Window<U>> {
  readonly kind: 'time'
  /** ms; of any window, one that does not exist as well. */
  startOf(index: number): number
  /** The number of the first window that starts at or after `ms`. */
  indexAtOrAfter(ms: number): number
}

export type Dimensions = Readonly<Record<string, Dimension<any>>>

/** `{ day: Dimension<Window<'day'>> }` becomes `{ day: Window<'day'> }`. */
export type PartitionOf<D extends Dimensions> = Shown<{
  readonly [K in keyof D]: D[K] extends Dimension<infer T> ? T : never
}>

export interface WindowOptions {
  /** The first window, e.g. `2024-01-01` for days, `2024-01-01T00` for hours, `2024-01` for months. */
  readonly since: string
  /** Windows beyond the last complete one; 1 admits the window that contains `now`. */
  readonly endOffset?: number
}

/** Hours of UTC. */
export const hourly = (options: WindowOptions) => windows('hour', options)
/** Days of UTC. */
export const daily = (options: WindowOptions) => windows('day', options)
/** Calendar months of UTC. */
export const monthly = (options: WindowOptions) => windows('month', options)

/** A fixed list of keys, e.g. the markets we follow. */
export function keyed<const T extends string>(keys: readonly T[]): Dimension<T> {
  const indexes = new Map(keys.map((key, index) => [key, index]))
  return {
    kind: 'keys',
    count: () => keys.length,
    at: (index) => keys[index]!,
    indexOf: (value) => indexes.get(value) ?? -1,
    encode: encodeURIComponent,
    decode(text) {
      const key = decodeText(text) as T
      if (!indexes.has(key)) {
        const known = keys.length > 12 ? `${keys.slice(0, 12).join(', ')}, …` : keys.join(', ')
        throw new PipelineError('partition.unknown-key', { key, dimension: 'key', known, near: nearest(key, keys) })
      }
      return key
    },
  }
}

/** The text of a partition, its dimensions in the order of their declaration. */
export function keyOf<D extends Dimensions>(dimensions: D, partition: PartitionOf<D>): PartitionKey {
  const values = partition as Record<string, unknown>
  let key = ''
  for (const name in dimensions) key += `${key && '/'}${name}=${dimensions[name]!.encode(values[name])}`
  return key as PartitionKey
}

/** Inverse of `keyOf`. Throws `partition.malformed`. */
export function partitionOf<D extends Dimensions>(dimensions: D, key: string): PartitionOf<D> {
  const names = Object.keys(dimensions)
  const parts = key === '' ? [] : key.split('/')
  const entries = names.map((name, index) => {
    const part = parts[index]
    if (parts.length !== names.length || !part?.startsWith(`${name}=`)) {
      throw new PipelineError('partition.malformed', { key, expected: names.map((one) => `${one}=…`).join('/') })
    }
    return [name, dimensions[name]!.decode(part.slice(name.length + 1))]
  })
  return Object.fromEntries(entries)
}

/** How many partitions exist at `now`. */
export function countAt(dimensions: Dimensions, now: Date): number {
  return Object.values(dimensions).reduce((product, dimension) => product * dimension.count(now), 1)
}

/** Every partition that exists at `now`: the product of its dimensions, the first varying slowest. */
export function partitionsAt<D extends Dimensions>(dimensions: D, now: Date): PartitionOf<D>[] {
  let partitions: Record<string, unknown>[] = [{}]
  for (const [name, dimension] of Object.entries(dimensions)) {
    const values = valuesAt(dimension, now)
    partitions = partitions.flatMap((partition) => values.map((value) => ({ ...partition, [name]: value })))
  }
  return partitions as PartitionOf<D>[]
}

/** The values of one dimension that exist at `now`, oldest first. */
export function valuesAt<T>(dimension: Dimension<T>, now: Date): T[] {
  return Array.from({ length: dimension.count(now) }, (_, index) => dimension.at(index))
}

const hour = 3_600_000

interface UnitRule {
  /** Digits of an ISO time that name a window: `2024-01`, `2024-01-31`, `2024-01-31T23`. */
  readonly digits: number
  readonly example: string
  toOrdinal(start: Date): number
  fromOrdinal(ordinal: number): Date
}

// An ordinal counts windows since 1970, so a window's neighbour is plus or minus one whatever its length.
const rules = {
  hour: {
    digits: 13,
    example: '2024-01-31T23',
    toOrdinal: (start) => Math.floor(start.getTime() / hour),
    fromOrdinal: (ordinal) => new Date(ordinal * hour),
  },
  day: {
    digits: 10,
    example: '2024-01-31',
    toOrdinal: (start) => Math.floor(start.getTime() / (24 * hour)),
    fromOrdinal: (ordinal) => new Date(ordinal * 24 * hour),
  },
  month: {
    digits: 7,
    example: '2024-01',
    toOrdinal: (start) => (start.getUTCFullYear() - 1970) * 12 + start.getUTCMonth(),
    fromOrdinal: (ordinal) => new Date(Date.UTC(1970, ordinal, 1)),
  },
} as const satisfies Record<Unit, UnitRule>

const padding = '0000-01-01T00:00:00.000Z'

function windows<U extends Unit>(unit: U, options: WindowOptions): TimeDimension<U> {
  const rule: UnitRule = rules[unit]
  const startOf = (text: string): Date => {
    const start = new Date(text + padding.slice(text.length))
    // `2024-02-31` parses as March in some engines and as invalid in others: it must read back as it was written.
    if (text.length !== rule.digits || Number.isNaN(start.getTime()) || !start.toISOString().startsWith(text)) {
      throw new PipelineError('partition.malformed', { key: text, expected: `a UTC ${unit}, e.g. "${rule.example}"` })
    }
    return start
  }
  const first = rule.toOrdinal(startOf(options.since))
  const window = (ordinal: number): Window<U> => ({
    unit,
    start: rule.fromOrdinal(ordinal),
    end: rule.fromOrdinal(ordinal + 1),
  })
  return {
    kind: 'time',
    count: (now) => Math.max(0, rule.toOrdinal(now) - first + (options.endOffset ?? 0)),
    at: (index) => window(first + index),
    indexOf: (value) => rule.toOrdinal(value.start) - first,
    startOf: (index) => rule.fromOrdinal(first + index).getTime(),
    indexAtOrAfter(ms) {
      const index = rule.toOrdinal(new Date(ms)) - first
      return rule.fromOrdinal(first + index).getTime() < ms ? index + 1 : index
    },
    encode: (value) => value.start.toISOString().slice(0, rule.digits),
    decode: (text) => window(rule.toOrdinal(startOf(text))),
  }
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new PipelineError('partition.malformed', { key: text, expected: 'percent-encoded text' }, { cause })
  }
}
