import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampMillisecondsValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import type { ColumnType, Sql, SqlValue, Table } from '#pipeline'
import { isSql, isTable } from '#pipeline'

/** SQL text whose values are parameters `$1`, `$2`, … */
export interface BoundSql {
  readonly text: string
  readonly values: readonly DuckDBValue[]
  readonly types: readonly (DuckDBType | undefined)[]
}

export const sqlTypes = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_MS',
} as const satisfies Record<ColumnType, string>

/** A name as SQL writes it, whatever it holds. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** How a table is written: the select that reads its files, given a way to name a parameter. */
export type TableText = (table: Table<unknown>, parameter: (value: DuckDBValue, type?: DuckDBType) => string) => string

/** Turns a query into text and parameters. Values, also paths, are never put into the text. */
export function bindSql(query: Sql<unknown>, tableText: TableText): BoundSql {
  const values: DuckDBValue[] = []
  const types: (DuckDBType | undefined)[] = []
  const parameter = (value: DuckDBValue, type?: DuckDBType): string => {
    values.push(value)
    types.push(type)
    return `$${values.length}`
  }
  const write = ({ text, values }: Sql<unknown>): string =>
    text.map((part, index) => (index < values.length ? part + writeValue(values[index]!) : part)).join('')
  const writeValue = (value: SqlValue): string => {
    if (isSql(value)) return write(value)
    if (isTable(value)) return tableText(value, parameter)
    if (value instanceof Date) return parameter(new DuckDBTimestampMillisecondsValue(BigInt(value.getTime())))
    if (typeof value === 'object' && value !== null) return identifier((value as { column: string }).column)
    return parameter(value as string | number | boolean | null)
  }
  return { text: write(query), values, types }
}

/** A list of paths as one parameter. */
export const pathList = (paths: readonly string[], parameter: Parameters<TableText>[1]): string =>
  parameter(listValue([...paths]), LIST(VARCHAR))

export async function prepareBound(connection: DuckDBConnection, sql: BoundSql): Promise<DuckDBPreparedStatement> {
  const statement = await connection.prepare(sql.text)
  if (sql.values.length > 0) statement.bind([...sql.values], [...sql.types] as DuckDBType[])
  return statement
}
