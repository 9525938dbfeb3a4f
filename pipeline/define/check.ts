import type { Sql, Table } from './table.ts'

export type CheckResult = { readonly passed: true } | { readonly passed: false; readonly why: string }

/** A claim that the engine proves: all claims of an asset are answered by one scan of the staged file. */
export type Claim =
  | { readonly kind: 'every'; readonly condition: Sql<unknown> }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }

/** Looks at a staged table before anyone else can. */
export type CheckFunction<Row> = (table: Table<Row>) => Claim | CheckResult | Promise<CheckResult>

/** A blocking check decides whether the table is published; a warning is recorded only. */
export type Check<Row> = CheckFunction<Row> | { readonly blocking: false; readonly check: CheckFunction<Row> }

/** The check, recorded but without the power to stop publication. */
export const warning = <Row>(check: CheckFunction<Row>): { blocking: false; check: CheckFunction<Row> } => ({
  blocking: false,
  check,
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
