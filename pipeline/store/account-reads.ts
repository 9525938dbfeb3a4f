import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { EventRow, PartitionAccount, RunAccount, UsedRunKey, VersionAccount } from './port.ts'
import type { FileColumns, RunColumns, TickColumns } from './rows.ts'
import { eventNumber, eventTypes, fileOf, runRow, states, statusNumber, tickRow } from './rows.ts'
import type { AccountReadName, Operations, Transaction } from './transaction.ts'

/** What became of a partition is told by these; the others say how an attempt went by. */
const telling = ['published', 'unchanged', 'failed', 'rejected', 'rolled-back', 'wiped', 'observed'] as const

/**
 * Looks at everything, a page at a time. There is no index of events by partition, since nothing else asks for one: each
 * page of partitions passes over all events, so pages should be large.
 */
export const accountReads: Operations<AccountReadName> = {
  async partitionAccounts(tx, after, limit) {
    const rows = await tx.all<{
      number: number
      asset: string
      key: PartitionKey
      status: number
      pointer: number | null
      worker: string | null
      leasedUntil: number | null
    }>(
      `select p.id as number, a.name as asset, p.key, p.status, p.materialization_id as pointer, p.worker,
         p.leased_until as "leasedUntil"
       from partition p join asset a on a.id = p.asset_id where p.id > ? order by p.id limit ?`,
      after,
      limit,
    )
    const last = rows.at(-1)?.number ?? after
    const versions = await versionsBetween(tx, after, last)
    const events = await eventsBetween(tx, after, last)
    const [purge] = await tx.all<{ up_to: number }>('select up_to from purge')
    const partitions = rows.map((row) => ({
      ...row,
      status: states[row.status]!,
      versions: versions.get(row.number) ?? [],
      events: events.get(row.number) ?? [],
    }))
    return { partitions, purgedUpTo: purge?.up_to ?? 0 }
  },

  async runAccounts(tx, after, limit) {
    // A run that was over before ends were numbered has none.
    const rows = await tx.all<
      RunColumns & {
        id: number
        is_ended: number
        published: number
        last_event_at: number | null
        leased_until: number | null
      }
    >(
      `select r.*,
         case when exists (select 1 from run_end e where e.run_id = r.id) or r.finished_at < coalesce(
           (select min(o.finished_at) from run_end e join run o on o.id = e.run_id), r.finished_at) then 1 else 0 end
           as is_ended,
         (select count(*) from event e where e.run_id = r.id and e.type = ?) as published,
         (select max(e.at) from event e where e.run_id = r.id) as last_event_at,
         (select max(p.leased_until) from partition p where p.worker is not null and p.run_id = r.id) as leased_until
       from run r where r.id > ? order by r.id limit ?`,
      eventNumber.published,
      after,
      limit,
    )
    return rows.map(
      (row): RunAccount => ({
        ...runRow(row),
        number: row.id,
        isEnded: row.is_ended === 1,
        published: row.published,
        lastEventAt: row.last_event_at,
        leasedUntil: row.leased_until,
      }),
    )
  },

  async ticksAfter(tx, { definition, scheduledAt }, limit) {
    const rows = await tx.all<TickColumns>(
      `select * from tick where definition > ? or (definition = ? and scheduled_at > ?)
       order by definition, scheduled_at limit ?`,
      definition,
      definition,
      scheduledAt,
      limit,
    )
    return rows.map(tickRow)
  },

  async runKeysAfter(tx, { definition, runKey }, limit) {
    return tx.all<UsedRunKey>(
      `select definition, run_key as "runKey", run from run_key where definition > ? or (definition = ? and run_key > ?)
       order by definition, run_key limit ?`,
      definition,
      definition,
      runKey,
      limit,
    )
  },
}

async function versionsBetween(
  tx: Transaction,
  after: number,
  last: number,
): Promise<ReadonlyMap<number, readonly VersionAccount[]>> {
  const rows = await tx.all<
    FileColumns & {
      number: number
      id: string
      partition_id: number
      run: string
      status: number
      sources: string
      superseded_at: number | null
      removed_at: number | null
      is_reindexed: number
    }
  >(
    `select m.id as number, m.uid as id, m.partition_id, coalesce(r.uid, '') as run, p.key, m.status, m.path, m.rows,
       m.bytes, m.version, m.content, m.sources, m.superseded_at, m.removed_at,
       case when m.metadata like ? then 1 else 0 end as is_reindexed
     from materialization m join partition p on p.id = m.partition_id left join run r on r.id = m.run_id
     where m.partition_id > ? and m.partition_id <= ? order by m.id`,
    '%"reindexed":true%',
    after,
    last,
  )
  return grouped(rows, (row) => ({
    ...fileOf(row),
    number: row.number,
    id: row.id,
    run: row.run,
    status: row.status === statusNumber.rejected ? 'rejected' : 'published',
    sources: JSON.parse(row.sources),
    supersededAt: row.superseded_at,
    removedAt: row.removed_at,
    isReindexed: row.is_reindexed === 1,
  }))
}

async function eventsBetween(
  tx: Transaction,
  after: number,
  last: number,
): Promise<ReadonlyMap<number, PartitionAccount['events']>> {
  const rows = await tx.all<{ id: number; partition_id: number; run: string; type: number; payload: string | null }>(
    `select e.id, e.partition_id, coalesce(r.uid, '') as run, e.type, e.payload from event e
     left join run r on r.id = e.run_id
     where e.partition_id > ? and e.partition_id <= ? and e.type in (${telling.map(() => '?').join(', ')}) order by e.id`,
    after,
    last,
    ...telling.map((type) => eventNumber[type]),
  )
  return grouped(rows, ({ id, run, type, payload }): PartitionAccount['events'][number] => ({
    id,
    run,
    type: eventTypes[type] as EventRow['type'],
    payload: payload === null ? {} : (JSON.parse(payload) as Metadata),
  }))
}

function grouped<Row extends { readonly partition_id: number }, T>(
  rows: readonly Row[],
  make: (row: Row) => T,
): ReadonlyMap<number, readonly T[]> {
  const byPartition = new Map<number, T[]>()
  for (const row of rows) {
    const group = byPartition.get(row.partition_id)
    if (group) group.push(make(row))
    else byPartition.set(row.partition_id, [make(row)])
  }
  return byPartition
}
