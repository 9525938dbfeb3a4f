import type { PartitionKey } from './partition.ts'
import type { Sql, Table } from './table.ts'

export type CheckResult = Graded & ({ readonly passed: true } | { readonly passed: false; readonly why: string })

/** A check that fails blocks publication unless it says otherwise: a warning is recorded only. */
interface Graded {
  readonly blocking?: false
}

/** A claim that the engine proves: all claims of an asset are answered by one scan of the staged file. */
export type Claim = Graded &
  (
    | { readonly kind: 'every'; readonly condition: Sql<unknown> }
    | { readonly kind: 'unique'; readonly columns: readonly string[] }
  )

/** What is being checked. */
export interface CheckSubject {
  readonly key: PartitionKey
  /** The instant for which the run was planned. */
  readonly now: Date
}

/** Looks at a staged table before anyone else can. */
export type Check<Row> = (
  table: Table<Row>,
  subject: CheckSubject,
) => Claim | CheckResult | Promise<Claim | CheckResult>

/** The answer of a check, recorded but without the power to stop publication. */
export const warning = <A extends Claim | CheckResult>(answer: A): A & { readonly blocking: false } => ({
  ...answer,
  blocking: false,
})

/** No two rows agree on all of `columns`. */
export function unique<Row>(_table: Table<Row>, ...columns: (keyof Row & string)[]): Claim {
  return { kind: 'unique', columns }
}

/** The SQL condition is true of every row: ``every(rows, sql`high >= low`)``. A row for which it is null breaks it. */
export function every<Row>(_table: Table<Row>, condition: Sql<any>): Claim {
  return { kind: 'every', condition }
}

/** Every row satisfies `predicate`; reads the rows into JavaScript one by one, so prefer `every` for large tables. */
export async function holds<Row>(table: Table<Row>, predicate: (row: Row) => boolean): Promise<CheckResult> {
  for await (const row of table) {
    if (!predicate(row)) return { passed: false, why: `broken by ${JSON.stringify(row)}` }
  }
  return { passed: true }
}
