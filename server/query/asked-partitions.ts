import type { AnyAsset, DynamicKeys, PartitionFilter } from '#pipeline'
import { everyPartition, parsePartitions } from '#pipeline'
import { Refusal } from '../served.ts'

/** Reads which partitions are meant; `all` for all. Nothing at all is no answer, least of all where things are changed. */
export function askedPartitions(
  assets: readonly AnyAsset[],
  text: string,
  on: { readonly now: number; readonly keys: DynamicKeys },
): PartitionFilter {
  const asked = text.trim()
  if (asked === 'all') return everyPartition
  if (/^[\s,/]*$/.test(asked)) {
    const message = 'expected partitions such as 2024-01-01..2024-01-31,market=BTC-USDT, got nothing; "all" means all'
    throw new Refusal(400, 'partition.malformed', message)
  }
  return parsePartitions(assets, asked, new Date(on.now), on.keys)
}
