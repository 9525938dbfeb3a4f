import { isFinal } from '../run/run-state.ts'
import type { PartitionTally } from './port.ts'
import type { RunColumns, TickColumns } from './rows.ts'
import { eventNumber, eventTypes, runRow, statusNumber, tickRow } from './rows.ts'
import type { Operations, Transaction, WatchReadName } from './transaction.ts'

/** All of them, so that the index of runs by status is walked. */
const runStatuses = Object.keys(isFinal) as RunColumns['status'][]

/** How often a text occurs in another: what both databases can count with. */
const occurrences = (text: string, of: string) =>
  `(length(${of}) - length(replace(${of}, '${text}', ''))) / ${text.length}`

/** As checks are written down; a text inside of one has its quotes escaped. */
const tallyColumns = `a.name as asset, p.key, p.status, case when p.materialization_id is null then 0 else 1 end as "isReadable",
  coalesce(m.rows, 0) as rows, coalesce(m.bytes, 0) as bytes, coalesce(m.at, 0) as at,
  coalesce(${occurrences('"passed":true,"blocking":', 'm.checks')}, 0) as passed,
  coalesce(${occurrences('"passed":false,"blocking":', 'm.checks')}, 0) as failed`

const joins = 'join asset a on a.id = p.asset_id left join materialization m on m.id = p.materialization_id'

/** Looks of those who watch: what changed since the last look, and what is added up over many partitions or events. */
export const watchReads: Operations<WatchReadName> = {
  async partitionTallies(tx, after, limit) {
    return tx.all<PartitionTally & { readonly number: number }>(
      `select p.id as number, ${tallyColumns} from partition p ${joins} where p.id > ? order by p.id limit ?`,
      after,
      limit,
    )
  },

  async tallyChanges(tx, after, limit) {
    const newest = await newestEvent(tx)
    const [ends] = await tx.all<{ materialization: number | null; purged: number }>(
      'select (select max(id) from materialization) as materialization, up_to as purged from purge',
    )
    // What was dropped may have told of a partition: only all of them are sure.
    const isGap = (ends?.purged ?? 0) > after.event
    // Where transactions overlap, the newest that is final may fall back a little.
    const event = isGap ? after.event : Math.max(after.event, Math.min(newest, after.event + limit))
    const upTo = { event, materialization: Math.max(ends?.materialization ?? 0, after.materialization) }
    const isSame = event === after.event && upTo.materialization === after.materialization
    if (isGap || isSame) return { upTo, newest, isGap, rows: [], made: [] }
    // What was read back from the lake is told by no event.
    const rows = await tx.all<PartitionTally>(
      `select ${tallyColumns} from partition p ${joins} where p.id in (
         select partition_id from event where id > ? and id <= ? and type <> ?
         union select partition_id from materialization where id > ? and id <= ?)`,
      ...[after.event, event, eventNumber.log, after.materialization, upTo.materialization],
    )
    return { upTo, newest, isGap, rows, made: await madeBetween(tx, after.event, event) }
  },

  madeBetween,

  newestEvent,

  async heldPartitions(tx, now) {
    return tx.all<{ asset: string; count: number }>(
      `select a.name as asset, count(*) as count from partition p join asset a on a.id = p.asset_id
       where p.worker is not null and p.leased_until > ? group by a.name`,
      now,
    )
  },

  async eventAt(tx, after) {
    const [row] = await tx.all<{ id: number; at: number }>(
      'select id, at from event where id > ? order by id limit 1',
      after,
    )
    return row
  },

  async eventCounts(tx, after, upTo) {
    const rows = await tx.all<{ minute: number; type: number; count: number }>(
      `select at / 60000 as minute, type, count(*) as count from event where id > ? and id <= ?
       group by at / 60000, type`,
      after,
      upTo,
    )
    return rows.map(({ type, ...row }) => ({ ...row, type: eventTypes[type]! }))
  },

  async materializationAt(tx, after) {
    const [row] = await tx.all<{ id: number; at: number }>(
      'select id, at from materialization where id > ? order by id limit 1',
      after,
    )
    return row
  },

  async rowsMade(tx, after, upTo) {
    const rows = await tx.all<{ minute: number; rows: number }>(
      `select at / 60000 as minute, sum(rows) as rows from materialization where id > ? and id <= ? and status = ?
       group by at / 60000`,
      after,
      upTo,
      statusNumber.published,
    )
    return rows.map(({ minute, rows: count }) => ({ minute, rows: Number(count) }))
  },

  async watchRuns(tx, after, limit) {
    const [ends] = await tx.all<{ run: number | null; end: number | null }>(
      'select (select max(id) from run) as run, (select max(id) from run_end) as "end"',
    )
    const upTo = { run: ends?.run ?? 0, end: ends?.end ?? 0 }
    const rows = await tx.all<RunColumns & { id: number; last_event: number | null }>(
      `select r.*, (select max(e.id) from event e where e.run_id = r.id) as last_event from run r where r.id in (
         select id from (select id from run where finished_at is null order by id desc limit ?) as unfinished
         union select id from (select id from run where id > ? order by id desc limit ?) as created
         union select run_id from (select run_id from run_end where id > ? order by id desc limit ?) as ended)
       order by r.id desc limit ?`,
      ...[limit, after.run, limit, after.end, limit, 2 * limit],
    )
    return { upTo, runs: rows.map((row) => ({ ...runRow(row), lastEvent: row.last_event ?? 0 })) }
  },

  async runsEndedLast(tx, limit) {
    const rows = await tx.all<RunColumns>(
      'select r.* from run_end e join run r on r.id = e.run_id order by e.id desc limit ?',
      limit,
    )
    return rows.map(runRow)
  },

  async runsCreatedSince(tx, at) {
    const rows = await tx.all<{ status: RunColumns['status']; count: number }>(
      `select status, count(*) as count from run where status in (${runStatuses.map(() => '?').join(', ')})
         and created_at >= ? group by status`,
      ...runStatuses,
      at,
    )
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  },

  async ticksPage(tx, definition, { before, status, limit }) {
    const rows = await tx.all<TickColumns>(
      `select * from tick where definition = ? and scheduled_at < ? and (cast(? as text) is null or status = ?)
       order by scheduled_at desc limit ?`,
      definition,
      before ?? Number.MAX_SAFE_INTEGER,
      status ?? null,
      status ?? null,
      limit,
    )
    return rows.map(tickRow)
  },

  async sizes(tx) {
    const [row] = await tx.all<{ events: number | null; runs: number | null; materializations: number | null }>(
      `select (select max(id) from event) - (select min(id) from event) + 1 as events, (select max(id) from run) as runs,
         (select max(id) from materialization) as materializations`,
    )
    return { events: row?.events ?? 0, runs: row?.runs ?? 0, materializations: row?.materializations ?? 0 }
  },

  async unfinishedCounts(tx) {
    const rows = await tx.all<{ status: RunColumns['status']; count: number }>(
      'select status, count(*) as count from run where status in (?, ?) group by status',
      ...runStatuses.filter((status) => !isFinal[status]),
    )
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  },
}

async function newestEvent(tx: Transaction): Promise<number> {
  const [row] = await tx.all<{ id: number | null }>(
    'select max(id) as id from event where id <= ?',
    await tx.finalEvent(),
  )
  return row?.id ?? 0
}

async function madeBetween(
  tx: Transaction,
  after: number,
  upTo: number,
): Promise<readonly { readonly asset: string; readonly at: number }[]> {
  return tx.all<{ asset: string; at: number }>(
    `select a.name as asset, max(e.at) as at from event e join partition p on p.id = e.partition_id
     join asset a on a.id = p.asset_id where e.id > ? and e.id <= ? and e.type in (?, ?, ?) group by a.name`,
    ...[after, upTo, eventNumber.published, eventNumber.unchanged, eventNumber.observed],
  )
}
