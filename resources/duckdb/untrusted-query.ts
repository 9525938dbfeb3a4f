import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance, StatementType } from '@duckdb/node-api'
import type { ColumnSpec } from '#pipeline'
import { identifier, sqlTypes } from './bind-sql.ts'
import { readRows } from './read-rows.ts'
import { lend, RowBuffer, registerRowSource } from './row-source.ts'

/** A name that a query may select from: the files of an asset, or rows that are at hand. */
export type QueryTable =
  | { readonly name: string; readonly columns: readonly ColumnSpec[]; readonly paths: readonly string[] }
  | {
      readonly name: string
      readonly columns: readonly ColumnSpec[]
      readonly rows: readonly Readonly<Record<string, unknown>>[]
    }

export interface QueryLimits {
  readonly memoryMb: number
  readonly timeoutMs: number
  /** Rows handed out at most. */
  readonly rows: number
  /** Of what is handed out, about; more is refused. */
  readonly bytes?: number
}

export class QueryRefused extends Error {
  override readonly name = 'QueryRefused'
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Whether the limit cut the answer short. */
  readonly isCut: boolean
}

/**
 * Answers one SELECT that anyone may have written, on an instance of its own: no settings, no network, no extension,
 * no file but those of `tables`, bounded time, rows and bytes, and memory as far as DuckDB counts it: it leaves out the
 * texts and lists that functions make. Throws `QueryRefused` with a sentence for people.
 */
export async function untrustedQuery(
  text: string,
  on: {
    readonly tables: readonly QueryTable[]
    readonly limits: QueryLimits
    readonly signal: AbortSignal
  },
): Promise<QueryResult> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: `${on.limits.memoryMb}MB`,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  try {
    const tables = on.tables.filter(({ name }) => mentions(text, name))
    for (const table of tables) await addTable(connection, table)
    await lockDown(connection, tables)
    await refuseOtherThanSelect(connection, text)
    return await answer(connection, text, on.limits, on.signal)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

// A view over thousands of files costs a bind: only those that the text may mean are made.
const mentions = (text: string, name: string) => text.toLowerCase().includes(name.toLowerCase())

async function addTable(connection: DuckDBConnection, table: QueryTable): Promise<void> {
  const name = identifier(table.name)
  if ('rows' in table) {
    registerRowSource(connection)
    const buffer = new RowBuffer(table.columns)
    for (const row of table.rows) buffer.push(row)
    await lend(buffer, (token) => connection.run(`create table ${name} as select * from js_rows($1)`, [token]))
    return
  }
  if (table.paths.length === 0) {
    const columns = table.columns.map((column) => `null::${sqlTypes[column.type]} as ${identifier(column.name)}`)
    await connection.run(`create view ${name} as select ${columns.join(', ')} where false`)
    return
  }
  // A view takes no parameters: the paths are ours, and quoted as SQL text.
  const columns = table.columns.map((column) => identifier(column.name)).join(', ')
  const list = table.paths.map(quoted).join(', ')
  await connection.run(
    `create view ${name} as select ${columns} from read_parquet([${list}], hive_partitioning = false)`,
  )
}

async function lockDown(connection: DuckDBConnection, tables: readonly QueryTable[]): Promise<void> {
  const paths = tables.flatMap((table) => ('paths' in table ? table.paths : []))
  await connection.run(`set allowed_paths = [${paths.map(quoted).join(', ')}]`)
  await connection.run('set enable_external_access = false')
  // What is made ahead of its reader is counted without the texts in it: 1 MB by its count may be gigabytes.
  await connection.run("set streaming_buffer_size = '1KB'")
  await connection.run('set lock_configuration = true')
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

// The lock still lets COPY, EXPORT and ATTACH write inside an allowed folder: only the kind of the statement tells.
async function refuseOtherThanSelect(connection: DuckDBConnection, text: string): Promise<void> {
  const statements = await connection.extractStatements(text).catch((error: Error) => {
    throw new QueryRefused(firstLine(error.message), { cause: error })
  })
  if (statements.count !== 1) {
    throw new QueryRefused(`expected one SELECT, got ${statements.count} statements; send them one by one`)
  }
  const statement = await statements.prepare(0).catch((error: Error) => {
    throw new QueryRefused(explained(error.message), { cause: error })
  })
  if (statement.statementType !== StatementType.SELECT) {
    throw new QueryRefused(`expected a SELECT, got ${StatementType[statement.statementType]}; queries only read`)
  }
}

async function answer(
  connection: DuckDBConnection,
  text: string,
  limits: QueryLimits,
  outer: AbortSignal,
): Promise<QueryResult> {
  const deadline = AbortSignal.timeout(limits.timeoutMs)
  const signal = AbortSignal.any([outer, deadline])
  const rows: Record<string, unknown>[] = []
  const { bytes = Number.POSITIVE_INFINITY } = limits
  let held = 0
  let isCut = false
  try {
    const described = await connection.runAndReadAll(`describe ${text.replace(/;\s*$/, '')}`).catch(() => undefined)
    const columns = described
      ? described.getRowObjectsJson().map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
      : []
    for await (const row of readRows<Record<string, unknown>>(connection, { text, values: [], types: [] }, signal)) {
      if (rows.length === limits.rows) {
        isCut = true
        break
      }
      held += sizeOf(Object.values(row))
      if (held > bytes) {
        throw new QueryRefused(`the answer is larger than ${bytes / 1e6} MB; select fewer columns or rows`)
      }
      rows.push(row)
    }
    return { columns: columns.length > 0 ? columns : columnsOfRows(rows), rows, isCut }
  } catch (error) {
    if (deadline.aborted)
      throw new QueryRefused(`the query took longer than ${limits.timeoutMs} ms; narrow it, or give it more time`)
    if (outer.aborted || error instanceof QueryRefused) throw error
    throw new QueryRefused(explained((error as Error).message), { cause: error })
  }
}

function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + sizeOf(one), valueBytes)
  return typeof value === 'string' ? valueBytes + value.length : valueBytes
}

const valueBytes = 8

const columnsOfRows = (rows: readonly Record<string, unknown>[]) =>
  Object.keys(rows[0] ?? {}).map((name) => ({ name, type: 'VARCHAR' }))

const firstLine = (message: string) => message.split('\n', 1)[0]!

function explained(message: string): string {
  if (/Permission Error/.test(message)) {
    return `the query reads or writes outside the lake, which is not allowed (${firstLine(message)})`
  }
  if (/Out of Memory/.test(message))
    return `the query needs more memory than it may use (${firstLine(message)}); narrow it`
  return message.split('\n').slice(0, 6).join('\n')
}
