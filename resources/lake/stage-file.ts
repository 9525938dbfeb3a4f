import type { DuckDBConnection } from '@duckdb/node-api'
import type { AnyAsset, Batch, ColumnSpec, FileIdentity, Rows, Sql } from '#pipeline'
import { columnsOf, isBatches, isSql, PipelineError } from '#pipeline'
import type { BoundSql, TableText } from '../duckdb/bind-sql.ts'
import { bindSql, identifier, prepareBound, sqlTypes } from '../duckdb/bind-sql.ts'
import { columnNamesOf } from '../duckdb/read-rows.ts'
import { lend, RowBuffer } from '../duckdb/row-source.ts'

/** Rows that are held in memory before they spill into a table of DuckDB. */
const bufferRows = 131_072

/** Writes one parquet file, sorted by the key of the asset, and returns its rows. Everything in the lake is written here. */
export async function writeFile(
  connection: DuckDBConnection,
  ask: {
    readonly asset: AnyAsset
    readonly identity: FileIdentity
    readonly rows: Rows<object>
    readonly path: string
    readonly signal: AbortSignal
    readonly tableText: TableText
  },
): Promise<number> {
  if (isSql(ask.rows)) {
    const query = bindSql(ask.rows, ask.tableText)
    await refuseOtherColumns(connection, ask.asset, ask.rows, query)
    return copy(connection, ask, query)
  }
  return writeRows(connection, ask, ask.rows)
}

type Ask = Parameters<typeof writeFile>[1]

async function writeRows(
  connection: DuckDBConnection,
  ask: Ask,
  rows: Exclude<Rows<object>, Sql<object>>,
): Promise<number> {
  const buffer = new RowBuffer(columnsOf(ask.asset.output))
  let spill: string | undefined
  const flush = async (): Promise<void> => {
    await lend(buffer, async (token) => {
      const make = spill ? `insert into ${spill}` : `create temp table rows_${token} as`
      await connection.run(`${make} select * from js_rows($1)`, [token])
      spill ??= `rows_${token}`
    })
    buffer.clear()
  }
  try {
    await fill(buffer, ask, rows, async () => {
      ask.signal.throwIfAborted()
      if (buffer.length >= bufferRows) await flush()
    })
    if (spill === undefined) {
      return await lend(buffer, (token) =>
        copy(connection, ask, { text: 'select * from js_rows($1)', values: [token], types: [undefined] }),
      )
    }
    await flush()
    return await copy(connection, ask, { text: `select * from ${spill}`, values: [], types: [] })
  } finally {
    if (spill !== undefined) await connection.run(`drop table if exists ${spill}`)
  }
}

async function fill(
  buffer: RowBuffer,
  ask: Ask,
  rows: Exclude<Rows<object>, Sql<object>>,
  between: () => Promise<void>,
): Promise<void> {
  if (isBatches(rows)) {
    for await (const batch of rows.batches) {
      refuseMissingColumns(ask.asset, batch)
      buffer.pushBatch(batch)
      await between()
    }
    return
  }
  let count = 0
  for await (const row of rows) {
    const parsed = ask.asset.output.safeParse(row)
    if (!parsed.success) {
      const issue = parsed.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')
      throw new PipelineError('asset.output-invalid', { asset: ask.asset.name, row: count, issue })
    }
    buffer.push(parsed.data)
    count += 1
    if (count % 2_048 === 0) await between()
  }
}

async function copy(connection: DuckDBConnection, ask: Ask, query: BoundSql): Promise<number> {
  const columns = columnsOf(ask.asset.output)
  const select = columns.map((column) => `${written(column, isSql(ask.rows))} as ${identifier(column.name)}`)
  const order = ask.asset.key.length > 0 ? ` order by ${ask.asset.key.map(identifier).join(', ')}` : ''
  const [path, footer] = [`$${query.values.length + 1}`, `$${query.values.length + 2}`]
  const statement = await prepareBound(connection, {
    text: `copy (select ${select.join(', ')} from (${query.text})${order}) to ${path}
      (format parquet, compression zstd, row_group_size 100000, kv_metadata {bullion: ${footer}})`,
    values: [...query.values, ask.path, footerOf(ask.identity, columns)],
    types: [...query.types, undefined, undefined],
  })
  const interrupt = () => connection.interrupt()
  ask.signal.addEventListener('abort', interrupt, { once: true })
  try {
    const result = await statement.runAndReadAll()
    return Number(result.getRows()[0]![0])
  } catch (error) {
    const [, issue] = /Invalid Input Error: (column .* is null)/.exec((error as Error).message) ?? []
    if (issue === undefined) throw error
    throw new PipelineError('asset.output-invalid', { asset: ask.asset.name, row: 0, issue }, { cause: error })
  } finally {
    ask.signal.removeEventListener('abort', interrupt)
    ask.signal.throwIfAborted()
  }
}

// Rows of JavaScript were parsed by the schema; what SQL made is looked at here. DuckDB could count nulls while it writes
// (return_stats), but each such answer holds 0.1 MB until it is collected.
function written({ name, type, nullable }: ColumnSpec, isFromSql: boolean): string {
  const value = `cast(${identifier(name)} as ${sqlTypes[type]})`
  return nullable || !isFromSql ? value : `coalesce(${value}, error('column ${identifier(name)} is null'))`
}

/** Names and types, as they enter the version of a file. */
export const columnText = (columns: readonly ColumnSpec[]): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join()

/** What a file says of itself; units are said where the schema gives them. */
function footerOf(identity: FileIdentity, columns: readonly ColumnSpec[]): string {
  const units = Object.fromEntries(columns.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])))
  const { materialization: _, ...said } = identity
  return JSON.stringify({ ...said, columns: columnText(columns), units })
}

const assignable: Readonly<Record<string, readonly RegExp[]>> = {
  string: [/^VARCHAR$/, /^ENUM/],
  number: [/^(DOUBLE|FLOAT|DECIMAL.*|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/],
  integer: [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/],
  boolean: [/^BOOLEAN$/],
  timestamp: [/^TIMESTAMP/],
}

const described = new WeakMap<AnyAsset, Set<string>>()

/** A SQL result must have exactly the columns of the schema, before its first row is written. */
async function refuseOtherColumns(
  connection: DuckDBConnection,
  asset: AnyAsset,
  source: Sql<object>,
  query: BoundSql,
): Promise<void> {
  // The columns depend on the text alone, and all partitions of an asset share it.
  const known = described.get(asset) ?? new Set()
  const shape = source.text.join('?')
  if (known.has(shape)) return
  const statement = await prepareBound(connection, { ...query, text: `select * from (${query.text}) limit 0` })
  const got = columnNamesOf(await statement.run())
  const expected = columnsOf(asset.output)
  const fits =
    got.length === expected.length &&
    expected.every(({ name, type }) => {
      const column = got.find((one) => one.name === name)
      return (
        column !== undefined &&
        (column.type === '"NULL"' || assignable[type]!.some((pattern) => pattern.test(column.type)))
      )
    })
  if (!fits) {
    throw new PipelineError('asset.columns-differ', {
      asset: asset.name,
      expected: expected.map(({ name, type }) => `${name} ${sqlTypes[type]}`).join(', '),
      got: got.map(({ name, type }) => `${name} ${type}`).join(', '),
    })
  }
  described.set(asset, known.add(shape))
}

function refuseMissingColumns(asset: AnyAsset, batch: Batch): void {
  const missing = columnsOf(asset.output).filter(({ name }) => batch.getChild(name) === null)
  if (missing.length === 0) return
  const issue = `the batch has no column ${missing.map(({ name }) => `"${name}"`).join(', ')}`
  throw new PipelineError('asset.output-invalid', { asset: asset.name, row: 0, issue })
}
