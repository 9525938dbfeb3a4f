import type { PartitionKey } from './partition.ts'

/** What `run` may return row by row: a list, a generator. */
export type RowSource<Row> = Iterable<Row> | AsyncIterable<Row>

/** Columns of up to some 100,000 rows, as an Arrow record batch has them. */
export interface Batch {
  readonly numRows: number
  getChild(name: string): { get(index: number): unknown; toArray(): ArrayLike<unknown> } | null
}

/** What `run` may return: rows, batches of columns, or a query whose result goes from file to file. */
export type Rows<Row> = RowSource<Row> | Sql<Row> | Batches<Row>

/** Marks a stream of batches, so that it is never taken for a stream of rows. */
export interface Batches<Row> {
  readonly kind: 'batches'
  readonly batches: AsyncIterable<Batch> | Iterable<Batch>
  readonly '~row'?: Row
}

/** Batches as the output of an asset; their columns are checked against its schema. */
export const batchesOf = <Row>(batches: AsyncIterable<Batch> | Iterable<Batch>): Batches<Row> => ({
  kind: 'batches',
  batches,
})

/** One file of a table, as the catalogue points at it. */
export interface TableFile {
  readonly key: PartitionKey
  readonly path: string
  readonly rows: number
  readonly bytes: number
  /** Hash of the content: two files of one version hold the same rows. Unless the author gave it: then it is as good as said. */
  readonly version: string
  /** The hash of the content, where the author gave the version. */
  readonly content?: string
}

/** A handle on rows: nothing is read until asked for. */
export interface Table<Row> extends AsyncIterable<Row> {
  readonly kind: 'table'
  /** Column names as values, so that SQL built from them breaks at compile time when a column goes. */
  readonly columns: { readonly [K in keyof Row & string]: Column<K> }
  readonly files: readonly TableFile[]
  /** The rows as batches of columns (Arrow). */
  batches(): AsyncIterable<Batch>
  /** All rows at once; only for tables known to be small. */
  toArray(): Promise<Row[]>
}

export interface Column<Name extends string = string> {
  readonly column: Name
}

export type SqlValue = string | number | boolean | null | Date | Column | Table<any> | Sql<any>

/** A query that has not run: text between values. A value is bound as a parameter, a table is its list of files. */
export interface Sql<Row> {
  readonly kind: 'sql'
  readonly text: readonly string[]
  readonly values: readonly SqlValue[]
  readonly '~row'?: Row
}

/** ``sql<Row>`select … from ${inputs.candles}` ``: nothing runs here. */
export const sql = <Row = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...values: readonly SqlValue[]
): Sql<Row> => ({
  kind: 'sql',
  text,
  values,
})

export const isSql = (value: unknown): value is Sql<unknown> => isKind(value, 'sql')
export const isTable = (value: unknown): value is Table<unknown> => isKind(value, 'table')
export const isBatches = (value: unknown): value is Batches<unknown> => isKind(value, 'batches')

const isKind = (value: unknown, kind: string) =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind

/** Column references of a table of these columns. */
export function columnRefs<Row>(names: readonly string[]): Table<Row>['columns'] {
  return Object.fromEntries(names.map((column) => [column, { column }])) as Table<Row>['columns']
}

/** A table over rows in memory, for tests and small results. */
export function tableOf<Row extends object>(
  columns: readonly (keyof Row & string)[],
  rows: RowSource<Row>,
): Table<Row> {
  return {
    kind: 'table',
    columns: columnRefs(columns),
    files: [],
    async *[Symbol.asyncIterator]() {
      yield* rows
    },
    async *batches() {
      const all: Row[] = []
      for await (const row of rows) all.push(row)
      yield batchOfRows(columns, all)
    },
    async toArray() {
      const all: Row[] = []
      for await (const row of rows) all.push(row)
      return all
    },
  }
}

function batchOfRows<Row extends object>(columns: readonly string[], rows: readonly Row[]): Batch {
  const values = (name: string) => rows.map((row) => row[name as keyof Row])
  return {
    numRows: rows.length,
    getChild: (name) =>
      columns.includes(name) ? { get: (index) => rows[index]?.[name as keyof Row], toArray: () => values(name) } : null,
  }
}
