import type { PartitionKey } from '../define/partition.ts'
import type { Page } from './port.ts'
import type { EventColumns, MaterializationColumns, PublishedColumns } from './rows.ts'
import {
  eventNumber,
  eventRow,
  eventTypes,
  materializationRow,
  partitionRow,
  selectEvents,
  selectMaterializations,
  selectPartitions,
  statusNumber,
} from './rows.ts'
import type { AssetPageName, Operations, Transaction } from './transaction.ts'

/** Partitions asked for by one statement. */
const keysAtOnce = 100
/** With so few partitions their versions are looked up one partition after the other, otherwise among all versions. */
const fewPartitions = 5_000
/** Numbers looked at by one page, if nobody says how many. */
const usualScan = { materializations: 20_000, events: 50_000 }

/** Parts of what is known of one asset: none of them takes longer because there is more. */
export const assetPages: Operations<AssetPageName> = {
  async partitionsOf(tx, asset, keys) {
    const rows = await byKeys<PublishedColumns>(tx, `${selectPartitions} where true`, asset, keys)
    return rows.map((row) => partitionRow(asset, row))
  },

  async currentOf(tx, asset, keys) {
    const numbered = selectMaterializations.replace('m.id as number', `m.id as number, ${earlier} as revision`)
    const current = `${numbered} where p.materialization_id = m.id`
    const rows = await byKeys<MaterializationColumns & { revision: number }>(tx, current, asset, keys)
    return rows.map(({ revision, ...row }) => ({ ...materializationRow(row), revision }))
  },

  async heldOf(tx, asset) {
    const id = await knownAsset(tx, asset)
    // The sign keeps the index of the asset's partitions, which may be a million, out of the plan.
    return tx.all<{ key: PartitionKey; leasedUntil: number }>(
      `select key, coalesce(leased_until, 0) as "leasedUntil" from partition
       where worker is not null and +asset_id = ? order by key`,
      id ?? -1,
    )
  },

  async materializationsPage(tx, { asset, before, limit, scan = usualScan.materializations }) {
    const id = await knownAsset(tx, asset)
    const [newest] = await tx.all<{ id: number | null }>('select max(id) as id from materialization')
    const top = Math.min(before ?? Number.POSITIVE_INFINITY, (newest?.id ?? 0) + 1)
    if (id === undefined || top <= 1) return { items: [], next: undefined }
    const [counted] = await tx.all<{ count: number }>(
      'select count(*) as count from (select 1 as one from partition where asset_id = ? limit ?) part',
      id,
      fewPartitions + 1,
    )
    const isFew = counted!.count <= fewPartitions
    const low = isFew ? 1 : Math.max(1, top - scan)
    // The side that is looked through comes first: with `cross join` SQLite takes that for the order.
    const rows = await tx.all<MaterializationColumns>(
      `${selectMaterializations} where m.id in (select id from (
         select m.id from ${isFew ? 'partition p cross join materialization m' : 'materialization m cross join partition p'}
         where m.partition_id = p.id and p.asset_id = ? and m.id < ? and m.id >= ? order by m.id desc limit ?
       ) page) order by m.id desc`,
      id,
      top,
      low,
      limit,
    )
    return paged(rows.map(materializationRow), ({ number }) => number, { limit, low, first: 1 })
  },

  async assetEventsPage(tx, { asset, types, before, limit, scan = usualScan.events }) {
    const id = await knownAsset(tx, asset)
    const [ends] = await tx.all<{ oldest: number | null; newest: number | null }>(
      'select (select min(id) from event) as oldest, (select max(id) from event where id <= ?) as newest',
      await tx.finalEvent(),
    )
    const top = Math.min(before ?? Number.POSITIVE_INFINITY, (ends?.newest ?? 0) + 1)
    const first = ends?.oldest ?? 1
    if (id === undefined || top <= first) return { items: [], next: undefined }
    const low = Math.max(first, top - scan)
    const numbers = (types ?? eventTypes).map((type) => eventNumber[type])
    const rows = await tx.all<EventColumns>(
      `${selectEvents} where e.id in (select id from (
         select e.id from event e cross join partition p where p.id = e.partition_id and e.id < ? and e.id >= ?
           and p.asset_id = ? and e.type in (${numbers.map(() => '?').join(', ')}) order by e.id desc limit ?
       ) page) order by e.id desc`,
      top,
      low,
      id,
      ...numbers,
      limit,
    )
    return paged(rows.map(eventRow), (event) => event.id, { limit, low, first })
  },
}

/** What `select` finds of partitions, which it calls p. */
/** How many versions of the partition were published before. */
const earlier = `(select count(*) from materialization n where n.partition_id = m.partition_id and n.id < m.id
  and n.status = ${statusNumber.published})`

async function byKeys<Row>(
  tx: Transaction,
  select: string,
  asset: string,
  keys: readonly PartitionKey[],
): Promise<readonly Row[]> {
  const id = await knownAsset(tx, asset)
  if (id === undefined) return []
  const found: Row[] = []
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    // Filled up with what no key is, so that there are few statements to prepare.
    const part = keys.slice(at, at + keysAtOnce)
    const size = part.length <= 1 ? 1 : part.length <= 10 ? 10 : keysAtOnce
    const padded = [...part, ...Array.from({ length: size - part.length }, () => null)]
    const sql = `${select} and p.asset_id = ? and p.key in (${padded.map(() => '?').join(', ')})`
    found.push(...(await tx.all<Row>(sql, id, ...padded)))
  }
  return found
}

async function knownAsset(tx: Transaction, name: string): Promise<number | undefined> {
  const known = tx.ids.get(`asset ${name}`)
  if (known !== undefined) return known
  const [row] = await tx.all<{ id: number }>('select id from asset where name = ?', name)
  if (row) tx.ids.set(`asset ${name}`, row.id)
  return row?.id
}

function paged<Item>(
  items: readonly Item[],
  numberOf: (item: Item) => number,
  { limit, low, first }: { readonly limit: number; readonly low: number; readonly first: number },
): Page<Item> {
  if (items.length === limit) return { items, next: numberOf(items.at(-1)!) }
  return { items, next: low > first ? low : undefined }
}
