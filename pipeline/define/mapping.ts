import type { z } from 'zod'
import { PipelineError } from './errors.ts'
import type { Dimension, Dimensions, PartitionOf, Window } from './partition.ts'

/**
 * How one dimension of the asset that is read follows from the partition that reads it. Plain data, so that it can be
 * followed both ways: from a partition to what it reads, and from what changed to its readers.
 */
export type AxisMapping =
  /** The reader's dimension `of`: the same key, or for time the windows that overlap it, shifted by whole windows of the reader. */
  | {
      readonly kind: 'same'
      readonly of: string
      /** Windows of the reader by which the start and the end of what is read are shifted; [0, 0] if absent. */
      readonly shift?: readonly [from: number, to: number]
      /** Windows that do not exist are left out; otherwise to need one is an error. */
      readonly partial?: boolean
    }
  | { readonly kind: 'all' }
  /** The newest that exists. */
  | { readonly kind: 'latest' }
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** For each key that is read, the keys of the reader's dimension `of` that read it. */
  | { readonly kind: 'map'; readonly of: string; readonly map: Readonly<Record<string, readonly string[]>> }

/**
 * A thing that can be read by a downstream partition of type `P`.
 * `fits` takes `P`, hence an asset cut by `{ market }` serves one cut by `{ day, market }` and not the reverse.
 */
export interface Dependency<P> {
  readonly name: string
  readonly output: z.ZodObject
  /** Absent or failed input does not stop the step; its metadata says what was absent. */
  readonly optional?: boolean
  /** By dimension of the asset that is read; one that is not named is the reader's dimension of that name. */
  readonly axes: Readonly<Record<string, AxisMapping>>
  /** For the compiler alone. */
  readonly fits?: (partition: P) => void
}

export type AnyDependency = Dependency<any>

/** A dependency together with the dimensions its reader must have, so that mappings can be put into one another. */
interface Mapped<D extends Dimensions = Dimensions> {
  readonly name: string
  readonly output: z.ZodObject
  readonly partitions: D
  readonly axes: Readonly<Record<string, AxisMapping>>
}

/** Reads every value of one dimension, e.g. one day of all markets: `allOf(candles, 'market')`. */
export function allOf<A extends Mapped<any>, K extends keyof A['partitions'] & string>(asset: A, dimension: K) {
  return without(asset, dimension, { kind: 'all' })
}

/** Reads the newest value of one dimension, whatever the reader's partition: `latest(rates, 'date')`. */
export function latest<A extends Mapped<any>, K extends keyof A['partitions'] & string>(asset: A, dimension: K) {
  return without(asset, dimension, { kind: 'latest' })
}

/** Reads these keys of one dimension and no others: `only(candles, 'market', ['BTC-USDT'])`. */
export function only<A extends Mapped<any>, K extends keyof A['partitions'] & string>(
  asset: A,
  dimension: K,
  keys: readonly string[],
) {
  return without(asset, dimension, { kind: 'keys', keys })
}

/**
 * Reads the fine windows inside one coarse window, e.g. the hours of a day: `within(trades, 'hour', 'day')`.
 * `coarse` is the name of the reader's dimension. Windows before the first or after the last existing one are left out.
 */
export function within<A extends Mapped<any>, Fine extends keyof A['partitions'] & string, const Coarse extends string>(
  asset: A,
  fine: Fine,
  coarse: Coarse,
) {
  return overlapping(asset, fine, coarse, true)
}

/** Reads the coarse window that contains the reader's fine one, e.g. the day of an hour: `around(rates, 'day', 'hour')`. */
export function around<A extends Mapped<any>, Coarse extends keyof A['partitions'] & string, const Fine extends string>(
  asset: A,
  coarse: Coarse,
  fine: Fine,
) {
  return overlapping(asset, coarse, fine, false)
}

/**
 * Reads a rolling stretch of windows: the last seven days of each day are `rolling(asset, 'date', { from: -6, to: 0 })`.
 * Counted in windows, so a day of 23 hours is one; windows beyond the first and the last that exist are left out.
 */
export function rolling<A extends Mapped<any>, K extends keyof A['partitions'] & string>(
  asset: A,
  dimension: K,
  span: { readonly from: number; readonly to: number },
) {
  const mapping: AxisMapping = { kind: 'same', of: readerOf(asset, dimension), shift: [span.from, span.to] }
  return { ...typed<A, A['partitions']>(asset, asset.partitions), axes: { ...asset.axes, [dimension]: mapping } }
}

/** Reads by a table: for each key that is read, the reader's keys that read it: `mapped(legs, 'leg', 'pair', { btc: ['btc-usd'] })`. */
export function mapped<A extends Mapped<any>, K extends keyof A['partitions'] & string, const Of extends string>(
  asset: A,
  dimension: K,
  of: Of,
  map: Readonly<Record<string, readonly string[]>>,
) {
  type Reader = Omit<A['partitions'], K> & { readonly [_ in Of]: A['partitions'][K] }
  const { [dimension]: axis, ...others } = asset.partitions as Dimensions
  const partitions = { ...others, [of]: axis } as unknown as Reader
  return {
    ...typed<A, Reader>(asset, partitions),
    axes: { ...asset.axes, [dimension]: { kind: 'map', of, map } as const },
  }
}

/** An input whose absence or failure does not stop the step: what is there is read, and the metadata says what was not. */
export function optional<A extends AnyDependency>(dependency: A) {
  return { ...dependency, optional: true as const }
}

/** An asset's own partition one window earlier. */
export const previousOf = (
  asset: { readonly name: string; readonly output: z.ZodObject },
  dimension: string,
): AnyDependency => ({
  name: asset.name,
  output: asset.output,
  axes: { [dimension]: { kind: 'same', of: dimension, shift: [-1, -1] } },
})

/** How one dimension of what is read follows from the reader. */
export const mappingOf = (dependency: AnyDependency, dimension: string): AxisMapping =>
  dependency.axes[dimension] ?? { kind: 'same', of: dimension }

/**
 * Refuses a dependency that can not be followed: `dependency.unmapped` where the reader lacks the dimension that one of
 * the upstream asset's follows from, or has it of another kind; `partition.unknown-dimension` where a mapping names a
 * dimension that is not there; `partition.unknown-key` where it names a key that is not.
 */
export function refuseUnmapped(
  reader: { readonly name: string; readonly partitions: Dimensions },
  dependency: AnyDependency,
  upstream: { readonly name: string; readonly partitions: Dimensions },
): void {
  for (const dimension of Object.keys(dependency.axes)) {
    if (dimension in upstream.partitions) continue
    const known = Object.keys(upstream.partitions).join(', ') || 'none'
    throw new PipelineError('partition.unknown-dimension', { asset: upstream.name, dimension, known })
  }
  for (const [dimension, theirs] of Object.entries(upstream.partitions)) {
    const mapping = mappingOf(dependency, dimension)
    if (mapping.kind === 'keys') for (const key of mapping.keys) theirs.decode(encodeURIComponent(key))
    if (!('of' in mapping)) continue
    const ours = reader.partitions[mapping.of]
    if (ours?.kind !== theirs.kind) {
      const known = Object.keys(reader.partitions).join(', ') || 'none'
      const details = { asset: reader.name, dependency: upstream.name, dimension, of: mapping.of, known }
      throw new PipelineError('dependency.unmapped', details)
    }
    if (mapping.kind !== 'map') continue
    for (const [from, to] of Object.entries(mapping.map)) {
      theirs.decode(encodeURIComponent(from))
      for (const key of to) ours.decode(encodeURIComponent(key))
    }
  }
}

function typed<A extends Mapped<any>, Reader extends Dimensions>(asset: A, partitions: Reader) {
  return {
    name: asset.name as A['name'],
    output: asset.output as A['output'],
    partitions,
    axes: asset.axes,
    fits: undefined as unknown as (partition: PartitionOf<Reader>) => void,
  }
}

function without<A extends Mapped<any>, K extends keyof A['partitions'] & string>(
  asset: A,
  dimension: K,
  mapping: AxisMapping,
) {
  const { [dimension]: _, ...partitions } = asset.partitions as Record<string, Dimension<unknown>>
  return {
    ...typed<A, Omit<A['partitions'], K>>(asset, partitions as Omit<A['partitions'], K>),
    axes: { ...asset.axes, [dimension]: mapping },
  }
}

function overlapping<A extends Mapped<any>, Theirs extends keyof A['partitions'] & string, const Ours extends string>(
  asset: A,
  theirs: Theirs,
  ours: Ours,
  partial: boolean,
) {
  type Reader = Omit<A['partitions'], Theirs> & { readonly [_ in Ours]: Dimension<Window> }
  const { [theirs]: axis, ...others } = asset.partitions as Record<string, Dimension<Window>>
  const partitions = { ...others, [ours]: axis } as unknown as Reader
  const mapping: AxisMapping = { kind: 'same', of: ours, partial }
  return { ...typed<A, Reader>(asset, partitions), axes: { ...asset.axes, [theirs]: mapping } }
}

/** The reader's dimension from which one of the asset's follows, after the mappings already put around it. */
function readerOf(asset: Mapped, dimension: string): string {
  const mapping = asset.axes[dimension]
  return mapping && 'of' in mapping ? mapping.of : dimension
}
