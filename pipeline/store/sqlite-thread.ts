import { parentPort, workerData } from 'node:worker_threads'
import { openSqlite } from './sqlite-connection.ts'
import type { Transaction } from './transaction.ts'
import { writes } from './writes.ts'

/**
 * The writer of a process: a thread, so that waiting for the disk stops nothing else. What arrives while the last
 * commit runs is the next transaction; there is no timer.
 */

export interface WriteCall {
  readonly id: number
  readonly operation: keyof typeof writes
  readonly args: readonly unknown[]
}

export type WriteAnswer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number
      readonly error: { readonly name: string; readonly message: string; readonly stack: string | undefined }
    }

/** Calls of one commit. More would keep the callers of the first ones waiting while they could go on. */
const mostCalls = 256

const port = parentPort!
const connection = openSqlite(workerData as string, 'writer')
const waiting: WriteCall[] = []
let isBusy = false

port.on('message', (calls: string) => {
  waiting.push(...(JSON.parse(calls) as readonly WriteCall[]))
  if (!isBusy) void drain()
})

async function drain(): Promise<void> {
  isBusy = true
  while (waiting.length > 0) {
    const calls = waiting.splice(0, mostCalls)
    port.postMessage(JSON.stringify(await together(calls)))
    // Lets messages that came in meanwhile be delivered, so that they share the next commit.
    await new Promise((resolve) => setImmediate(resolve))
  }
  isBusy = false
}

/** All calls in one commit; if one of them throws, each in its own, so that it fails alone. */
async function together(calls: readonly WriteCall[]): Promise<readonly WriteAnswer[]> {
  try {
    return await transaction(() => answers(calls))
  } catch (error) {
    if (calls.length === 1) return [{ id: calls[0]!.id, error: plain(error) }]
    const alone: WriteAnswer[] = []
    for (const call of calls) alone.push(...(await together([call])))
    return alone
  }
}

async function transaction<T>(body: () => Promise<T>): Promise<T> {
  connection.exec('begin immediate')
  try {
    const result = await body()
    connection.exec('commit')
    return result
  } catch (error) {
    connection.ids.clear()
    connection.rollback()
    throw error
  }
}

async function answers(calls: readonly WriteCall[]): Promise<readonly WriteAnswer[]> {
  const all: WriteAnswer[] = []
  for (const { id, operation, args } of calls) {
    const perform = writes[operation] as (tx: Transaction, ...args: readonly unknown[]) => Promise<unknown>
    all.push({ id, value: await perform(connection, ...args) })
  }
  return all
}

const plain = (error: unknown) =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { name: 'Error', message: String(error), stack: undefined }
