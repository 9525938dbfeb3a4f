import type { AnyAsset } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { has, ordinals, size } from '../plan/partition-set.ts'
import type { PartitionFilter } from '../plan/select-partitions.ts'
import { filtered } from '../plan/select-partitions.ts'
import { keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { PartitionRow, RunStore } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'

/** So few are looked up one by one. */
const few = 1_000

/** The partitions of an asset that were ever attempted and pass. Everything passes a filter that says nothing, also what the definition no longer has. */
export async function attemptedPartitions(
  on: { readonly definitions: Definitions; readonly store: RunStore },
  asset: AnyAsset,
  filter: PartitionFilter,
  now: number,
): Promise<readonly PartitionRow[]> {
  if (!filter.spans && Object.keys(filter.keys).length === 0) return on.store.partitions(asset.name)
  const space = spaceOf(asset.partitions, { now: new Date(now), keys: await keysAt(on, now) })
  const chosen = filtered(space, filter)
  if (size(chosen) <= few) {
    const keys = Array.from(ordinals(chosen), (ordinal) => keyAt(space, ordinal))
    const rows = await on.store.partitionsOf(asset.name, keys)
    return rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }
  const rows = await on.store.partitions(asset.name)
  return rows.filter(({ key }) => {
    const ordinal = ordinalOf(space, asset.partitions, key)
    return ordinal >= 0 && has(chosen, ordinal)
  })
}

/** Whether a worker is making the partition. */
export const isHeld = ({ leasedUntil }: PartitionRow, now: number): boolean => (leasedUntil ?? 0) >= now
