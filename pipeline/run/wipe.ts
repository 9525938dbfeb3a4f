import { assetNamed } from '../define/definitions.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { PartitionFilter } from '../plan/select-partitions.ts'
import { attemptedPartitions, isHeld } from './attempted-partitions.ts'
import type { CorrectionContext } from './rollback.ts'

export interface WipeAsk {
  readonly asset: string
  readonly filter: PartitionFilter
  /** Only tells what would be done. */
  readonly dryRun?: boolean
}

/** Partitions that are missing now, and those left alone because a worker is making them. */
export interface Wiped {
  readonly wiped: readonly PartitionKey[]
  readonly held: readonly PartitionKey[]
}

/** Partitions of one transaction. */
const page = 500

/** Makes what was published of some partitions unpublished, so that they are missing; their history stays. Throws `asset.unknown`. */
export async function wipe(on: Omit<CorrectionContext, 'io'>, ask: WipeAsk): Promise<Wiped> {
  const asset = assetNamed(on.definitions, ask.asset)
  const rows = await attemptedPartitions(on, asset, ask.filter, on.clock())
  const present = rows.filter(({ state }) => state.published || state.status !== 'missing')
  if (ask.dryRun) {
    const keysOf = (isThatSo: boolean) =>
      present.filter((row) => isHeld(row, on.clock()) === isThatSo).map(({ key }) => key)
    return { wiped: keysOf(false), held: keysOf(true) }
  }
  const wiped: PartitionKey[] = []
  const held: PartitionKey[] = []
  for (let at = 0; at < present.length; at += page) {
    const keys = present.slice(at, at + page).map(({ key }) => key)
    const done = await on.store.wipe(asset.name, keys, on.clock())
    wiped.push(...done.wiped)
    held.push(...done.held)
  }
  return { wiped, held }
}
