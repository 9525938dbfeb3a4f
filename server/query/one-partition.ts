import type { Engine, PartitionKey } from '#pipeline'
import { ordinalOf } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { partitionStatuses } from '../contract/words.ts'
import { Refusal } from '../served.ts'
import { partitionItem } from './partition-list.ts'
import type { ShownPartitions } from './shown-partitions.ts'
import { shownPartitions, withRows } from './shown-partitions.ts'
import { toldEvent } from './told-event.ts'
import { shownVersion } from './versions.ts'

const mostVersions = 100
const mostAttempts = 50
/** Pages of events that are looked through for those of one partition. */
const mostPages = 4

/** One partition: how it is and why, its newest versions, and its newest events as far as they are not long ago. */
export async function onePartition(engine: Engine, ask: Asked<'partition'>): Promise<Answer<'partition'>> {
  const { store } = engine
  const shown = await shownPartitions(engine, ask.asset)
  const key = keyIn(shown, ask.key)
  const ordinal = ordinalOf(shown.space, shown.asset.partitions, key)
  const [known] = await store.partitionsOf(ask.asset, [key])
  // What was made of a key that is gone stays in the catalogue.
  if (ordinal < 0 && !known) throw unknownPartition(ask)
  const status = ordinal < 0 ? 'missing' : partitionStatuses[shown.statuses[ordinal]!]!
  const [[partition], versions, attempts] = await Promise.all([
    withRows(engine, shown, [{ key, status }]),
    store.history(ask.asset, key),
    newestEvents(engine, ask.asset, key),
  ])
  return {
    ...partitionItem(partition!),
    error: known?.error ?? null,
    leasedUntil: known?.leasedUntil ?? null,
    versions: versions.slice(0, mostVersions).map(shownVersion),
    attempts: attempts.map(toldEvent),
  }
}

async function newestEvents({ store }: Engine, asset: string, key: PartitionKey) {
  const found = []
  let before: number | undefined
  for (let page = 0; page < mostPages && found.length < mostAttempts; page++) {
    const { items, next } = await store.assetEventsPage({ asset, before, limit: 1_000, scan: 10_000 })
    found.push(...items.filter((event) => event.key === key))
    if (next === undefined) break
    before = next
  }
  return found.slice(0, mostAttempts)
}

/** A key as it was asked for; nobody need say how an asset is cut that is not. */
function keyIn({ asset }: ShownPartitions, text: string): PartitionKey {
  return (Object.keys(asset.partitions).length === 0 ? '' : text) as PartitionKey
}

const unknownPartition = ({ asset, key }: Asked<'partition'>): Refusal =>
  new Refusal(
    404,
    'partition.unknown',
    `asset "${asset}" has no partition "${key}"; list them with: bullion partitions ${asset}`,
  )
