import type { DynamicKeys } from '../define/dynamic.ts'
import type { Dimension, Dimensions, PartitionKey } from '../define/partition.ts'
import { partitionOf, withKeys } from '../define/partition.ts'

/** The instant as of which partitions exist, and the keys that dynamic dimensions have then. */
export interface AsOf {
  readonly now: Date
  readonly keys?: DynamicKeys
}

export interface Axis {
  readonly name: string
  readonly dimension: Dimension<any>
  /** Values numbered 0 to `count` - 1 exist. */
  readonly count: number
  /** How far apart two neighbours on this axis are among the ordinals of the space. */
  readonly stride: number
}

/** All partitions of an asset that exist at an instant, numbered from 0; the first dimension varies slowest. */
export interface Space {
  readonly axes: readonly Axis[]
  readonly size: number
}

/** The partitions that `dimensions` have as of an instant. An asset that is not cut has one. */
export function spaceOf(dimensions: Dimensions, asOf: AsOf): Space {
  const sized = Object.entries(dimensions).map(([name, declared]) => {
    const dimension = withKeys(declared, asOf.keys ?? {})
    return { name, dimension, count: dimension.count(asOf.now) }
  })
  let size = 1
  const axes: Axis[] = []
  for (const axis of sized.reverse()) {
    axes.unshift({ ...axis, stride: size })
    size *= axis.count
  }
  return { axes, size }
}

/** The number of a partition, or -1 if it does not exist or any more: keys may have been taken out of a definition. */
export function ordinalOf(space: Space, dimensions: Dimensions, key: PartitionKey): number {
  let partition: Readonly<Record<string, unknown>>
  try {
    partition = partitionOf(dimensions, key)
  } catch {
    return -1
  }
  let ordinal = 0
  for (const { name, dimension, count, stride } of space.axes) {
    const index = dimension.indexOf(partition[name])
    if (index < 0 || index >= count) return -1
    ordinal += index * stride
  }
  return ordinal
}

/** Where a partition lies on one axis. */
export const indexOn = ({ stride, count }: Axis, ordinal: number): number => Math.floor(ordinal / stride) % count

/** The key of the partition of this number. */
export function keyAt({ axes }: Space, ordinal: number): PartitionKey {
  let key = ''
  for (const axis of axes) {
    const value = axis.dimension.at(indexOn(axis, ordinal))
    key += `${key && '/'}${axis.name}=${axis.dimension.encode(value)}`
  }
  return key as PartitionKey
}
