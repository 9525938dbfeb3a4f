import type { AnyAsset, PartitionKey } from '#pipeline'
import { keysAt, parsePartitions, partitionsIn } from '#pipeline'
import { BadInput } from '../config.ts'
import type { Context } from './context.ts'

/** The one partition of an asset that a text names; without a text, that of an asset which is not cut. Throws `BadInput`. */
export async function onePartition(context: Context, asset: AnyAsset, text: string | undefined): Promise<PartitionKey> {
  const isCut = Object.keys(asset.partitions).length > 0
  if (text === undefined) {
    if (!isCut) return '' as PartitionKey
    throw new BadInput(`asset "${asset.name}" is partitioned; say which partition, e.g. 2024-01-01`)
  }
  const now = new Date()
  const known = await keysAt(context, now.getTime())
  const keys = partitionsIn(asset, parsePartitions([asset], text, now, known), now, known)
  if (keys.length === 1) return keys[0]!
  const example = keys.length === 0 ? '' : `, e.g. "${keys[0]}"`
  throw new BadInput(`expected one partition of "${asset.name}", got ${keys.length} by "${text}"; name one${example}`)
}
