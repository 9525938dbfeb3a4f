import type { MadePartition } from '../define/automation.ts'
import { accountReads } from './account-reads.ts'
import { assetPages } from './asset-pages.ts'
import { historyReads } from './history-reads.ts'
import type { StatusBlock, StatusChanges, WorkerAbout } from './port.ts'
import type {
  EventColumns,
  FileColumns,
  MaterializationColumns,
  PartitionColumns,
  PublishedColumns,
  RunColumns,
  TickColumns,
  VersionColumns,
} from './rows.ts'
import {
  eventNumber,
  eventRow,
  fileOf,
  materializationRow,
  partitionRow,
  runRow,
  selectEvents,
  selectMaterializations,
  selectPartitions,
  stateOf,
  tickRow,
} from './rows.ts'
import { runPages } from './run-pages.ts'
import type { Operations, ReadName } from './transaction.ts'
import { watchReads } from './watch-reads.ts'

type StatusRow = StatusChanges['rows'][number]

/** Operations that only look: run on any connection. */
export const reads: Operations<ReadName> = {
  ...historyReads,
  ...accountReads,
  ...runPages,
  ...watchReads,
  ...assetPages,
  ...watchReads,

  async workers(tx) {
    const rows = await tx.all<{
      id: string
      host: string
      pid: number
      startedAt: number
      heartbeatAt: number
      about: string | null
    }>('select id, host, pid, started_at as "startedAt", heartbeat_at as "heartbeatAt", about from worker order by id')
    return rows.map(({ about, ...row }) => ({
      ...row,
      ...(about !== null && { about: JSON.parse(about) as WorkerAbout }),
    }))
  },

  async setting(tx, name) {
    const [row] = await tx.all<{ value: string }>('select value from setting where name = ?', name)
    return row?.value
  },

  async run(tx, id) {
    const [row] = await tx.all<RunColumns>('select * from run where uid = ?', id)
    return row && runRow(row)
  },

  async runs(tx, limit) {
    return (await tx.all<RunColumns>('select * from run order by id desc limit ?', limit)).map(runRow)
  },

  async unfinishedRuns(tx) {
    return (await tx.all<RunColumns>('select * from run where finished_at is null order by id')).map(runRow)
  },

  async rerunsOf(tx, run) {
    return (await tx.all<RunColumns>('select * from run where rerun_of = ? order by id', run)).map(runRow)
  },

  async states(tx, asset) {
    const rows = await tx.all<PartitionColumns & VersionColumns>(
      `select p.key, p.status, p.materialization_id, m.version, m.code_version, m.inputs, coalesce(r.uid, '') as run
       from partition p left join materialization m on m.id = p.materialization_id left join run r on r.id = m.run_id
       where p.asset_id = (select id from asset where name = ?)`,
      asset,
    )
    return new Map(rows.map((row) => [row.key, stateOf(row.status, row.materialization_id === null ? undefined : row)]))
  },

  async partitions(tx, asset) {
    const rows = await tx.all<PublishedColumns>(
      `${selectPartitions} where p.asset_id = (select id from asset where name = ?) order by p.key`,
      asset,
    )
    return rows.map((row) => partitionRow(asset, row))
  },

  async statusBlock(tx, asset) {
    const [row] = await tx.all<StatusBlock>(
      `select as_of as "asOf", layout, bytes from status_block where asset_id = (select id from asset where name = ?)`,
      asset,
    )
    return row
  },

  async statusChanges(tx, asset, after) {
    const [ends] = await tx.all<{ oldest: number | null; newest: number | null; purged: number }>(
      `select (select min(id) from event) as oldest, (select max(id) from event where id <= ?) as newest,
         up_to as purged from purge`,
      await tx.finalEvent(),
    )
    const asOf = ends?.newest ?? 0
    // Where the events that follow the block are no longer all there, only the partitions themselves are sure.
    const isGap = (ends?.oldest ?? 1) > after + 1 || (ends?.purged ?? 0) > after
    const isWhole = after === 0 || after > asOf || isGap
    const columns = `p.key, p.status, case when p.materialization_id is null then 0 else 1 end as "isReadable"`
    const rows = isWhole
      ? await tx.all<StatusRow>(
          `select ${columns} from partition p where p.asset_id = (select id from asset where name = ?)`,
          asset,
        )
      : await tx.all<StatusRow>(
          `select ${columns} from event e join partition p on p.id = e.partition_id
           where e.id > ? and e.id <= ? and p.asset_id = (select id from asset where name = ?)`,
          after,
          asOf,
          asset,
        )
    return { asOf, isWhole, rows }
  },

  async files(tx, asset) {
    const rows = await tx.all<FileColumns>(
      `select p.key, m.path, m.rows, m.bytes, m.version, m.content from partition p
       join materialization m on m.id = p.materialization_id
       where p.asset_id = (select id from asset where name = ?) and m.path <> '' order by p.key`,
      asset,
    )
    return rows.map(fileOf)
  },

  async summaries(tx) {
    return tx.all(
      `select a.name as asset,
         sum(case when p.materialization_id is not null then 1 else 0 end) as published,
         sum(case when p.status = 2 then 1 else 0 end) as failed,
         sum(case when p.status = 3 then 1 else 0 end) as rejected,
         sum(case when p.worker is not null then 1 else 0 end) as running,
         coalesce(sum(m.rows), 0) as rows, coalesce(sum(m.bytes), 0) as bytes, max(m.at) as "lastPublishedAt"
       from asset a join partition p on p.asset_id = a.id left join materialization m on m.id = p.materialization_id
       group by a.name order by min(a.id)`,
    )
  },

  async history(tx, asset, key) {
    const rows = await tx.all<MaterializationColumns>(
      `${selectMaterializations} where p.asset_id = (select id from asset where name = ?) and p.key = ? order by m.id desc`,
      asset,
      key,
    )
    return rows.map(materializationRow)
  },

  async current(tx, asset) {
    const rows = await tx.all<MaterializationColumns>(
      `${selectMaterializations} where p.asset_id = (select id from asset where name = ?) and p.materialization_id = m.id order by p.key`,
      asset,
    )
    return rows.map(materializationRow)
  },

  async events(tx, { run, after, limit }) {
    const rows = await tx.all<EventColumns>(
      `${selectEvents}
       where e.id > ? and e.id <= ? and (cast(? as text) is null or e.run_id = (select id from run where uid = ?))
       order by e.id limit ?`,
      after ?? 0,
      await tx.finalEvent(),
      run ?? null,
      run ?? null,
      limit,
    )
    return rows.map(eventRow)
  },

  async knownPaths(tx, asset, key) {
    const rows = await tx.all<{ path: string }>(
      `select m.path from materialization m join partition p on p.id = m.partition_id
       where p.asset_id = (select id from asset where name = ?) and p.key = ?`,
      asset,
      key,
    )
    return new Set(rows.map(({ path }) => path))
  },

  async ticks(tx, definition, limit) {
    const rows = await tx.all<TickColumns>(
      'select * from tick where definition = ? order by scheduled_at desc limit ?',
      definition,
      limit,
    )
    return rows.map(tickRow)
  },

  async automations(tx) {
    const rows = await tx.all<
      Partial<TickColumns> & { name: string; is_on: number | null; since: number; polled_at: number | null }
    >(
      `select a.name, a.is_on, a.since, a.polled_at, t.* from automation a left join tick t on t.definition = a.name
         and t.scheduled_at = (select max(scheduled_at) from tick where definition = a.name) order by a.name`,
    )
    return rows.map((row) => ({
      name: row.name,
      isOn: row.is_on === null ? undefined : row.is_on === 1,
      since: row.since,
      polledAt: row.polled_at,
      lastTick: row.definition === null ? undefined : tickRow(row as TickColumns),
    }))
  },

  async endedRuns(tx, after, limit) {
    const [newest] = await tx.all<{ id: number | null }>('select max(id) as id from run_end')
    const last = newest?.id ?? 0
    if (after === undefined) return { runs: [], upTo: last }
    const rows = await tx.all<RunColumns & { end_id: number }>(
      `select r.*, e.id as end_id from run_end e join run r on r.id = e.run_id
       where e.id > ? and e.id <= ? order by e.id limit ?`,
      after,
      // One that ended since the look above is told next time, and not both times.
      last,
      limit,
    )
    const runs = rows.map((row) => {
      const { id, status, ask, finishedAt, reason } = runRow(row)
      return {
        id,
        status,
        assets: ask.assets,
        tags: ask.tags ?? {},
        asked: ask.reason,
        why: reason,
        endedAt: finishedAt!,
      }
    })
    return { runs, upTo: rows.length === limit ? rows.at(-1)!.end_id : last }
  },

  async made(tx, assets, after, limit) {
    const [newest] = await tx.all<{ id: number | null }>(
      'select max(id) as id from event where id <= ?',
      await tx.finalEvent(),
    )
    const last = Math.max(newest?.id ?? 0, after ?? 0)
    if (after === undefined || assets.length === 0) return { made: [], upTo: last }
    const rows = await tx.all<Omit<MadePartition, 'isNew'> & { id: number; type: number }>(
      `select e.id, e.at, e.type, a.name as asset, p.key, coalesce(r.uid, '') as run from event e
       join partition p on p.id = e.partition_id join asset a on a.id = p.asset_id left join run r on r.id = e.run_id
       where e.id > ? and e.id <= ? and e.type in (?, ?, ?) and a.name in (${assets.map(() => '?').join(', ')}) order by e.id limit ?`,
      after,
      last,
      eventNumber.published,
      eventNumber.unchanged,
      eventNumber.observed,
      ...assets,
      limit,
    )
    const made = rows.map(({ id: _, type, ...row }) => ({ ...row, isNew: type !== eventNumber.unchanged }))
    return { made, upTo: rows.length === limit ? rows.at(-1)!.id : last }
  },

  async cursor(tx, sensor) {
    const [row] = await tx.all<{ value: string }>('select value from cursor where sensor = ?', sensor)
    return row?.value
  },
}
