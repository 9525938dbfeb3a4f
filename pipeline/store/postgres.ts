import type { PoolClient } from 'pg'
import type { RunStore } from './port.ts'
import type { PostgresOptions, PostgresTransaction } from './postgres-connection.ts'
import { postgresAccess, transactionOn } from './postgres-connection.ts'
import type { PostgresCall } from './postgres-groups.ts'
import { faultOf, insist } from './postgres-outage.ts'
import { purgeEvents, purgeTicks } from './postgres-purge.ts'
import { migratePostgres } from './postgres-schema.ts'
import { postgresWriter } from './postgres-writer.ts'
import { reads } from './reads.ts'
import type { Transaction } from './transaction.ts'
import { writes } from './writes.ts'

export type { PostgresOptions } from './postgres-connection.ts'

/**
 * The store of many machines: one schema of a PostgreSQL database (15 or later), made or migrated here. Throws
 * `store.newer`, to a reader `store.older`, or why the database can not be reached. From then on calls outlive its absence, for `outageMs`; then they
 * throw `store.unreachable`.
 */
export async function postgresStore(options: PostgresOptions): Promise<RunStore> {
  const { outageMs = 300_000, poolSize = 4, readOnly = false } = options
  const access = await postgresAccess(options)
  const migrator = await access.connect('bullion migration', 'unlimited')
  try {
    await migratePostgres(migrator, access, readOnly ? 'reader' : 'writer')
    // Of processes that never came to close their store.
    if (!readOnly) await migrator.query(`delete from last_commit where at < now() - interval '30 days'`)
  } finally {
    await migrator.end()
  }
  const writer = postgresWriter(access, outageMs)
  const pool = access.readers(poolSize)
  const untilAnswered = insist({ where: access.where, outageMs })
  const underWay = new Set<Promise<unknown>>()

  /** On a connection of its own, and on another one if that is lost. */
  const onReader = <T>(work: (tx: PostgresTransaction, client: PoolClient) => Promise<T>): Promise<T> => {
    const done = untilAnswered(async () => {
      const client = await pool.connect()
      let isLost = false
      try {
        return await work(transactionOn(client, access.schema), client)
      } catch (error) {
        isLost = faultOf(error) === 'outage'
        throw error
      } finally {
        client.release(isLost)
      }
    })
    underWay.add(done)
    const forget = () => void underWay.delete(done)
    done.then(forget, forget)
    return done
  }
  const inTransaction = <T>(work: (tx: PostgresTransaction) => Promise<T>): Promise<T> =>
    onReader(async (tx, client) => {
      await client.query('begin')
      try {
        const value = await work(tx)
        await client.query('commit')
        return value
      } catch (error) {
        if (faultOf(error) !== 'outage') await client.query('rollback').catch(() => {})
        throw error
      }
    })
  const read = (operation: keyof typeof reads, args: readonly unknown[]) =>
    onReader((tx) =>
      (reads[operation] as (tx: Transaction, ...args: readonly unknown[]) => Promise<unknown>)(tx, ...args),
    )

  const refuseReader = (): void => {
    if (readOnly) throw new Error(`store "${access.where}" is open for reading only`)
  }
  const write = async (call: PostgresCall): Promise<unknown> => {
    refuseReader()
    return writer.call(call)
  }
  const names = <T extends object>(object: T) => Object.keys(object) as (keyof T)[]
  const methods = {
    ...Object.fromEntries(
      names(writes).map((operation) => [operation, (...args: unknown[]) => write({ operation, args } as PostgresCall)]),
    ),
    ...Object.fromEntries(names(reads).map((operation) => [operation, (...args: unknown[]) => read(operation, args)])),
    async purgeEvents(before: number) {
      refuseReader()
      return purgeEvents(inTransaction, before)
    },
    async purgeTicks(before: number) {
      refuseReader()
      return purgeTicks(inTransaction, before)
    },
    now: () =>
      onReader(async (tx) => {
        const [clock] = await tx.query<{ ms: number }>(
          'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
          [],
        )
        return clock!.ms
      }),
    async close() {
      await writer.close()
      while (underWay.size > 0) await Promise.allSettled(underWay)
      await pool.end()
    },
  }
  return methods as unknown as RunStore
}
