import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ColumnSpec, ColumnType } from '#pipeline'
import { resultText } from './result-text.ts'
import type { QueryResult } from './untrusted-query.ts'

export type ResultFormat = 'csv' | 'json' | 'parquet' | 'arrow'

/** A result as the bytes of a file: of Arrow it is a stream, as `pyarrow.ipc.open_stream` reads it. */
export async function resultFile(result: QueryResult, format: ResultFormat): Promise<Uint8Array> {
  if (format === 'parquet') return parquetFile(result)
  if (format === 'arrow') return arrowStream(result)
  return new TextEncoder().encode(`${resultText[format](result)}\n`)
}

async function parquetFile(result: QueryResult): Promise<Uint8Array> {
  const { writeRowsFile } = await import('./write-rows-file.ts')
  const folder = await mkdtemp(join(tmpdir(), 'bullion-'))
  try {
    const file = join(folder, 'result.parquet')
    await writeRowsFile(columnsOfResult(result), result.rows, file)
    return await readFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function arrowStream(result: QueryResult): Promise<Uint8Array> {
  const { Table, tableToIPC, vectorFromArray, Float64, Int64, TimestampMillisecond, Utf8, Bool } = await import(
    'apache-arrow'
  )
  const types = {
    string: () => new Utf8(),
    number: () => new Float64(),
    integer: () => new Int64(),
    boolean: () => new Bool(),
    timestamp: () => new TimestampMillisecond(),
  } as const satisfies Record<ColumnType, unknown>
  const columns = columnsOfResult(result).map(({ name, type }) => {
    const values = result.rows.map((row) => valueAs(type, row[name]))
    return [name, vectorFromArray(values, types[type]())] as const
  })
  return tableToIPC(new Table(Object.fromEntries(columns)), 'stream')
}

function valueAs(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type === 'integer') return BigInt(value as number | string)
  return type === 'string' ? String(value) : value
}

/** Columns as a file of our own has them: what has no type there is text. */
const columnsOfResult = ({ columns, rows }: QueryResult): readonly ColumnSpec[] =>
  columns.map(({ name, type }) => ({
    ...{ name, nullable: true, description: undefined, unit: undefined },
    type: columnType(
      type,
      rows.map((row) => row[name]),
    ),
  }))

function columnType(type: string, values: readonly unknown[]): ColumnType {
  if (/^TIMESTAMP(_MS|_S| WITH TIME ZONE)?$/.test(type)) return 'timestamp'
  if (type === 'BOOLEAN') return 'boolean'
  if (/^(DOUBLE|FLOAT|DECIMAL\(\d+,\d+\))$/.test(type)) return 'number'
  const isWhole = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type) && values.every(fits)
  return isWhole ? 'integer' : 'string'
}

/** Whether a whole number has place in 64 bits. */
const fits = (value: unknown): boolean =>
  value === null || value === undefined || BigInt.asIntN(64, BigInt(value as number)) === BigInt(value as number)
