import { PipelineError } from './errors.ts'
import { nearest } from './nearest.ts'
import type { Shown } from './types.ts'

declare const brand: unique symbol

/**
 * One slice of an asset as text, e.g. `date=2024-01-31/market=BTC-USDT`; empty for an asset that is not cut.
 * It is also the folder of the slice's files: disk, queue, store and screen share one name.
 */
export type PartitionKey = string & { readonly [brand]: 'PartitionKey' }

export type Unit = 'hour' | 'day' | 'week' | 'month' | 'custom'

/** A span of time. `start` is in it, `end` is not. */
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
  /** The name under which the store keeps its keys, if it does. */
  readonly dynamic?: string
  /** The dimension with the keys it has at some instant, for those whose keys are kept in the store. */
  resolve?(keys: Readonly<Record<string, readonly string[]>>): Dimension<T>
}

export type Dimensions = Readonly<Record<string, Dimension<any>>>

/** `{ day: Dimension<Window<'day'>> }` becomes `{ day: Window<'day'> }`. */
export type PartitionOf<D extends Dimensions> = Shown<{
  readonly [K in keyof D]: D[K] extends Dimension<infer T> ? T : never
}>

/**
 * A fixed list of keys, e.g. the markets we follow. Throws `partition.key-invalid` for one that is empty, too long, comes
 * twice, or would be read as a range.
 */
export function keyed<const T extends string>(keys: readonly T[]): Dimension<T> {
  const indexes = new Map(keys.map((key, index) => [key, index]))
  if (indexes.size < keys.length) {
    const key = keys.find((one, index) => indexes.get(one) !== index)!
    throw new PipelineError('partition.key-invalid', { key, why: 'it is in the list twice' })
  }
  for (const key of keys) refuseKey(key)
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
  if (parts.length !== names.length || !names.every((name, index) => parts[index]!.startsWith(`${name}=`))) {
    const expected = names.map((one) => `${one}=…`).join('/') || 'nothing, since it is not partitioned'
    throw new PipelineError('partition.malformed', { key, expected })
  }
  const entries = names.map((name, index) => [name, dimensions[name]!.decode(parts[index]!.slice(name.length + 1))])
  return Object.fromEntries(entries)
}

/** When a partition ends: the first of its windows of time that does; nothing if it has none. */
export function endOf(dimensions: Dimensions, partition: Readonly<Record<string, unknown>>): Date | undefined {
  const ends = Object.keys(dimensions)
    .filter((name) => dimensions[name]!.kind === 'time')
    .map((name) => (partition[name] as Window).end)
  return ends.sort((a, b) => a.getTime() - b.getTime())[0]
}

/** How many partitions exist at `now`, where dynamic dimensions have these keys. */
export function countAt(
  dimensions: Dimensions,
  now: Date,
  keys: Readonly<Record<string, readonly string[]>> = {},
): number {
  return Object.values(dimensions).reduce((product, dimension) => product * withKeys(dimension, keys).count(now), 1)
}

/** A dimension with the keys that it has now, if it is dynamic. */
export const withKeys = <T>(dimension: Dimension<T>, keys: Readonly<Record<string, readonly string[]>>): Dimension<T> =>
  dimension.resolve?.(keys) ?? dimension

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

const mostKeyLength = 200

/** Refuses what no key of any dimension may be. */
export function refuseKey(key: string): void {
  const why =
    key === ''
      ? 'it is empty'
      : key.length > mostKeyLength
        ? `it is longer than ${mostKeyLength} characters`
        : key.includes('..')
          ? 'two dots stand for a range'
          : /\p{Cc}/u.test(key)
            ? 'it has control characters'
            : undefined
  if (why !== undefined) throw new PipelineError('partition.key-invalid', { key, why })
}

/** A key as it was before it was encoded. Throws `partition.malformed`. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new PipelineError('partition.malformed', { key: text, expected: 'percent-encoded text' }, { cause })
  }
}
