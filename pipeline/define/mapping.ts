import type { z } from 'zod'
import type { Dimension, Dimensions, PartitionKey, PartitionOf, Window } from './partition.ts'
import { keyOf } from './partition.ts'

/**
 * A thing that can be read by a downstream partition of type `P`.
 * `upstream` takes `P`, hence an asset cut by `{ market }` serves one cut by `{ day, market }` and not the reverse.
 */
export interface Dependency<P> {
  readonly name: string
  readonly output: z.ZodObject
  /** Absent or failed input does not stop the step; its metadata says what was absent. */
  readonly optional?: boolean
  /** Which partitions of the asset a downstream partition reads; those that can not exist are for the planner to refuse. */
  readonly upstream: (partition: P, now: Date) => readonly PartitionKey[]
}

export type AnyDependency = Dependency<any>

/** A dependency together with the dimensions its reader must have, so that mappings can be put into one another. */
interface Mapped<D extends Dimensions = Dimensions> {
  readonly name: string
  readonly output: z.ZodObject
  readonly partitions: D
  readonly upstream: (partition: any, now: Date) => readonly PartitionKey[]
}

/** Reads every value of one dimension, e.g. one day of all markets: `allOf(candles, 'market')`. */
export function allOf<A extends Mapped<any>, K extends keyof A['partitions'] & string>(asset: A, dimension: K) {
  const { [dimension]: axis, ...partitions } = asset.partitions as Record<string, Dimension<unknown>>
  return {
    name: asset.name as A['name'],
    output: asset.output as A['output'],
    partitions: partitions as Omit<A['partitions'], K>,
    upstream: (partition: PartitionOf<Omit<A['partitions'], K>>, now: Date): readonly PartitionKey[] =>
      Array.from({ length: axis!.count(now) }, (_, index) =>
        asset.upstream({ ...(partition as object), [dimension]: axis!.at(index) }, now),
      ).flat(),
  }
}

/**
 * Reads the fine windows inside one coarse window, e.g. the hours of a day: `within(trades, 'hour', 'day')`.
 * `coarse` is the name of the reader's dimension. Windows before the first or after the last existing one are left out.
 */
export function within<
  A extends Mapped<any>,
  Fine extends keyof A['partitions'] & string,
  const Coarse extends 'hour' | 'day' | 'date' | 'month',
>(asset: A, fine: Fine, coarse: Coarse) {
  type Reader = Omit<A['partitions'], Fine> & { readonly [K in Coarse]: Dimension<Window> }
  const { [fine]: axis, ...others } = asset.partitions as Record<string, Dimension<Window>>
  return {
    name: asset.name as A['name'],
    output: asset.output as A['output'],
    partitions: { ...others, [coarse]: axis } as unknown as Reader,
    upstream(
      partition: PartitionOf<Omit<A['partitions'], Fine>> & { readonly [K in Coarse]: Window },
      now: Date,
    ): readonly PartitionKey[] {
      const window = partition[coarse] as Window
      const first = Math.max(0, axis!.indexOf({ ...window, end: window.start }))
      const keys: PartitionKey[] = []
      for (let index = first; index < axis!.count(now); index++) {
        const part = axis!.at(index)
        if (part.start >= window.end) break
        if (part.start >= window.start) keys.push(...asset.upstream({ ...partition, [fine]: part }, now))
      }
      return keys
    },
  }
}

/** An input whose absence or failure does not stop the step: what is there is read, and the metadata says what was not. */
export function optional<A extends AnyDependency>(dependency: A) {
  return { ...dependency, optional: true as const }
}

/** The mapping of an asset read without any: the same partition, dimension by dimension. */
export const samePartition =
  <D extends Dimensions>(dimensions: D) =>
  (partition: PartitionOf<D>): readonly PartitionKey[] => [keyOf(dimensions, partition)]
