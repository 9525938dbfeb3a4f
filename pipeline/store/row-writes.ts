/** Rows that several operations look up and write. */

import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { Attempt, EventRow, Materialization } from './port.ts'
import { eventNumber, statusNumber } from './rows.ts'
import type { Transaction } from './transaction.ts'

/** The run of an event that none brought about. */
const noRun = 0

export async function assetIdOf(tx: Transaction, name: string): Promise<number> {
  const known = tx.ids.get(`asset ${name}`)
  if (known !== undefined) return known
  await tx.run('insert into asset (name) values (?) on conflict (name) do nothing', name)
  const [row] = await tx.all<{ id: number }>('select id from asset where name = ?', name)
  tx.ids.set(`asset ${name}`, row!.id)
  return row!.id
}

export async function runIdOf(tx: Transaction, uid: string): Promise<number> {
  const known = tx.ids.get(`run ${uid}`)
  if (known !== undefined) return known
  const [row] = await tx.all<{ id: number }>('select id from run where uid = ?', uid)
  if (!row) throw new Error(`run "${uid}" is not in the store`)
  tx.ids.set(`run ${uid}`, row.id)
  return row.id
}

export async function partitionIdOf(tx: Transaction, asset: string, key: PartitionKey): Promise<number | undefined> {
  const [row] = await tx.all<{ id: number }>(
    'select id from partition where asset_id = ? and key = ?',
    await assetIdOf(tx, asset),
    key,
  )
  return row?.id
}

export async function insertMaterialization(
  tx: Transaction,
  partition: number,
  made: Materialization,
  status: number,
): Promise<number> {
  const [row] = await tx.all<{ id: number }>(
    `insert into materialization
       (uid, partition_id, run_id, status, at, path, rows, bytes, version, content, code_version, inputs, sources, checks,
        metadata, superseded_at)
     values (?, ?, (select id from run where uid = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
    made.id,
    partition,
    made.run,
    status,
    made.at,
    made.path,
    made.rows,
    made.bytes,
    made.version,
    made.content ?? null,
    made.codeVersion,
    JSON.stringify(made.inputs),
    JSON.stringify(made.sources ?? {}),
    JSON.stringify(made.checks),
    JSON.stringify(made.metadata),
    // What was refused never is the published version.
    status === statusNumber.rejected ? made.at : null,
  )
  return row!.id
}

export async function insertEvent(
  tx: Transaction,
  run: string | undefined,
  partition: number | undefined,
  type: EventRow['type'],
  payload: Metadata | undefined,
  at: number,
  attempt?: Attempt,
): Promise<void> {
  // Numbers that are known are not waited for: this is done a million times.
  const runId = run === undefined ? noRun : (tx.ids.get(`run ${run}`) ?? (await runIdOf(tx, run)))
  const maker = attempt ? (tx.ids.get(`maker ${attempt.by}`) ?? (await makerIdOf(tx, attempt.by))) : null
  await tx.run(
    'insert into event (at, run_id, partition_id, type, payload, took_ms, maker, attempt) values (?, ?, ?, ?, ?, ?, ?, ?)',
    at,
    runId,
    partition ?? null,
    eventNumber[type],
    payload === undefined ? null : JSON.stringify(payload),
    attempt ? tookMs(attempt, at) : null,
    maker,
    attempt?.number ?? null,
  )
}

/** As a column of 32 bits holds it; clocks may have been set back meanwhile. */
export const tookMs = ({ begunAt }: Attempt, at: number): number => Math.min(Math.max(0, at - begunAt), 2 ** 31 - 1)

async function makerIdOf(tx: Transaction, name: string): Promise<number> {
  await tx.run('insert into maker (name) values (?) on conflict (name) do nothing', name)
  const [row] = await tx.all<{ id: number }>('select id from maker where name = ?', name)
  tx.ids.set(`maker ${name}`, row!.id)
  return row!.id
}

/** The published version of a partition, if it has one, is no longer so from `at` on. */
export async function supersede(tx: Transaction, partition: number, at: number): Promise<void> {
  await tx.run(
    'update materialization set superseded_at = ? where id = (select materialization_id from partition where id = ?)',
    at,
    partition,
  )
}
