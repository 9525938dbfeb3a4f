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
  for await (const { names, converts, chunk } of readChunks(connection, sql, signal)) {
    const { rowCount } = chunk
    for (let from = 0; from < rowCount; from += rowsAtOnce) {
      const to = Math.min(rowCount, from + rowsAtOnce)
      const columns = converts.map((convert, index) => valuesOf(chunk, index, convert, from, to))
      for (let row = 0; row < to - from; row++) {
        yield Object.fromEntries(names.map((name, index) => [name, columns[index]![row]])) as Row
      }
    }
  }
}

/** Few, since who stops early may do so because they are large. */
const rowsAtOnce = 128

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
  for await (const { names, types, converts, chunk } of readChunks(connection, sql)) {
    held ??= { names, types, columns: names.map(() => []) }
    for (const [index, convert] of converts.entries()) {
      held.columns[index]!.push(...valuesOf(chunk, index, convert, 0, chunk.rowCount))
    }
    if (held.columns[0]!.length >= 65_536 - 2_048) yield batch()
  }
  if (held) yield batch()
}

interface Chunk {
  readonly names: readonly string[]
  readonly types: readonly DuckDBType[]
  /** By column. */
  readonly converts: readonly Convert[]
  readonly chunk: DuckDBDataChunk
}

function valuesOf(chunk: DuckDBDataChunk, column: number, convert: Convert, from: number, to: number): unknown[] {
  const vector = chunk.getColumnVector(column)
  const values: unknown[] = []
  for (let row = from; row < to; row++) {
    const value = vector.getItem(row)
    values.push(value === null ? null : convert(value))
  }
  return values
}

const againMs = 50

async function* readChunks(connection: DuckDBConnection, sql: BoundSql, signal?: AbortSignal): AsyncGenerator<Chunk> {
  signal?.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  // An interrupt that comes before DuckDB began is lost: it is told until it stops.
  const interrupt = (): void => {
    connection.interrupt()
    timer = setInterval(() => connection.interrupt(), againMs)
  }
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    const statement = await prepareBound(connection, sql)
    signal?.throwIfAborted()
    const result = await statement.stream()
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes()
    const converts = types.map(converterOf)
    for (;;) {
      const chunk = await result.fetchChunk()
      signal?.throwIfAborted()
      if (!chunk || chunk.rowCount === 0) return
      yield { names, types, converts, chunk }
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', interrupt)
  }
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
