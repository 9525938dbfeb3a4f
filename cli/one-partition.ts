import type { AnyAsset, PartitionKey } from '#pipeline'
import { keysAt, parsePartitions, partitionsIn } from '#pipeline'
import { BadInput } from '../config.ts'
import type { Context } from './context.ts'
import { counted } from './terminal.ts'

/** The one partition that a text names, or the whole of an asset that is not cut. Throws `BadInput`. */
export async function onePartition(context: Context, asset: AnyAsset, text: string | undefined): Promise<PartitionKey> {
  const isCut = Object.keys(asset.partitions).length > 0
  if (!isCut && text === undefined) return '' as PartitionKey
  if (text === undefined) throw new BadInput(`asset "${asset.name}" is partitioned; say which partition`)
  const now = new Date()
  const known = await keysAt(context, now.getTime())
  const keys = partitionsIn(asset, parsePartitions([asset], text, now, known), now, known)
  if (keys.length === 1) return keys[0]!
  const example = keys.length > 0 ? `; name one, e.g. "${keys[0]}"` : ''
  throw new BadInput(`"${text}" is ${counted(keys.length, 'partition')} of "${asset.name}"${example}`)
}
