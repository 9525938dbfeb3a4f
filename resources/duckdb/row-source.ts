import { randomBytes } from 'node:crypto'
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import * as duckdb from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import type { Batch, ColumnSpec, ColumnType } from '#pipeline'

/**
 * Rows of JavaScript as a table of DuckDB: kept as columns, and copied chunk by chunk into DuckDB's vectors by a table
 * function. Five times faster than appending row by row, and nothing is kept twice.
 */
export class RowBuffer {
  readonly #columns: readonly ColumnBuffer[]
  #length = 0

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns.map(columnBuffer)
  }

  get length(): number {
    return this.#length
  }

  get columns(): readonly ColumnBuffer[] {
    return this.#columns
  }

  push(row: Readonly<Record<string, unknown>>): void {
    for (const column of this.#columns) column.set(this.#length, row[column.name])
    this.#length += 1
  }

  pushBatch(batch: Batch): void {
    for (const column of this.#columns) {
      const values = batch.getChild(column.name)
      for (let row = 0; row < batch.numRows; row++) column.set(this.#length + row, values?.get(row) ?? null)
    }
    this.#length += batch.numRows
  }

  clear(): void {
    this.#length = 0
    for (const column of this.#columns) column.clear()
  }
}

interface ColumnBuffer {
  readonly name: string
  readonly type: ColumnType
  set(row: number, value: unknown): void
  clear(): void
  /** Copies rows [from, to) into column `index` of a chunk. */
  copy(chunk: DuckDBDataChunk, index: number, from: number, to: number): void
}

const duckdbTypes = {
  string: duckdb.VARCHAR,
  number: duckdb.DOUBLE,
  integer: duckdb.BIGINT,
  boolean: duckdb.BOOLEAN,
  timestamp: duckdb.TIMESTAMP_MS,
} as const satisfies Record<ColumnType, duckdb.DuckDBType>

/** Rows that one call of the table function hands over: DuckDB's vector size. */
const vectorSize = 2_048

function columnBuffer({ name, type }: ColumnSpec): ColumnBuffer {
  if (type === 'string') return stringBuffer(name)
  let values: Float64Array | BigInt64Array | Uint8Array = emptyValues(type, vectorSize)
  const nulls = nullTracker()
  return {
    name,
    type,
    set(row, value) {
      if (row >= values.length) values = grown(values, emptyValues(type, values.length * 2))
      if (value === null || value === undefined) {
        nulls.add(row)
        values[row] = type === 'integer' || type === 'timestamp' ? 0n : 0
      } else if (type === 'integer' || type === 'timestamp') values[row] = BigInt(value as number | bigint)
      else values[row] = Number(value)
    },
    clear: nulls.clear,
    copy(chunk, index, from, to) {
      const vector = bindings.data_chunk_get_vector(chunk.chunk, index)
      const size = values.BYTES_PER_ELEMENT
      bindings.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, from * size, (to - from) * size)
      nulls.copy(vector, from, to)
    },
  }
}

function stringBuffer(name: string): ColumnBuffer {
  const values: string[] = []
  const nulls = nullTracker()
  return {
    name,
    type: 'string',
    set(row, value) {
      if (value === null || value === undefined) nulls.add(row)
      values[row] = value === null || value === undefined ? '' : String(value)
    },
    clear() {
      values.length = 0
      nulls.clear()
    },
    copy(chunk, index, from, to) {
      const vector = bindings.data_chunk_get_vector(chunk.chunk, index)
      for (let row = from; row < to; row++) bindings.vector_assign_string_element(vector, row - from, values[row]!)
      nulls.copy(vector, from, to)
    },
  }
}

/** Which rows are null. Most columns have none, and then nothing is written. */
function nullTracker() {
  let rows: number[] = []
  return {
    add(row: number) {
      rows.push(row)
    },
    clear() {
      rows = []
    },
    copy(vector: bindings.Vector, from: number, to: number) {
      if (rows.length === 0) return
      const mask = new Uint8Array(vectorSize / 8).fill(0xff)
      let hasNull = false
      for (let index = lowerBound(rows, from); index < rows.length && rows[index]! < to; index++) {
        const row = rows[index]! - from
        mask[row >> 3]! &= ~(1 << (row & 7))
        hasNull = true
      }
      if (!hasNull) return
      bindings.vector_ensure_validity_writable(vector)
      bindings.copy_data_to_vector_validity(vector, 0, mask.buffer, 0, Math.ceil((to - from) / 64) * 8)
    },
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

function emptyValues(type: ColumnType, length: number) {
  if (type === 'number') return new Float64Array(length)
  return type === 'boolean' ? new Uint8Array(length) : new BigInt64Array(length)
}

function grown<T extends Float64Array | BigInt64Array | Uint8Array>(from: T, to: T): T {
  to.set(from as never)
  return to
}

const buffers = new Map<string, RowBuffer>()

/** Lets a connection read buffers: `select * from js_rows($1)`, where `$1` is the token that `lend` gave. */
export function registerRowSource(connection: DuckDBConnection): void {
  connection.registerTableFunction(
    duckdb.DuckDBTableFunction.create({
      name: 'js_rows',
      parameterTypes: [duckdb.VARCHAR],
      bindFunction(bind) {
        const buffer = buffers.get(String(bind.getParameter(0)))
        if (!buffer) return bind.setError('no rows are lent under this token')
        for (const { name, type } of buffer.columns) bind.addResultColumn(name, duckdbTypes[type])
        bind.setCardinality(buffer.length, true)
        bind.setBindData(buffer)
      },
      initFunction(init) {
        init.setMaxThreads(1)
        init.setInitData({ at: 0 })
      },
      mainFunction(info, chunk) {
        const buffer = info.getBindData() as RowBuffer
        const scan = info.getInitData() as { at: number }
        const to = Math.min(buffer.length, scan.at + vectorSize)
        chunk.rowCount = to - scan.at
        for (const [index, column] of to > scan.at ? buffer.columns.entries() : [])
          column.copy(chunk, index, scan.at, to)
        scan.at = to
      },
    }),
  )
}

/** Makes a buffer readable by SQL for the length of `work`. */
export async function lend<T>(buffer: RowBuffer, work: (token: string) => Promise<T>): Promise<T> {
  // Of a query that anyone may have written nothing lent to others may be guessed.
  const token = randomBytes(16).toString('hex')
  buffers.set(token, buffer)
  try {
    return await work(token)
  } finally {
    buffers.delete(token)
  }
}
