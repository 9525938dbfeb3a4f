import type { Metadata } from './metadata.ts'
import type { PartitionKey } from './partition.ts'
import type { Sql, Table } from './table.ts'

/** How bad it is that a check fails, and whether that stops publication: an error does, unless it says otherwise. */
interface Graded {
  readonly blocking?: boolean
  /** `error` if absent. */
  readonly severity?: Severity
}

export type Severity = 'error' | 'warning'

export type CheckResult = Graded & { /** Shown with the result. */ readonly metadata?: Metadata } & (
    | {
        readonly passed: true /** Why that says little, e.g. that there was nothing to compare with. */
        readonly why?: string
      }
    | { readonly passed: false; readonly why: string }
  )

/**
 * Something about a table that the engine proves: all that an asset claims of one table is answered by one scan.
 * `holds` and `from` say the same of rows in memory, where there is no SQL.
 */
export type Claim = Graded & { readonly table: Table<any> } & (
    | { readonly kind: 'every'; readonly condition: Sql<unknown>; readonly holds?: (row: any) => boolean }
    | { readonly kind: 'unique'; readonly columns: readonly string[] }
    /** Each value of a column that is not null is one of a column of another table. */
    | { readonly kind: 'related'; readonly column: string; readonly to: Table<any>; readonly toColumn: string }
    /** A query finds no row. */
    | { readonly kind: 'none'; readonly query: Sql<unknown> }
    /** An aggregate of the table is as it should be. */
    | {
        readonly kind: 'measure'
        readonly aggregate: Sql<unknown>
        readonly from: (rows: readonly any[]) => unknown
        readonly answer: (value: any) => CheckResult
      }
    /** The columns are as they should be, compared with those of another table. */
    | {
        readonly kind: 'columns'
        readonly as: Table<any>
        readonly answer: (columns: { readonly now: ColumnTypes; readonly before: ColumnTypes }) => CheckResult
      }
  )

/** The type of each column in the words of the engine; null where rows do not tell. */
export type ColumnTypes = Readonly<Record<string, string | null>>

/** What is being checked. */
export interface CheckSubject<Row = any, Inputs = Readonly<Record<string, Table<any>>>> {
  readonly key: PartitionKey
  /** The instant for which the run was planned. */
  readonly now: Date
  /** The end of the partition's window of time; `now` where it has none. */
  readonly end: Date
  /** What the rows were made from. */
  readonly inputs: Inputs
  /** The version that is published now, if any. */
  readonly published: Table<Row> | undefined
  /**
   * The whole asset as it will be: every published partition, and this one as it is staged. Partitions that are published
   * at the same moment do not see each other.
   */
  whole(): Promise<Table<Row>>
}

/** Looks at a staged table before anyone else can. */
export type Check<Row, Inputs = any> = (
  table: Table<Row>,
  subject: CheckSubject<Row, Inputs>,
) => Claim | CheckResult | Promise<Claim | CheckResult>

/** The answer of a check as a warning: recorded, but without the power to stop publication. */
export const warning = <A extends Claim | CheckResult>(
  answer: A,
): A & { readonly blocking: false; readonly severity: 'warning' } => ({
  ...answer,
  blocking: false,
  severity: 'warning',
})

/** The answer of a check as an error that is recorded and told, while the rows are published all the same. */
export const notBlocking = <A extends Claim | CheckResult>(answer: A): A & { readonly blocking: false } => ({
  ...answer,
  blocking: false,
})
