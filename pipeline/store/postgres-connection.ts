import { createHash } from 'node:crypto'
import type { Client, ClientBase, ClientConfig, Pool, QueryResult } from 'pg'
import type { SqlParameter, Transaction } from './transaction.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with what else node-postgres understands. */
  readonly url: string
  /** Where the tables are; made if it is not there. "bullion" if absent. */
  readonly schema?: string
  /** Connections that read, besides the one that writes. 4 if absent. */
  readonly poolSize?: number
  /** How long calls are kept and tried again while the database can not be reached. Five minutes if absent. */
  readonly outageMs?: number
  /** How long a connection may take over an answer before it is taken for dead. 30 s if absent. */
  readonly answerMs?: number
  /** Refuses every write, and leaves the tables of an older version as they are. */
  readonly readOnly?: boolean
}

/** How this store's database is reached. */
export interface PostgresAccess {
  /** Names the store, without the password. */
  readonly where: string
  readonly schema: string
  /** A connection of its own, named after its owner. Without a limit where work may take long. */
  connect(owner: string, limit: 'timed' | 'unlimited'): Promise<Client>
  readers(most: number): Pool
}

/** Statements may have parameters as arrays, and number them. */
export interface PostgresTransaction extends Transaction {
  query<Row>(sql: string, values: readonly (SqlParameter | readonly SqlParameter[])[]): Promise<readonly Row[]>
}

export async function postgresAccess(options: PostgresOptions): Promise<PostgresAccess> {
  // Not imported above: who has no use for PostgreSQL does not load its client.
  const { Client, Pool, types } = await import('pg')
  const { url, schema = 'bullion', answerMs = 30_000 } = options
  const numbers = new Map<number, (text: string) => number>([
    [types.builtins.INT8, wholeNumber],
    [types.builtins.NUMERIC, wholeNumber],
  ])
  const config: ClientConfig = {
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: Math.min(answerMs, 10_000),
    types: { getTypeParser: (type: number, format: any) => numbers.get(type) ?? types.getTypeParser(type, format) },
  }
  const { host, port, database } = new Client(config)
  const settings = settingsOf(schema, answerMs)

  return {
    where: `postgres://${host}:${port}/${database} (schema "${schema}")`,
    schema,
    async connect(owner, limit) {
      const time = limit === 'timed' && { query_timeout: answerMs }
      // What does not wait for an answer is sent at once, so that a transaction takes few round trips.
      const client = new Client({ ...config, ...time, pipeline: true })
      // A loss is told to the query that waits, or to the next one.
      client.on('error', () => {})
      await client.connect()
      await client.query(`${settings}; set application_name to '${owner}'`)
      return client
    },
    readers(most) {
      const pool = new Pool({
        ...{ ...config, max: most, query_timeout: answerMs, allowExitOnIdle: true },
        onConnect: async (client) => {
          client.on('error', () => {})
          await client.query(settings)
        },
      })
      pool.on('error', () => {})
      return pool
    },
  }
}

function settingsOf(schema: string, answerMs: number): string {
  return Object.entries({
    search_path: `"${schema.replaceAll('"', '""')}"`,
    // Each statement sees what was committed before it: locks and the order of events rely on it.
    default_transaction_isolation: `'read committed'`,
    // A statement that waits for a lock gives up before its connection is taken for dead.
    lock_timeout: Math.ceil(answerMs / 2),
    // A transaction whose process has vanished holds up those who wait for its rows, and all readers of events.
    idle_in_transaction_session_timeout: 2 * answerMs,
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
    jit: 'off',
  })
    .map(([name, value]) => `set ${name} to ${value}`)
    .join('; ')
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number))
    throw new Error(`the store holds the number ${text}, which JavaScript can not hold`)
  return number
}

/** The operations' view of a connection. `ids` are those that its committed transactions have seen. */
export function transactionOn(
  client: ClientBase,
  schema: string,
  ids = new Map<string, number>(),
): PostgresTransaction {
  const query = async (sql: string, values: readonly unknown[]) => {
    const result: QueryResult<any> = await client.query({ ...statementOf(sql), values: values.map(storable) })
    return result.rows
  }
  return {
    ids,
    query,
    all: (sql, ...parameters) => query(sql, parameters),
    run: async (sql, ...parameters) => void (await query(sql, parameters)),
    lock: async (name) => void (await query('select pg_advisory_xact_lock($1, $2)', lockKey(schema, name))),
    forUpdate: 'for update',
    finalEvent: () => finalEvent(query, schema),
  }
}

interface Statement {
  readonly name?: string
  readonly text: string
}

/** Prepared under a name, once a connection. Texts that vary without bound, as with the length of a list, are not. */
const statements = new Map<string, Statement>()
const mostStatements = 300

function statementOf(sql: string): Statement {
  const known = statements.get(sql)
  if (known) return known
  const text = numbered(sql)
  if (statements.size >= mostStatements) return { text }
  const statement = { name: `bullion_${statements.size}`, text }
  statements.set(sql, statement)
  return statement
}

/** `?` becomes `$1`, `$2` …, except in quotes. */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll(/'[^']*'|"[^"]*"|\?/g, (part) => (part === '?' ? `$${++count}` : part))
}

/** Text of PostgreSQL can hold any character but NUL. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
  return Array.isArray(value) && value.some((one) => typeof one === 'string' && one.includes('\0'))
    ? value.map(storable)
    : value
}

/** Two 32-bit numbers, so that it is none of the locks below, which have one of 64. */
export function lockKey(schema: string, name: string): readonly [number, number] {
  const hash = createHash('sha256').update(`bullion\n${schema}\n${name}`).digest()
  return [hash.readInt32BE(0), hash.readInt32BE(4)]
}

/**
 * Transactions overlap, so that an event can be seen before another of a smaller number. Each transaction that writes
 * therefore holds, from before its first event until it can be seen, a shared lock whose key is the number of the newest
 * event at that time, in 43 bits below 20 for the schema. Up to the smallest such number nothing is still to come.
 */
export const eventLock = `pg_advisory_xact_lock_shared($1::bigint << 43 |
  (select case when is_called then last_value else 0 end from event_id_seq))`

export const eventSpace = (schema: string): number =>
  createHash('sha256').update(`bullion\n${schema}`).digest().readUInt32BE(0) >>> 12

async function finalEvent(
  query: (sql: string, values: readonly unknown[]) => Promise<readonly any[]>,
  schema: string,
): Promise<number> {
  // In this order, and before the events are looked at: who begins after the first look gives larger numbers than it.
  const [last] = await query('select case when is_called then last_value else 0 end as event from event_id_seq', [])
  const [held] = await query(
    `select min(key & ((1::bigint << 43) - 1)) as event from (
       select classid::bigint << 32 | objid::bigint as key from pg_locks where locktype = 'advisory' and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())
     ) as locks where key >> 43 = $1`,
    [eventSpace(schema)],
  )
  return Math.min(last.event, held.event ?? last.event)
}
