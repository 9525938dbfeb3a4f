import type { Dimensions, PartitionKey } from '../define/partition.ts'
import type { PartitionSet } from './partition-set.ts'
import { add, noPartitions } from './partition-set.ts'
import type { Space } from './space.ts'
import { ordinalOf } from './space.ts'
import type { PartitionState } from './staleness.ts'

export const statuses = [
  'missing',
  'published',
  'failed',
  'rejected',
] as const satisfies readonly PartitionState['status'][]
export type Status = (typeof statuses)[number]
const number = { missing: 0, published: 1, failed: 2, rejected: 3 } as const satisfies Record<Status, number>

/** Set beside the status where an earlier version is published. */
const readable = 4

/** The status of every partition of a space: one byte each, by ordinal. */
export type StatusBytes = Uint8Array

/** One partition's byte. */
export const statusByte = (status: Status, isReadable: boolean): number => number[status] | (isReadable ? readable : 0)

export const statusAt = (bytes: StatusBytes, ordinal: number): Status => statuses[bytes[ordinal]! & 3]!

/** Whether it has a published version, whatever became of later attempts. */
export const isReadableAt = (bytes: StatusBytes, ordinal: number): boolean => (bytes[ordinal]! & readable) !== 0

/** What the catalogue knows, laid out by ordinal; partitions that no longer exist are left out. */
export function statusBytes(
  space: Space,
  dimensions: Dimensions,
  states: Iterable<readonly [PartitionKey, PartitionState]>,
): StatusBytes {
  const bytes = new Uint8Array(space.size)
  for (const [key, { status, published }] of states) {
    const ordinal = ordinalOf(space, dimensions, key)
    if (ordinal >= 0) bytes[ordinal] = statusByte(status, published !== undefined)
  }
  return bytes
}

/** What the catalogue knows of one asset: enough to plan from. */
export interface AssetStates {
  statuses(space: Space, dimensions: Dimensions): StatusBytes
  get(key: PartitionKey): PartitionState | undefined
}

/** The states of an asset that are held as a map. */
export const heldStates = (states: ReadonlyMap<PartitionKey, PartitionState>): AssetStates => ({
  statuses: (space, dimensions) => statusBytes(space, dimensions, states),
  get: (key) => states.get(key),
})

/** How many partitions have each status. */
export function countByStatus(bytes: StatusBytes): Record<Status, number> {
  const totals = new Float64Array(4)
  for (let at = 0; at < bytes.length; at++) totals[bytes[at]! & 3]!++
  return { missing: totals[0]!, published: totals[1]!, failed: totals[2]!, rejected: totals[3]! }
}

/** The partitions that have one of these statuses. */
export function withStatus(space: Space, bytes: StatusBytes, wanted: readonly Status[]): PartitionSet {
  const isWanted = new Uint8Array(8)
  for (const status of wanted) isWanted[number[status]] = isWanted[number[status] | readable] = 1
  return chosen(space, bytes, isWanted)
}

/** The partitions that have a version to read, whatever became of later attempts. */
export const readablePartitions = (space: Space, bytes: StatusBytes): PartitionSet =>
  chosen(space, bytes, Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1))

/** How many partitions of each status lie in each of `buckets` equal stretches: what a strip on a screen is drawn from. */
export function statusBuckets(bytes: StatusBytes, buckets: number): readonly Record<Status, number>[] {
  const count = Math.min(buckets, bytes.length)
  return Array.from({ length: count }, (_, bucket) =>
    countByStatus(
      bytes.subarray(Math.floor((bucket * bytes.length) / count), Math.floor(((bucket + 1) * bytes.length) / count)),
    ),
  )
}

function chosen(space: Space, bytes: StatusBytes, isWanted: Uint8Array): PartitionSet {
  const set = noPartitions(space)
  for (let at = 0; at < bytes.length; at++) if (isWanted[bytes[at]!]) add(set, at)
  return set
}
