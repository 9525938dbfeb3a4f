import type { AnyAsset } from '../define/asset.ts'
import { PipelineError } from '../define/errors.ts'
import type { Dimension, PartitionKey, Window } from '../define/partition.ts'
import { keyOf } from '../define/partition.ts'

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
 * before anything runs.
 */
export function parsePartitions(assets: readonly AnyAsset[], text: string, now: Date): PartitionFilter {
  const spans: { start: number; end: number }[] = []
  const keys: Record<string, string[]> = {}
  for (const part of text.split(/[,/]/).filter((one) => one.trim() !== '')) {
    const [left, right] = part.trim().split('=', 2) as [string, string | undefined]
    const [dimension, value] = right === undefined ? [bareDimension(assets, left), left] : [left, right]
    const holders = assets.filter((asset) => dimension in asset.partitions)
    if (holders.length === 0) throw unknownDimension(assets, dimension)
    const axis = holders[0]!.partitions[dimension] as Dimension<unknown>
    if (axis.kind === 'keys') {
      keys[dimension] = [...(keys[dimension] ?? []), decodeKey(axis, dimension, value)]
    } else {
      spans.push(parseSpan(holders[0]!, axis as Dimension<Window>, value, now))
    }
  }
  return spans.length > 0 ? { spans, keys } : { keys }
}

/** The partitions of `asset` that exist at `now` and pass, in order of their dimensions. */
export function partitionsIn(asset: AnyAsset, filter: PartitionFilter, now: Date): readonly PartitionKey[] {
  let partitions: Record<string, unknown>[] = [{}]
  for (const [name, axis] of Object.entries(asset.partitions as Record<string, Dimension<unknown>>)) {
    const values =
      axis.kind === 'keys' ? keysIn(name, axis, filter, now) : windowsIn(axis as Dimension<Window>, filter, now)
    partitions = partitions.flatMap((partition) => values.map((value) => ({ ...partition, [name]: value })))
  }
  return partitions.map((partition) => keyOf(asset.partitions, partition))
}

/** The time dimension with the shortest windows among `assets`, if any has one. */
export function finestTime(assets: readonly AnyAsset[]): Dimension<Window> | undefined {
  const axes = assets.flatMap((asset) => Object.values(asset.partitions as Record<string, Dimension<any>>))
  const length = ({ start, end }: Window) => end.getTime() - start.getTime()
  return axes
    .filter((axis): axis is Dimension<Window> => axis.kind === 'time')
    .sort((a, b) => length(a.at(0)) - length(b.at(0)))[0]
}

function keysIn(name: string, axis: Dimension<unknown>, filter: PartitionFilter, now: Date): readonly unknown[] {
  const wanted = filter.keys[name]
  const values = Array.from({ length: axis.count(now) }, (_, index) => axis.at(index))
  return wanted ? values.filter((value) => wanted.includes(String(value))) : values
}

function windowsIn(axis: Dimension<Window>, filter: PartitionFilter, now: Date): readonly Window[] {
  const count = axis.count(now)
  if (!filter.spans) return Array.from({ length: count }, (_, index) => axis.at(index))
  const wanted = new Set<number>()
  for (const { start, end } of filter.spans) {
    const first = Math.max(0, axis.indexOf({ ...axis.at(0), start: new Date(start) }))
    for (let index = first; index < count && axis.at(index).start.getTime() < end; index++) wanted.add(index)
  }
  return [...wanted].sort((a, b) => a - b).map((index) => axis.at(index))
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
