import type { Metadata } from '../define/asset.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { TableFile } from '../define/table.ts'
import type { PartitionState } from '../plan/staleness.ts'
import { isFinal, noCounts } from '../run/run-state.ts'
import type { EventRow, HeldPartition, Materialization, RunRow, RunStore, TickRow, Unpublished } from './port.ts'

export type SqlParameter = string | number | null

/** One connection inside one transaction. Statements are prepared once and found again by their text. */
export interface Transaction {
  all<Row>(sql: string, ...parameters: SqlParameter[]): Promise<readonly Row[]> | readonly Row[]
  run(sql: string, ...parameters: SqlParameter[]): Promise<void> | void
  /** Ids of names, kept for the life of the connection: assets and runs are never renamed. */
  readonly ids: Map<string, number>
}

type Operation<Name extends keyof RunStore> = (
  tx: Transaction,
  ...args: Parameters<RunStore[Name]>
) => Promise<Awaited<ReturnType<RunStore[Name]>>>

type Operations<Names extends keyof RunStore> = { readonly [Name in Names]: Operation<Name> }

export type WriteName =
  | 'join'
  | 'heartbeat'
  | 'release'
  | 'inherit'
  | 'free'
  | 'createRun'
  | 'adoptRuns'
  | 'progress'
  | 'requestCancel'
  | 'claim'
  | 'publish'
  | 'settle'
  | 'log'
  | 'reindex'
  | 'decideTick'
  | 'moveCursor'

export type ReadName = Exclude<keyof RunStore, WriteName | 'close'>

const states = ['missing', 'published', 'failed', 'rejected'] as const
const statusNumber = { missing: 0, published: 1, failed: 2, rejected: 3 } as const satisfies Record<
  PartitionState['status'],
  number
>
const eventTypes = [
  'published',
  'log',
  'unchanged',
  'skipped',
  'failed',
  'rejected',
  'canceled',
] as const satisfies readonly EventRow['type'][]
const eventNumber = Object.fromEntries(eventTypes.map((type, index) => [type, index])) as Record<
  EventRow['type'],
  number
>

interface PartitionColumns {
  readonly id: number
  readonly key: PartitionKey
  readonly status: number
  readonly materialization_id: number | null
}

interface FileColumns {
  readonly key: PartitionKey
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly version: string
}

interface VersionColumns extends FileColumns {
  readonly run: string
  readonly code_version: string
  readonly inputs: string
}

/** Operations that change the store: run by the one writer of a process. */
export const writes: Operations<WriteName> = {
  async join(tx, worker, now) {
    await tx.run(
      'insert into worker (id, host, pid, started_at, heartbeat_at) values (?, ?, ?, ?, ?)',
      worker.id,
      worker.host,
      worker.pid,
      worker.startedAt,
      now,
    )
  },

  async heartbeat(tx, worker, now, leaseMs) {
    await tx.run('update worker set heartbeat_at = ? where id = ?', now, worker)
    await tx.run('update partition set leased_until = ? where worker = ?', now + leaseMs, worker)
    const canceled = await tx.all<{ uid: string }>(
      `select uid from run where leader = ? and cancel_requested = 1 and status in ('queued', 'running')`,
      worker,
    )
    return canceled.map(({ uid }) => uid)
  },

  async release(tx, worker) {
    const held = await heldBy(tx, worker)
    // The token grows, so that the worker can not publish should it turn out to be alive.
    await tx.run('update partition set worker = null, leased_until = null, lease = lease + 1 where worker = ?', worker)
    await endWorker(tx, worker)
    return held
  },

  async inherit(tx, dead, heir, now, leaseMs) {
    const held = await heldBy(tx, dead)
    await tx.run(
      'update partition set worker = ?, leased_until = ?, lease = lease + 1 where worker = ?',
      heir,
      now + leaseMs,
      dead,
    )
    await endWorker(tx, dead)
    return held
  },

  async free(tx, worker, partitions) {
    for (const { asset, key } of partitions) {
      await tx.run(
        'update partition set worker = null, leased_until = null, lease = lease + 1 where asset_id = ? and key = ? and worker = ?',
        await assetIdOf(tx, asset),
        key,
        worker,
      )
    }
  },

  async createRun(tx, { id, ask, leader, now }) {
    await tx.run(
      `insert into run (uid, ask, status, created_at, leader, counts) values (?, ?, 'queued', ?, ?, ?)`,
      id,
      JSON.stringify(ask),
      now,
      leader,
      JSON.stringify(noCounts),
    )
  },

  async adoptRuns(tx, worker) {
    const adopted = await tx.all<RunColumns>(
      `update run set leader = ? where leader is null and status in ('queued', 'running') returning *`,
      worker,
    )
    return adopted.map(runRow).sort((a, b) => a.createdAt - b.createdAt)
  },

  async progress(tx, run, leader, status, counts, now) {
    const finishedAt = isFinal[status] ? now : null
    await tx.run(
      `update run set status = ?, counts = ?, finished_at = ?, leader = case when ? is null then leader else null end
       where uid = ? and leader = ?`,
      status,
      JSON.stringify(counts),
      finishedAt,
      finishedAt,
      run,
      leader,
    )
  },

  async requestCancel(tx, run) {
    const found = await tx.all(
      `update run set cancel_requested = 1 where uid = ? and status in ('queued', 'running') returning id`,
      run,
    )
    return found.length > 0
  },

  async claim(tx, ask) {
    const [assetId, runId] = [await assetIdOf(tx, ask.asset), await runIdOf(tx, ask.run)]
    const until = ask.now + ask.leaseMs
    const claimed = []
    for (const key of ask.keys) {
      const [won] = await tx.all<PartitionColumns & { lease: number }>(
        `insert into partition (asset_id, key, lease, leased_until, worker, run_id) values (?, ?, 1, ?, ?, ?)
         on conflict (asset_id, key) do update set
           lease = partition.lease + 1, leased_until = excluded.leased_until, worker = excluded.worker, run_id = excluded.run_id
         where partition.worker is null or partition.leased_until < ?
         returning id, key, status, materialization_id, lease`,
        assetId,
        key,
        until,
        ask.worker,
        runId,
        ask.now,
      )
      const published = won && (await versionOf(tx, won))
      const inputs: Record<string, readonly TableFile[]> = {}
      for (const input of won ? ask.inputs : []) {
        if (input.key === key) inputs[input.name] = await filesOf(tx, input.asset, input.keys)
      }
      claimed.push({
        key,
        token: won?.lease,
        heldUntil: won ? until : await heldUntil(tx, assetId, key),
        state: won ? stateOf(won.status, published) : stateOf(0, undefined),
        published: published && fileOf(published),
        inputs,
      })
    }
    return claimed
  },

  async publish(tx, lease, made) {
    const partition = await endLease(tx, lease)
    if (partition === undefined) return false
    const id = await insertMaterialization(tx, partition, made, statusNumber.published)
    await tx.run('update partition set status = 1, materialization_id = ?, error = null where id = ?', id, partition)
    const payload = { materialization: made.id, rows: made.rows, bytes: made.bytes }
    await insertEvent(tx, made.run, partition, 'published', payload, made.at)
    return true
  },

  async settle(tx, lease, run, outcome, now) {
    const partition = await endLease(tx, lease)
    if (partition === undefined) return false
    switch (outcome.type) {
      case 'unchanged':
        // The rows are those published already, now known to come from these inputs and this code.
        await tx.run('update partition set status = 1, error = null where id = ?', partition)
        await tx.run(
          `update materialization set code_version = ?, inputs = ?, checks = ?, metadata = ?
           where id = (select materialization_id from partition where id = ?)`,
          outcome.codeVersion,
          JSON.stringify(outcome.inputs),
          JSON.stringify(outcome.checks),
          JSON.stringify(outcome.metadata),
          partition,
        )
        break
      case 'failed':
        if (outcome.retryAt === null) {
          await tx.run('update partition set status = 2, error = ? where id = ?', outcome.error, partition)
        }
        break
      case 'rejected':
        await insertMaterialization(tx, partition, outcome.materialization, statusNumber.rejected)
        await tx.run(
          'update partition set status = 3, error = ? where id = ?',
          rejection(outcome.materialization),
          partition,
        )
        break
      case 'skipped':
      case 'canceled':
        break
      default:
        outcome satisfies never
    }
    await insertEvent(tx, run, partition, outcome.type, payloadOf(outcome), now)
    return true
  },

  async log(tx, run, asset, key, lines, now) {
    const partition = await partitionIdOf(tx, asset, key)
    for (const line of lines) await insertEvent(tx, run, partition, 'log', line, now)
  },

  async reindex(tx, found) {
    let taken = 0
    for (const one of [...found].sort((a, b) => a.at - b.at)) {
      const assetId = await assetIdOf(tx, one.asset)
      await tx.run(
        'insert into partition (asset_id, key) values (?, ?) on conflict (asset_id, key) do nothing',
        assetId,
        one.key,
      )
      const partition = (await partitionIdOf(tx, one.asset, one.key))!
      const known = await tx.all('select 1 from materialization where partition_id = ? and uid = ?', partition, one.id)
      if (known.length > 0) continue
      const id = await insertMaterialization(tx, partition, one, statusNumber.published)
      await tx.run('update partition set status = 1, materialization_id = ?, error = null where id = ?', id, partition)
      taken += 1
    }
    return taken
  },

  async decideTick(tx, tick, run) {
    const decided = await tx.all(
      `insert into tick (definition, scheduled_at, decided_at, run, note) values (?, ?, ?, ?, ?)
       on conflict (definition, scheduled_at) do nothing returning scheduled_at`,
      tick.definition,
      tick.scheduledAt,
      tick.decidedAt,
      tick.run,
      tick.note,
    )
    if (decided.length > 0 && run) await writes.createRun(tx, { ...run, now: tick.decidedAt })
    return decided.length > 0
  },

  async moveCursor(tx, sensor, cursor, runs, now) {
    await tx.run(
      `insert into cursor (sensor, value, moved_at) values (?, ?, ?)
       on conflict (sensor) do update set value = excluded.value, moved_at = excluded.moved_at`,
      sensor,
      cursor,
      now,
    )
    for (const run of runs) await writes.createRun(tx, { ...run, now })
  },
}

/** Operations that only look: run on any connection. */
export const reads: Operations<ReadName> = {
  async workers(tx) {
    return tx.all<{ id: string; host: string; pid: number; startedAt: number; heartbeatAt: number }>(
      'select id, host, pid, started_at as "startedAt", heartbeat_at as "heartbeatAt" from worker',
    )
  },

  async run(tx, id) {
    const [row] = await tx.all<RunColumns>('select * from run where uid = ?', id)
    return row && runRow(row)
  },

  async runs(tx, limit) {
    return (await tx.all<RunColumns>('select * from run order by id desc limit ?', limit)).map(runRow)
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
    const rows = await tx.all<PartitionColumns & VersionColumns & { at: number; error: string; leased_until: number }>(
      `select p.key, p.status, p.materialization_id, p.error, p.leased_until, m.path, m.rows, m.bytes, m.version,
         m.code_version, m.inputs, m.at, r.uid as run
       from partition p left join materialization m on m.id = p.materialization_id left join run r on r.id = m.run_id
       where p.asset_id = (select id from asset where name = ?) order by p.key`,
      asset,
    )
    return rows.map((row) => {
      const published = row.materialization_id === null ? undefined : row
      return {
        asset,
        key: row.key,
        state: stateOf(row.status, published),
        file: published && fileOf(published),
        publishedAt: row.at,
        run: row.run,
        error: row.error,
        leasedUntil: row.leased_until,
      }
    })
  },

  async files(tx, asset) {
    return tx.all<TableFile>(
      `select p.key, m.path, m.rows, m.bytes, m.version from partition p
       join materialization m on m.id = p.materialization_id
       where p.asset_id = (select id from asset where name = ?) order by p.key`,
      asset,
    )
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
    const rows = await tx.all<{
      id: number
      at: number
      run: string
      type: number
      asset: string
      key: PartitionKey
      payload: string | null
    }>(
      `select e.id, e.at, r.uid as run, e.type, a.name as asset, p.key, e.payload from event e
       join run r on r.id = e.run_id left join partition p on p.id = e.partition_id left join asset a on a.id = p.asset_id
       where e.id > ? and (? is null or e.run_id = (select id from run where uid = ?)) order by e.id limit ?`,
      after ?? 0,
      run ?? null,
      run ?? null,
      limit,
    )
    return rows.map((row) => ({
      ...row,
      type: eventTypes[row.type]!,
      payload: row.payload === null ? {} : (JSON.parse(row.payload) as Metadata),
    }))
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

  async lastTick(tx, definition) {
    const [row] = await tx.all<TickRow>(
      `select definition, scheduled_at as "scheduledAt", decided_at as "decidedAt", run, note from tick
       where definition = ? order by scheduled_at desc limit 1`,
      definition,
    )
    return row
  },

  async cursor(tx, sensor) {
    const [row] = await tx.all<{ value: string }>('select value from cursor where sensor = ?', sensor)
    return row?.value
  },
}

const heldBy = (tx: Transaction, worker: string) =>
  tx.all<HeldPartition>(
    'select a.name as asset, p.key from partition p join asset a on a.id = p.asset_id where p.worker = ?',
    worker,
  )

async function endWorker(tx: Transaction, worker: string): Promise<void> {
  await tx.run('update run set leader = null where leader = ?', worker)
  await tx.run('delete from worker where id = ?', worker)
}

async function assetIdOf(tx: Transaction, name: string): Promise<number> {
  const known = tx.ids.get(`asset ${name}`)
  if (known !== undefined) return known
  await tx.run('insert into asset (name) values (?) on conflict (name) do nothing', name)
  const [row] = await tx.all<{ id: number }>('select id from asset where name = ?', name)
  tx.ids.set(`asset ${name}`, row!.id)
  return row!.id
}

async function runIdOf(tx: Transaction, uid: string): Promise<number> {
  const known = tx.ids.get(`run ${uid}`)
  if (known !== undefined) return known
  const [row] = await tx.all<{ id: number }>('select id from run where uid = ?', uid)
  if (!row) throw new Error(`run "${uid}" is not in the store`)
  tx.ids.set(`run ${uid}`, row.id)
  return row.id
}

async function partitionIdOf(tx: Transaction, asset: string, key: PartitionKey): Promise<number | undefined> {
  const [row] = await tx.all<{ id: number }>(
    'select id from partition where asset_id = ? and key = ?',
    await assetIdOf(tx, asset),
    key,
  )
  return row?.id
}

/** The partition of a lease that is still held, which thereby ends; `undefined` if it was lost. */
async function endLease(
  tx: Transaction,
  lease: { readonly asset: string; readonly key: PartitionKey; readonly token: number },
): Promise<number | undefined> {
  const [row] = await tx.all<{ id: number }>(
    `update partition set worker = null, leased_until = null
     where asset_id = ? and key = ? and lease = ? and worker is not null returning id`,
    await assetIdOf(tx, lease.asset),
    lease.key,
    lease.token,
  )
  return row?.id
}

async function heldUntil(tx: Transaction, assetId: number, key: PartitionKey): Promise<number> {
  const [row] = await tx.all<{ leased_until: number }>(
    'select leased_until from partition where asset_id = ? and key = ?',
    assetId,
    key,
  )
  return row?.leased_until ?? 0
}

async function versionOf(tx: Transaction, partition: PartitionColumns): Promise<VersionColumns | undefined> {
  if (partition.materialization_id === null) return undefined
  const [row] = await tx.all<Omit<VersionColumns, 'key'>>(
    `select m.path, m.rows, m.bytes, m.version, m.code_version, m.inputs, coalesce(r.uid, '') as run
     from materialization m left join run r on r.id = m.run_id where m.id = ?`,
    partition.materialization_id,
  )
  return row && { ...row, key: partition.key }
}

async function filesOf(tx: Transaction, asset: string, keys: readonly PartitionKey[]): Promise<readonly TableFile[]> {
  const assetId = await assetIdOf(tx, asset)
  const files: TableFile[] = []
  for (const key of keys) {
    const [file] = await tx.all<TableFile>(
      `select p.key, m.path, m.rows, m.bytes, m.version from partition p
       join materialization m on m.id = p.materialization_id where p.asset_id = ? and p.key = ?`,
      assetId,
      key,
    )
    if (file) files.push(file)
  }
  return files
}

async function insertMaterialization(
  tx: Transaction,
  partition: number,
  made: Materialization,
  status: number,
): Promise<number> {
  const [row] = await tx.all<{ id: number }>(
    `insert into materialization
       (uid, partition_id, run_id, status, at, path, rows, bytes, version, code_version, inputs, checks, metadata)
     values (?, ?, (select id from run where uid = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
    made.id,
    partition,
    made.run,
    status,
    made.at,
    made.path,
    made.rows,
    made.bytes,
    made.version,
    made.codeVersion,
    JSON.stringify(made.inputs),
    JSON.stringify(made.checks),
    JSON.stringify(made.metadata),
  )
  return row!.id
}

async function insertEvent(
  tx: Transaction,
  run: string,
  partition: number | undefined,
  type: EventRow['type'],
  payload: Metadata | undefined,
  at: number,
): Promise<void> {
  await tx.run(
    'insert into event (at, run_id, partition_id, type, payload) values (?, ?, ?, ?, ?)',
    at,
    await runIdOf(tx, run),
    partition ?? null,
    eventNumber[type],
    payload === undefined ? null : JSON.stringify(payload),
  )
}

function payloadOf(outcome: Unpublished): Metadata | undefined {
  switch (outcome.type) {
    case 'skipped':
      return { why: outcome.why }
    case 'failed':
      return { error: outcome.error, attempt: outcome.attempt, retryAt: outcome.retryAt }
    case 'rejected':
      return { why: rejection(outcome.materialization), path: outcome.materialization.path }
    case 'unchanged':
    case 'canceled':
      return undefined
    default:
      return outcome satisfies never
  }
}

const rejection = (made: Materialization) =>
  made.checks
    .filter((check) => !check.passed && check.blocking)
    .map((check) => `check "${check.name}": ${check.why}`)
    .join('; ')

function stateOf(
  status: number,
  published: (Omit<VersionColumns, keyof FileColumns> & { version: string }) | undefined,
): PartitionState {
  return {
    status: states[status]!,
    published: published && {
      codeVersion: published.code_version,
      version: published.version,
      run: published.run,
      inputs: JSON.parse(published.inputs) as Record<string, string>,
    },
  }
}

const fileOf = ({ key, path, rows, bytes, version }: FileColumns): TableFile => ({ key, path, rows, bytes, version })

interface RunColumns {
  readonly uid: string
  readonly ask: string
  readonly status: RunRow['status']
  readonly created_at: number
  readonly finished_at: number | null
  readonly leader: string | null
  readonly cancel_requested: number
  readonly counts: string
}

const runRow = (row: RunColumns): RunRow => ({
  id: row.uid,
  ask: JSON.parse(row.ask),
  status: row.status,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  leader: row.leader,
  cancelRequested: row.cancel_requested === 1,
  counts: JSON.parse(row.counts),
})

const selectMaterializations = `select m.uid, a.name as asset, p.key, coalesce(r.uid, '') as run, m.status, m.at, m.path, m.rows, m.bytes,
  m.version, m.code_version, m.inputs, m.checks, m.metadata
  from materialization m join partition p on p.id = m.partition_id join asset a on a.id = p.asset_id left join run r on r.id = m.run_id`

interface MaterializationColumns extends VersionColumns {
  readonly uid: string
  readonly asset: string
  readonly status: number
  readonly at: number
  readonly checks: string
  readonly metadata: string
}

const materializationRow = (row: MaterializationColumns) => ({
  id: row.uid,
  asset: row.asset,
  key: row.key,
  run: row.run,
  path: row.path,
  rows: row.rows,
  bytes: row.bytes,
  version: row.version,
  codeVersion: row.code_version,
  inputs: JSON.parse(row.inputs),
  checks: JSON.parse(row.checks),
  metadata: JSON.parse(row.metadata),
  at: row.at,
  status: row.status === statusNumber.rejected ? ('rejected' as const) : ('published' as const),
})
