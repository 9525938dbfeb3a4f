import { createHash } from 'node:crypto'
import type { Dimensions } from '../define/partition.ts'
import type { StatusBytes } from '../plan/partition-status.ts'
import { statusByte, statuses } from '../plan/partition-status.ts'
import type { Space } from '../plan/space.ts'
import { ordinalOf } from '../plan/space.ts'
import type { RunStore } from '../store/port.ts'

/** So many changes are read again and again before they are folded into the block. */
const mostChanges = 2_000
/** A block is kept anew after so many events, whatever they were about: each reader would look through them. */
const mostEvents = 50_000

/**
 * The status of every partition of an asset, by ordinal: the block that the store keeps and what changed since, so that
 * a million partitions take milliseconds and not a row each. `keep` lets it write a block that has fallen behind.
 */
export async function readStatuses(
  store: RunStore,
  asset: { readonly name: string; readonly partitions: Dimensions },
  space: Space,
  keep: boolean,
): Promise<StatusBytes> {
  const layout = layoutOf(space)
  const block = await store.statusBlock(asset.name)
  const isUsable = block?.layout === layout
  const changes = await store.statusChanges(asset.name, isUsable ? block.asOf : 0)
  const bytes = new Uint8Array(space.size)
  if (isUsable && !changes.isWhole) {
    const kept = Buffer.from(block.bytes, 'base64')
    bytes.set(kept.subarray(0, bytes.length))
  }
  for (const { key, status, isReadable } of changes.rows) {
    const ordinal = ordinalOf(space, asset.partitions, key)
    if (ordinal >= 0) bytes[ordinal] = statusByte(statuses[status]!, isReadable === 1)
  }
  const isBehind = isUsable && changes.asOf - block.asOf > mostEvents
  if (keep && (isBehind || changes.rows.length > mostChanges)) {
    await store.keepStatusBlock(asset.name, {
      asOf: changes.asOf,
      layout,
      bytes: Buffer.from(bytes).toString('base64'),
    })
  }
  return bytes
}

/** Two spaces of one layout number what they share alike: only the first axis may differ, by growing at its end. */
function layoutOf({ axes }: Space): string {
  const parts = axes.map(({ name, dimension, count }, at) => {
    const start = count > 0 ? dimension.encode(dimension.at(0)) : ''
    if (dimension.kind === 'time') return `${name} from ${start}${at === 0 ? '' : ` ${count}`}`
    const hash = createHash('sha256')
    for (let index = 0; index < count; index++) hash.update(`${dimension.encode(dimension.at(index))}\n`)
    return `${name} ${count} ${hash.digest('hex').slice(0, 16)}`
  })
  return parts.join('/')
}
