import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import { admitRuns } from '../plan/admit-runs.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { retryOf } from '../plan/rerun.ts'
import { isFinal, noCounts, total } from '../run/run-state.ts'
import { corrections } from './corrections.ts'
import type { HeldPartition, RunStore, SourceFile } from './port.ts'
import { assetIdOf, insertEvent, insertMaterialization, partitionIdOf, runIdOf, supersede } from './row-writes.ts'
import type { FileColumns, PartitionColumns, RunColumns, VersionColumns } from './rows.ts'
import { eventNumber, fileOf, keptEvents, payloadOf, rejection, runRow, stateOf, statusNumber } from './rows.ts'
import type { Operations, Transaction, WriteName } from './transaction.ts'

/** Operations that change the store: run by the one writer of a process. */
export const writes: Operations<WriteName> = {
  ...corrections,

  async join(tx, worker, now) {
    await tx.run(
      `insert into worker (id, host, pid, started_at, heartbeat_at, about) values (?, ?, ?, ?, ?, ?)
       on conflict (id) do update set heartbeat_at = excluded.heartbeat_at`,
      worker.id,
      worker.host,
      worker.pid,
      worker.startedAt,
      now,
      worker.about === undefined ? null : JSON.stringify(worker.about),
    )
  },

  async heartbeat(tx, worker, now, leaseMs) {
    const known = await tx.all('update worker set heartbeat_at = ? where id = ? returning id', now, worker)
    await tx.run('update partition set leased_until = ? where worker = ?', now + leaseMs, worker)
    const cancel = await tx.all<{ run: string; reason: string | null }>(
      `select uid as run, reason from run where finished_at is null and cancel_requested = 1
         and (leader = ? or id in (select run_id from partition where worker = ?))`,
      worker,
      worker,
    )
    const [all] = await tx.all<{ count: number }>('select count(*) as count from worker')
    return { isKnown: known.length > 0, workers: all!.count, cancel }
  },

  async keepSetting(tx, name, value, before) {
    const kept =
      before === null
        ? await tx.all(
            'insert into setting (name, value) values (?, ?) on conflict (name) do nothing returning name',
            name,
            value,
          )
        : await tx.all('update setting set value = ? where name = ? and value = ? returning name', value, name, before)
    return kept.length > 0
  },

  async takeRate(tx, { name, perMinute, burst, weight, now }) {
    const perMs = (perMinute - burst) / 60_000
    const flowed =
      '(case when ? > rate.at then rate.tokens + (? - rate.at) * cast(? as double precision) else rate.tokens end)'
    const [left] = await tx.all<{ tokens: number; paused_until: number }>(
      `insert into rate (name, tokens, at, paused_until) values (?, ?, ?, 0) on conflict (name) do update set
         tokens = (case when ${flowed} > ? then cast(? as double precision) else ${flowed} end) - ?, at = case when ? > rate.at then ? else rate.at end
       returning tokens, paused_until`,
      ...[name, burst - weight, now],
      ...[now, now, perMs, burst, burst, now, now, perMs, weight, now, now],
    )
    return {
      waitMs: Math.max(0, Math.ceil(-left!.tokens / perMs)),
      pausedMs: Math.max(0, left!.paused_until - now),
    }
  },

  async pauseRate(tx, name, until) {
    await tx.run('update rate set paused_until = ? where name = ? and paused_until < ?', until, name, until)
  },

  async release(tx, worker) {
    // The token grows, so that the worker can not publish should it turn out to be alive.
    const held = await tx.all<HeldPartition>(
      `update partition set worker = null, leased_until = null, lease = lease + 1 where worker = ? ${returningHeld}`,
      worker,
    )
    await endWorker(tx, worker, false)
    return held
  },

  async inherit(tx, dead, heir, now, leaseMs) {
    // What is changed is what is told: of two heirs one gets it, and a dead worker that claims meanwhile hides nothing.
    const held = await tx.all<HeldPartition>(
      `update partition set worker = ?, leased_until = ?, lease = lease + 1, deaths = deaths + 1 where worker = ? ${returningHeld}`,
      heir,
      now + leaseMs,
      dead,
    )
    await endWorker(tx, dead, true)
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

  createRun: insertRun,

  async admitRuns(tx, worker, limits, now) {
    await tx.lock('admission')
    const rows = await tx.all<{ uid: string; ask: string; admitted_at: number | null }>(
      'select uid, ask, admitted_at from run where finished_at is null order by id',
    )
    const runs = rows.map(({ uid, ask, admitted_at }) => ({ ...(JSON.parse(ask) as RunAsk), id: uid, admitted_at }))
    const queued = runs.filter((run) => run.admitted_at === null)
    const inProgress = runs.filter((run) => run.admitted_at !== null)
    for (const run of admitRuns(queued, inProgress, limits)) {
      await tx.run('update run set admitted_at = ? where uid = ? and admitted_at is null', now, run)
    }
    const own = await tx.all<{ uid: string }>(
      'select uid from run where finished_at is null and leader = ? and admitted_at is not null order by id',
      worker,
    )
    return own.map(({ uid }) => uid)
  },

  async adoptRuns(tx, worker) {
    const adopted = await tx.all<RunColumns>(
      `update run set leader = ?, resumes = resumes + is_orphan, is_orphan = 0
       where finished_at is null and (leader is null or leader not in (select id from worker)) returning *`,
      worker,
    )
    return adopted.map(runRow).sort((a, b) => a.createdAt - b.createdAt)
  },

  async progress(tx, run, leader, status, counts, now) {
    const finishedAt = isFinal[status] ? now : null
    const made = total(counts.published) + total(counts.unchanged)
    const [reported] = await tx.all<{ id: number; ask: string }>(
      `update run set status = ?, counts = ?, started_at = coalesce(started_at, ?), finished_at = ?,
         resumes = case when made < ? then 0 else resumes end, made = ?,
         leader = case when cast(? as bigint) is null then leader else null end
       where uid = ? and leader = ? and finished_at is null returning id, ask`,
      status,
      JSON.stringify(counts),
      now,
      finishedAt,
      // A run that gets on between the deaths of its leaders is not what they die of.
      made,
      made,
      finishedAt,
      run,
      leader,
    )
    if (!reported || finishedAt === null) return
    await insertRunEnd(tx, reported.id)
    if (status === 'failed') await createRetry(tx, { id: run, ask: JSON.parse(reported.ask) }, leader, now)
  },

  async requestCancel(tx, run, reason) {
    const found = await tx.all(
      'update run set cancel_requested = 1, reason = coalesce(reason, ?) where uid = ? and finished_at is null returning id',
      reason ?? null,
      run,
    )
    return found.length > 0
  },

  async failRun(tx, run, reason, now) {
    const [failed] = await tx.all<{ id: number; ask: string }>(
      `update run set status = 'failed', finished_at = ?, reason = ?, leader = null
       where uid = ? and finished_at is null returning id, ask`,
      now,
      reason,
      run,
    )
    if (!failed) return false
    await tx.run(
      'update partition set worker = null, leased_until = null, lease = lease + 1 where run_id = ? and worker is not null',
      failed.id,
    )
    await insertRunEnd(tx, failed.id)
    await createRetry(tx, { id: run, ask: JSON.parse(failed.ask) }, null, now)
    return true
  },

  async purgeEvents(tx, before) {
    const kept = keptEvents.map((type) => eventNumber[type])
    // The newest stays, whatever it is: its number would be given again, and who has read so far would miss the next event.
    const old = `from event where at < ? and type not in (${kept.map(() => '?').join(', ')})
      and id < (select max(id) from event)`
    const [found] = await tx.all<{ count: number; newest: number | null }>(
      `select count(*) as count, max(id) as newest ${old}`,
      before,
      ...kept,
    )
    if (!found || found.newest === null) return 0
    await tx.run(`delete ${old}`, before, ...kept)
    await tx.run('update purge set up_to = ? where up_to < ?', found.newest, found.newest)
    return found.count
  },

  async claim(tx, ask) {
    const [assetId, runId] = [await assetIdOf(tx, ask.asset), await runIdOf(tx, ask.run)]
    const until = ask.now + ask.leaseMs
    const claimed = []
    for (const key of ask.keys) {
      const [won] = await tx.all<PartitionColumns & { lease: number; deaths: number }>(
        `insert into partition (asset_id, key, lease, leased_until, worker, run_id) values (?, ?, 1, ?, ?, ?)
         on conflict (asset_id, key) do update set
           lease = partition.lease + 1, leased_until = excluded.leased_until, worker = excluded.worker, run_id = excluded.run_id,
           deaths = partition.deaths + case when partition.worker is null then 0 else 1 end
         where partition.worker is null or partition.leased_until < ?
         returning id, key, status, materialization_id, lease, deaths`,
        assetId,
        key,
        until,
        ask.worker,
        runId,
        ask.now,
      )
      const published = won && (await versionOf(tx, won))
      const inputs: Record<string, readonly SourceFile[]> = {}
      for (const input of won ? ask.inputs : []) {
        if (input.key === key) inputs[input.name] = await filesOf(tx, input.asset, input.keys)
      }
      claimed.push({
        key,
        token: won?.lease,
        heldUntil: won ? until : await heldUntil(tx, assetId, key),
        deaths: won?.deaths ?? 0,
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
    const isSame = made.content !== undefined && (await isVersion(tx, partition.materialization_id, made.version))
    if (partition.materialization_id !== null) await supersede(tx, partition.id, made.at)
    const id = await insertMaterialization(tx, partition.id, made, statusNumber.published)
    await tx.run('update partition set status = 1, materialization_id = ?, error = null where id = ?', id, partition.id)
    const payload = { materialization: made.id, rows: made.rows, bytes: made.bytes, ...(isSame && { isSame }) }
    await insertEvent(tx, made.run, partition.id, 'published', payload, made.at, lease.attempt)
    return true
  },

  async settle(tx, lease, run, outcome, now) {
    // What is tried again is not over: who died of it counts on.
    const isOver = outcome.type !== 'failed' || outcome.retryAt === null
    const partition = (await endLease(tx, lease, isOver))?.id
    if (partition === undefined) return false
    switch (outcome.type) {
      case 'unchanged':
        // The rows are those published already, now known to come from these inputs and this code.
        await tx.run('update partition set status = 1, error = null where id = ?', partition)
        await tx.run(
          `update materialization set code_version = ?, inputs = ?, sources = ?, checks = ?, metadata = ?
           where id = (select materialization_id from partition where id = ?)`,
          outcome.codeVersion,
          JSON.stringify(outcome.inputs),
          JSON.stringify(outcome.sources ?? {}),
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
    await insertEvent(tx, run, partition, outcome.type, payloadOf(outcome), now, lease.attempt)
    return true
  },

  async log(tx, run, asset, key, lines, now) {
    const partition = await partitionIdOf(tx, asset, key)
    await insertEvent(tx, run, partition, 'log', { lines } as unknown as Metadata, now)
  },

  async keepStatusBlock(tx, asset, { asOf, layout, bytes }) {
    await tx.run(
      `insert into status_block (asset_id, as_of, layout, bytes) values (?, ?, ?, ?)
       on conflict (asset_id) do update set as_of = excluded.as_of, layout = excluded.layout, bytes = excluded.bytes
       where excluded.as_of > status_block.as_of or excluded.layout <> status_block.layout`,
      await assetIdOf(tx, asset),
      asOf,
      layout,
      bytes,
    )
  },

  async reindex(tx, found) {
    let taken = 0
    // What is read back leaves no event behind that a block could be brought up to date from.
    await tx.run('delete from status_block')
    for (const one of [...found].sort((a, b) => a.at - b.at)) {
      const assetId = await assetIdOf(tx, one.asset)
      await tx.run(
        'insert into partition (asset_id, key) values (?, ?) on conflict (asset_id, key) do nothing',
        assetId,
        one.key,
      )
      const [held] = await tx.all<{ id: number }>(
        `select id from partition where asset_id = ? and key = ? ${tx.forUpdate}`,
        assetId,
        one.key,
      )
      const partition = held!.id
      const known = await tx.all('select 1 from materialization where partition_id = ? and uid = ?', partition, one.id)
      if (known.length > 0) continue
      await supersede(tx, partition, one.at)
      const id = await insertMaterialization(tx, partition, one, statusNumber.published)
      await tx.run('update partition set status = 1, materialization_id = ?, error = null where id = ?', id, partition)
      taken += 1
    }
    return taken
  },

  async decideTick(tx, tick, runs, keys = { add: {}, remove: {} }) {
    const { definition, scheduledAt, decidedAt, status, failures } = tick
    await tx.lock(`ticks of ${definition}`)
    // Of two daemons one may look a moment earlier, and catch up with a tick that the other has left behind.
    const later = 'select 1 from tick where definition = ? and scheduled_at > ? limit 1'
    if ((await tx.all(later, definition, scheduledAt)).length > 0) return undefined
    const decided = await tx.all(
      `insert into tick (definition, scheduled_at, decided_at, status, failures, note, cursor_before, cursor_after)
       values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (definition, scheduled_at) do update set decided_at = excluded.decided_at,
         status = excluded.status, failures = excluded.failures, note = excluded.note
       where tick.status = 'failed' and tick.failures = ? returning scheduled_at`,
      ...[definition, scheduledAt, decidedAt, status, failures, tick.note],
      ...[remembered(tick.cursorBefore), remembered(tick.cursorAfter)],
      failures - (status === 'failed' ? 1 : 0),
    )
    if (decided.length === 0) return undefined
    if (!(await writes.moveCursor(tx, tick))) {
      await tx.run('delete from tick where definition = ? and scheduled_at = ?', definition, scheduledAt)
      return undefined
    }
    for (const [name, gone] of Object.entries(keys.remove)) await writes.removeKeys(tx, name, gone, decidedAt)
    for (const [name, found] of Object.entries(keys.add)) await writes.addKeys(tx, name, found, decidedAt)
    const created: string[] = []
    for (const { runKey, ...run } of runs) {
      if (runKey !== undefined && !(await takeRunKey(tx, definition, runKey, run.id))) continue
      await writes.createRun(tx, { ...run, now: decidedAt })
      created.push(run.id)
    }
    if (created.length > 0) {
      const text = JSON.stringify(created)
      await tx.run('update tick set runs = ? where definition = ? and scheduled_at = ?', text, definition, scheduledAt)
    } else if (runs.length > 0) {
      await tx.run(
        `update tick set status = 'skipped', note = ? where definition = ? and scheduled_at = ?`,
        'every run key was used before',
        definition,
        scheduledAt,
      )
    }
    return created
  },

  async moveCursor(tx, { definition, decidedAt, cursorBefore, cursorAfter }) {
    if (cursorAfter === cursorBefore || cursorAfter === null) return true
    await tx.lock(`ticks of ${definition}`)
    const moved =
      cursorBefore === null
        ? await tx.all(
            'insert into cursor (sensor, value, moved_at) values (?, ?, ?) on conflict (sensor) do nothing returning sensor',
            definition,
            cursorAfter,
            decidedAt,
          )
        : await tx.all(
            'update cursor set value = ?, moved_at = ? where sensor = ? and value = ? returning sensor',
            cursorAfter,
            decidedAt,
            definition,
            cursorBefore,
          )
    return moved.length > 0
  },

  async purgeTicks(tx, before) {
    const gone = await tx.all(
      `delete from tick where scheduled_at < ?
         and scheduled_at < (select max(newest.scheduled_at) from tick newest where newest.definition = tick.definition)
       returning scheduled_at`,
      before,
    )
    return gone.length
  },

  async seeAutomations(tx, names, now) {
    for (const name of names) {
      await tx.run('insert into automation (name, since) values (?, ?) on conflict (name) do nothing', name, now)
    }
  },

  async setAutomation(tx, name, isOn, wasOnByDefault, now) {
    const flag = isOn ? 1 : 0
    await tx.run(
      `insert into automation (name, is_on, since) values (?, ?, ?) on conflict (name) do update set
         is_on = excluded.is_on,
         since = case when excluded.is_on = 1 and coalesce(automation.is_on, ?) = 0 then excluded.since else automation.since end`,
      name,
      flag,
      now,
      wasOnByDefault ? 1 : 0,
    )
  },

  async claimPoll(tx, sensor, now, everyMs) {
    const claimed = await tx.all(
      'update automation set polled_at = ? where name = ? and (polled_at is null or polled_at <= ?) returning name',
      now,
      sensor,
      now - everyMs,
    )
    return claimed.length > 0
  },
}

/** A long cursor is kept once, as the cursor: not with each tick, too. */
const remembered = (cursor: string | null) => (cursor !== null && cursor.length > 1_000 ? null : cursor)

async function takeRunKey(tx: Transaction, definition: string, runKey: string, run: string): Promise<boolean> {
  const used = await tx.all(
    'insert into run_key (definition, run_key, run) values (?, ?, ?) on conflict (definition, run_key) do nothing returning run',
    definition,
    runKey,
    run,
  )
  return used.length > 0
}

const returningHeld = 'returning (select name from asset where asset.id = asset_id) as asset, key'

async function endWorker(tx: Transaction, worker: string, isDead: boolean): Promise<void> {
  await tx.run(
    `update run set leader = null, is_orphan = case when status = 'running' then ? else 0 end,
       admitted_at = case when status = 'running' then admitted_at else null end
     where finished_at is null and leader = ?`,
    isDead ? 1 : 0,
    worker,
  )
  await tx.run('delete from worker where id = ?', worker)
}

/** The partition of a lease that is still held, which thereby ends; `undefined` if it was lost. */
async function endLease(
  tx: Transaction,
  lease: { readonly asset: string; readonly key: PartitionKey; readonly token: number },
  isOver = true,
): Promise<{ readonly id: number; readonly materialization_id: number | null } | undefined> {
  const [row] = await tx.all<{ id: number; materialization_id: number | null }>(
    `update partition set worker = null, leased_until = null${isOver ? ', deaths = 0' : ''}
     where asset_id = ? and key = ? and lease = ? and worker is not null returning id, materialization_id`,
    await assetIdOf(tx, lease.asset),
    lease.key,
    lease.token,
  )
  return row
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
    `select m.path, m.rows, m.bytes, m.version, m.content, m.code_version, m.inputs, coalesce(r.uid, '') as run
     from materialization m left join run r on r.id = m.run_id where m.id = ?`,
    partition.materialization_id,
  )
  return row && { ...row, key: partition.key }
}

async function isVersion(tx: Transaction, materialization: number | null, version: string): Promise<boolean> {
  return (
    (await tx.all('select 1 from materialization where id = ? and version = ?', materialization, version)).length > 0
  )
}

async function filesOf(tx: Transaction, asset: string, keys: readonly PartitionKey[]): Promise<readonly SourceFile[]> {
  const assetId = await assetIdOf(tx, asset)
  const files: SourceFile[] = []
  for (const key of keys) {
    const [file] = await tx.all<FileColumns & { number: number }>(
      `select p.key, m.path, m.rows, m.bytes, m.version, m.content, m.id as number from partition p
       join materialization m on m.id = p.materialization_id where p.asset_id = ? and p.key = ?`,
      assetId,
      key,
    )
    if (file) files.push({ ...fileOf(file), number: file.number })
  }
  return files
}

async function insertRun(
  tx: Transaction,
  { id, ask, leader, now }: Parameters<RunStore['createRun']>[0],
): Promise<void> {
  await tx.run(
    `insert into run (uid, ask, status, created_at, leader, counts, rerun_of) values (?, ?, 'queued', ?, ?, ?, ?)`,
    id,
    JSON.stringify(ask),
    now,
    leader,
    JSON.stringify(noCounts),
    ask.rerunOf ?? null,
  )
}

async function insertRunEnd(tx: Transaction, run: number): Promise<void> {
  // The next number is given when this one can be seen: who reads the ends in order would miss one that came late.
  await tx.lock('ends of runs')
  await tx.run('insert into run_end (run_id) values (?)', run)
}

/** What a failed run is followed by is there as soon as it has failed: no death of a process can lose it. */
async function createRetry(
  tx: Transaction,
  failed: { readonly id: string; readonly ask: RunAsk },
  leader: string | null,
  now: number,
): Promise<void> {
  const retry = retryOf(failed)
  if (retry) await insertRun(tx, { ...retry, leader, now })
}
