import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Client } from 'pg'
import { isPipelineError } from '../define/errors.ts'
import type { PostgresAccess, PostgresTransaction } from './postgres-connection.ts'
import { eventLock, eventSpace, transactionOn } from './postgres-connection.ts'
import type { PostgresCall } from './postgres-groups.ts'
import { groupsOf } from './postgres-groups.ts'
import { lockTogether, performTogether } from './postgres-hot.ts'
import { faultOf, insist } from './postgres-outage.ts'
import type { Transaction } from './transaction.ts'
import { writes } from './writes.ts'

/**
 * The writer of a process: one connection. What arrives while the last commit runs is the next transaction; there is no
 * timer. Calls are kept while the database is away, and each is carried out once: a transaction whose commit was not
 * answered is looked up by its number, which it wrote down itself. (The id of a transaction would not do: one that was not
 * on disk when the server crashed is given again.)
 */
export interface PostgresWriter {
  call(call: PostgresCall): Promise<unknown>
  close(): Promise<void>
}

interface Waiting {
  readonly call: PostgresCall
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Calls of one commit. More would keep the callers of the first ones waiting while they could go on. */
const mostCalls = 256

export function postgresWriter(access: PostgresAccess, outageMs: number): PostgresWriter {
  const id = randomUUID()
  const transactions = numberedTransactions(access, id)
  const untilAnswered = insist({ where: access.where, outageMs })
  const waiting: Waiting[] = []
  let drained: Promise<void> | undefined
  let isClosed = false

  async function drain(): Promise<void> {
    // Calls of one turn of the event loop travel together, as do those that wait for the answers of the last ones.
    await nextTurn()
    while (waiting.length > 0) {
      await serve(waiting.splice(0, mostCalls))
      await nextTurn()
    }
    transactions.rest()
    drained = undefined
  }

  /** All calls in one commit. If one of them throws, the halves, in their order, so that it fails alone. */
  async function serve(list: readonly Waiting[]): Promise<void> {
    try {
      const calls = list.map(({ call }) => call)
      const answers = await untilAnswered(() => transactions.commit(calls))
      for (const [index, { resolve }] of list.entries()) resolve(answers[index])
    } catch (error) {
      if (list.length > 1 && !isPipelineError(error, 'store.unreachable')) {
        await serve(list.slice(0, list.length >> 1))
        await serve(list.slice(list.length >> 1))
      } else {
        for (const { reject } of list) reject(error)
      }
    }
  }

  return {
    call(call) {
      if (isClosed) return Promise.reject(new Error(`the store at ${access.where} was closed before this call`))
      return new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject })
        drained ??= drain()
      })
    },
    async close() {
      isClosed = true
      while (drained) await drained
      await transactions.close()
    },
  }
}

interface Unsure {
  readonly number: number
  readonly calls: readonly PostgresCall[]
  readonly answers: readonly unknown[]
}

/** Each attempt at a transaction has a number of its own, and leaves it behind if it was committed. */
function numberedTransactions({ connect, schema }: PostgresAccess, writer: string) {
  const ids = new Map<string, number>()
  let client: Client | undefined
  let number = 0
  /** What was sent to be committed and not answered. */
  let unsure: Unsure | undefined

  async function connected(): Promise<Client> {
    const fresh = await connect(`bullion writer ${writer}`, 'timed')
    try {
      await fresh.query(pointLookups)
      // A predecessor that hangs somewhere is ended. Whether it committed is known once it has let go of its row.
      if (number > 0) await fresh.query(endPredecessors)
      const { rows } = await fresh.query<{ number: number }>(lastCommitted, [writer])
      if (unsure && rows[0]!.number !== unsure.number) unsure = undefined
      return fresh
    } catch (error) {
      discard(fresh)
      throw error
    }
  }

  async function commit(calls: readonly PostgresCall[]): Promise<readonly unknown[]> {
    if (unsure?.calls !== calls) unsure = undefined
    client ??= await connected()
    keepAlive(client, true)
    try {
      if (!unsure) {
        const answers = await perform(client, calls)
        unsure = { number, calls, answers }
        const { command } = await client.query('commit')
        if (command !== 'COMMIT') unsure = undefined
      }
      if (!unsure) throw new Error('the database refused to commit a transaction of which no statement had failed')
      const { answers } = unsure
      unsure = undefined
      return answers
    } catch (error) {
      ids.clear()
      const isOver = unsure !== undefined && faultOf(error) === undefined
      if (unsure || faultOf(error) === 'outage') {
        discard(client)
        client = undefined
      }
      throw isOver ? new Error('Connection terminated during a commit', { cause: error }) : error
    }
  }

  async function perform(on: Client, calls: readonly PostgresCall[]): Promise<readonly unknown[]> {
    number += 1
    const tx = transactionOn(on, schema, ids)
    // Not waited for: what follows travels with it.
    const begun = Promise.all([
      on.query('begin'),
      on.query({ name: 'bullion_begin', text: begin, values: [eventSpace(schema), writer, number] }),
    ])
    const failure = begun.then(
      () => undefined,
      (error: unknown) => error,
    )
    try {
      const answers = await performAll(tx, calls)
      await begun
      return answers
    } catch (error) {
      const cause = (await failure) ?? error
      if (faultOf(cause) !== 'outage') await on.query('rollback').catch(() => {})
      throw cause
    }
  }

  return {
    commit,
    /** An idle connection keeps no process alive. */
    rest: () => client && keepAlive(client, false),
    async close() {
      if (!client) return
      keepAlive(client, true)
      await client.query('delete from last_commit where writer = $1', [writer]).catch(() => {})
      await client.end()
    },
  }
}

async function performAll(tx: PostgresTransaction, calls: readonly PostgresCall[]): Promise<readonly unknown[]> {
  const answers: unknown[] = []
  const groups = groupsOf(calls)
  await lockTogether(
    tx,
    groups.flatMap((group) => (group.type === 'together' ? [group.calls] : [])),
  )
  for (const group of groups) {
    if (group.type === 'together') {
      for (const answer of await performTogether(tx, group.calls)) answers.push(answer)
      continue
    }
    const { operation, args } = group.call
    const perform = writes[operation] as (tx: Transaction, ...args: readonly unknown[]) => Promise<unknown>
    answers.push(await perform(tx, ...args))
  }
  return answers
}

const socketOf = (client: Client) => client.connection.stream as Socket

/** Whether the process lives on while this connection is open. */
const keepAlive = (client: Client, isNeeded: boolean) =>
  void (isNeeded ? socketOf(client).ref() : socketOf(client).unref())

/** Also one that is lost: its socket may not know yet. */
const discard = (client: Client) => void socketOf(client).destroy()

/** The tables may have grown since they were last looked at: rows are found by their indexes, whatever is known of sizes. */
const pointLookups = `set enable_seqscan to off; set enable_bitmapscan to off; set enable_hashjoin to off; set enable_mergejoin to off;
  set plan_cache_mode to force_generic_plan`

const endPredecessors = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = current_setting('application_name') and usename = current_user and pid <> pg_backend_pid()`

const lastCommitted = `insert into last_commit (writer, number) values ($1, 0)
  on conflict (writer) do update set writer = excluded.writer returning number`

const begin = `with number as (
    insert into last_commit (writer, number) values ($2, $3)
    on conflict (writer) do update set number = excluded.number, at = excluded.at
  ) select ${eventLock}`
