import type { AnyAsset } from '../define/asset.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { PipelineError } from '../define/errors.ts'
import type { Dimension, PartitionKey, Window } from '../define/partition.ts'
import { withKeys } from '../define/partition.ts'
import type { TimeDimension } from '../define/time-windows.ts'
import type { OrdinalRange, PartitionSet } from './partition-set.ts'
import { addBox, noPartitions, ordinals } from './partition-set.ts'
import type { Axis, Space } from './space.ts'
import { keyAt, spaceOf } from './space.ts'

/** Which partitions are meant, whatever the asset: spans of time, and values of keyed dimensions. Plain data. */
export interface PartitionFilter {
  /** Half-open spans of ms; a window belongs if it overlaps one. Absent means all time. */
  readonly spans?: readonly { readonly start: number; readonly end: number }[]
  readonly keys: Readonly<Record<string, readonly string[]>>
}

export const everyPartition: PartitionFilter = { keys: {} }

/**
 * Reads `2024-01-01`, `2024-01-01..2024-01-31` (both ends included), `date=2024-01-01,market=BTC-USDT` or a whole
 * partition key. A bare value means the time dimension, or the only one. Throws `partition.…` errors, all of them
 * before anything runs. `known` are the keys of dynamic dimensions.
 */
export function parsePartitions(
  assets: readonly AnyAsset[],
  text: string,
  now: Date,
  known: DynamicKeys = {},
): PartitionFilter {
  const spans: { start: number; end: number }[] = []
  const keys: Record<string, string[]> = {}
  for (const part of text.split(/[,/]/).filter((one) => one.trim() !== '')) {
    const [left, right] = part.trim().split('=', 2) as [string, string | undefined]
    const [dimension, value] = right === undefined ? [bareDimension(assets, left), left] : [left, right]
    const holders = assets.filter((asset) => dimension in asset.partitions)
    if (holders.length === 0) throw unknownDimension(assets, dimension)
    const axis = withKeys(holders[0]!.partitions[dimension] as Dimension<unknown>, known)
    if (axis.kind === 'keys') {
      keys[dimension] = [...(keys[dimension] ?? []), decodeKey(axis, dimension, value)]
    } else {
      spans.push(parseSpan(holders[0]!, axis as Dimension<Window>, value, now))
    }
  }
  return spans.length > 0 ? { spans, keys } : { keys }
}

/** The partitions of a space that pass. A dimension that the filter does not know is taken whole. */
export function filtered(space: Space, filter: PartitionFilter): PartitionSet {
  const set = noPartitions(space)
  let boxes: OrdinalRange[][] = [[]]
  for (const axis of space.axes) {
    const spans = axis.dimension.kind === 'keys' ? keySpans(axis, filter) : windowSpans(axis, filter)
    boxes = boxes.flatMap((box) => spans.map((span) => [...box, span]))
  }
  for (const box of boxes) addBox(set, box)
  return set
}

/** The keys of the partitions of `asset` that exist and pass, in order of their dimensions. */
export function partitionsIn(
  asset: AnyAsset,
  filter: PartitionFilter,
  now: Date,
  keys: DynamicKeys = {},
): readonly PartitionKey[] {
  const space = spaceOf(asset.partitions, { now, keys })
  return Array.from(ordinals(filtered(space, filter)), (ordinal) => keyAt(space, ordinal))
}

/** The time dimension with the shortest windows among `assets`, if any has one. */
export function finestTime(assets: readonly AnyAsset[]): Dimension<Window> | undefined {
  const axes = assets.flatMap((asset) => Object.values(asset.partitions as Record<string, Dimension<any>>))
  const length = ({ start, end }: Window) => end.getTime() - start.getTime()
  return axes
    .filter((axis): axis is Dimension<Window> => axis.kind === 'time')
    .sort((a, b) => length(a.at(0)) - length(b.at(0)))[0]
}

function keySpans({ name, dimension, count }: Axis, filter: PartitionFilter): readonly OrdinalRange[] {
  const wanted = filter.keys[name]
  if (!wanted) return [[0, count - 1]]
  const indexes = new Set(wanted.map((key) => dimension.indexOf(key)))
  return [...indexes].filter((index) => index >= 0 && index < count).map((index) => [index, index])
}

function windowSpans({ dimension, count }: Axis, filter: PartitionFilter): readonly OrdinalRange[] {
  if (!filter.spans) return [[0, count - 1]]
  const axis = dimension as TimeDimension
  return filter.spans.map(({ start, end }) => [
    Math.max(0, axis.indexAtOrAfter(start + 1) - 1),
    Math.min(count, axis.indexAtOrAfter(end)) - 1,
  ])
}

function parseSpan(asset: AnyAsset, axis: Dimension<Window>, text: string, now: Date): { start: number; end: number } {
  const [from, to = from] = text.split('..', 2) as [string, string | undefined]
  const [first, last] = [axis.decode(from), axis.decode(to)]
  if (first.start > last.start) throw new PipelineError('partition.reversed', { from, to })
  for (const [key, window] of [[from, first] as const, [to, last] as const]) {
    const index = axis.indexOf(window)
    const count = axis.count(now)
    if (index < 0 || index >= count) {
      const [oldest, newest] = [axis.encode(axis.at(0)), count > 0 ? axis.encode(axis.at(count - 1)) : 'none yet']
      throw new PipelineError('partition.not-yet', { key, asset: asset.name, first: oldest, last: newest })
    }
  }
  return { start: first.start.getTime(), end: last.end.getTime() }
}

function bareDimension(assets: readonly AnyAsset[], text: string): string {
  const axes = assets.flatMap((asset) => Object.entries(asset.partitions as Record<string, Dimension<unknown>>))
  if (axes.length === 0) throw new PipelineError('partition.unneeded', { asset: assets[0]?.name ?? '' })
  const time = axes.filter(([, axis]) => axis.kind === 'time')
  const single = assets.map((asset) => Object.keys(asset.partitions)).find((names) => names.length === 1)
  const fits = (axis: Dimension<unknown>) => {
    try {
      axis.decode(text.split('..', 1)[0]!)
      return true
    } catch {
      return false
    }
  }
  return (
    time.find(([, axis]) => fits(axis))?.[0] ?? axes.find(([, axis]) => fits(axis))?.[0] ?? time[0]?.[0] ?? single![0]!
  )
}

function decodeKey(axis: Dimension<unknown>, dimension: string, text: string): string {
  try {
    return String(axis.decode(text))
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'partition.unknown-key') throw error
    throw new PipelineError('partition.unknown-key', {
      ...(error as PipelineError<'partition.unknown-key'>).details,
      dimension,
    })
  }
}

function unknownDimension(assets: readonly AnyAsset[], dimension: string): PipelineError {
  const known = [...new Set(assets.flatMap((asset) => Object.keys(asset.partitions)))].join(', ') || 'none'
  return new PipelineError('partition.unknown-dimension', {
    asset: assets.map(({ name }) => name).join(', '),
    dimension,
    known,
  })
}
