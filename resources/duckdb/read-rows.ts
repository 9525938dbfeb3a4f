import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBTypeId } from '@duckdb/node-api'
import type { Batch } from '#pipeline'
import type { BoundSql } from './bind-sql.ts'
import { prepareBound } from './bind-sql.ts'

/** A value as JavaScript has it: a whole number or decimal is a number, an instant is ms since 1970 UTC. */
type Convert = (value: DuckDBValue) => unknown

/**
 * The rows of a query, chunk by chunk. Ends with the signal's reason when it is aborted: DuckDB itself ends an
 * interrupted stream without an error, as if it were complete.
 */
export async function* readRows<Row>(
  connection: DuckDBConnection,
  sql: BoundSql,
  signal?: AbortSignal,
): AsyncGenerator<Row> {
  for await (const { names, columns, rowCount } of readChunks(connection, sql, signal)) {
    for (let row = 0; row < rowCount; row++) {
      yield Object.fromEntries(names.map((name, index) => [name, columns[index]![row]])) as Row
    }
  }
}

/** The same as Arrow record batches of at most 65,536 rows. */
export async function* readBatches(connection: DuckDBConnection, sql: BoundSql): AsyncGenerator<Batch> {
  const { Table, vectorFromArray, Float64, Int64, TimestampMillisecond, Utf8, Bool } = await import('apache-arrow')
  const arrowType = (type: DuckDBType) => {
    if (isWhole(type)) return new Int64()
    if (isInstant(type)) return new TimestampMillisecond()
    if (type.typeId === DuckDBTypeId.BOOLEAN) return new Bool()
    return isNumber(type) ? new Float64() : new Utf8()
  }
  let held: { names: readonly string[]; types: readonly DuckDBType[]; columns: unknown[][] } | undefined
  const batch = (): Batch => {
    const { names, types, columns } = held!
    const vectors = names.map((name, index) => {
      const type = arrowType(types[index]!)
      const values =
        type instanceof Int64
          ? columns[index]!.map((value) => (value === null ? null : BigInt(value as number)))
          : columns[index]!
      return [name, vectorFromArray(values, type)]
    })
    held = undefined
    return new Table(Object.fromEntries(vectors)) as unknown as Batch
  }
  for await (const chunk of readChunks(connection, sql)) {
    held ??= { names: chunk.names, types: chunk.types, columns: chunk.names.map(() => []) }
    for (const [index, values] of chunk.columns.entries()) held.columns[index]!.push(...values)
    if (held.columns[0]!.length >= 65_536 - 2_048) yield batch()
  }
  if (held) yield batch()
}

interface Chunk {
  readonly names: readonly string[]
  readonly types: readonly DuckDBType[]
  readonly columns: readonly unknown[][]
  readonly rowCount: number
}

async function* readChunks(connection: DuckDBConnection, sql: BoundSql, signal?: AbortSignal): AsyncGenerator<Chunk> {
  signal?.throwIfAborted()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    const statement = await prepareBound(connection, sql)
    const result = await statement.stream()
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes()
    const converts = types.map(converterOf)
    for (;;) {
      const chunk = await result.fetchChunk()
      signal?.throwIfAborted()
      if (!chunk || chunk.rowCount === 0) return
      yield { names, types, columns: columnsOf(chunk, converts), rowCount: chunk.rowCount }
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

function columnsOf(chunk: DuckDBDataChunk, converts: readonly Convert[]): unknown[][] {
  return converts.map((convert, index) =>
    chunk.getColumnValues(index).map((value) => (value === null ? null : convert(value))),
  )
}

const whole: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
])
const small: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.INTEGER, DuckDBTypeId.UINTEGER, DuckDBTypeId.SMALLINT, DuckDBTypeId.USMALLINT],
  ...[DuckDBTypeId.TINYINT, DuckDBTypeId.UTINYINT],
])
const isWhole = (type: DuckDBType) => whole.has(type.typeId) || small.has(type.typeId)
const isNumber = (type: DuckDBType) =>
  type.typeId === DuckDBTypeId.DOUBLE || type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DECIMAL
const isInstant = (type: DuckDBType) => type.typeId in instants

const instants: Partial<Record<DuckDBTypeId, Convert>> = {
  [DuckDBTypeId.TIMESTAMP_MS]: (value) => Number((value as unknown as { millis: bigint }).millis),
  [DuckDBTypeId.TIMESTAMP]: (value) => Number((value as unknown as { micros: bigint }).micros / 1_000n),
  [DuckDBTypeId.TIMESTAMP_TZ]: (value) => Number((value as unknown as { micros: bigint }).micros / 1_000n),
  [DuckDBTypeId.TIMESTAMP_S]: (value) => Number((value as unknown as { seconds: bigint }).seconds) * 1_000,
}

function converterOf(type: DuckDBType): Convert {
  const instant = instants[type.typeId]
  if (instant) return instant
  // Beyond 2^53 a number would be another one: text keeps it.
  if (whole.has(type.typeId)) return (value) => (isSafe(value as bigint) ? Number(value) : String(value))
  if (type.typeId === DuckDBTypeId.DECIMAL) return (value) => (value as unknown as { toDouble(): number }).toDouble()
  if (small.has(type.typeId) || isNumber(type) || type.typeId === DuckDBTypeId.BOOLEAN) return (value) => value
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) {
    const convert = converterOf((type as unknown as { valueType: DuckDBType }).valueType)
    return (value) =>
      (value as unknown as { items: DuckDBValue[] }).items.map((item) => (item === null ? null : convert(item)))
  }
  return String
}

const isSafe = (value: bigint) => value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)

/** Names and types of a finished result, as SQL writes them. */
export const columnNamesOf = (result: DuckDBResult): readonly { name: string; type: string }[] =>
  result.columnNames().map((name, index) => ({ name, type: String(result.columnType(index)) }))
