import { PipelineError } from './errors.ts'
import type { PartitionKey } from './partition.ts'
import type { Sql, Table } from './table.ts'
import { sql } from './table.ts'

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

/** None of `columns` is null in any row. */
export function notNull<Row>(_table: Table<Row>, ...columns: (keyof Row & string)[]): Claim {
  return { kind: 'every', condition: joined(columns.map((column) => sql`${{ column }} is not null`)) }
}

/** A number column lies between `min` and `max`, both included; null is let through. */
export function inRange<Row>(
  _table: Table<Row>,
  column: keyof Row & string,
  { min, max }: { readonly min?: number; readonly max?: number },
): Claim {
  const sides = [
    ...(min === undefined ? [] : [sql`${{ column }} >= ${min}`]),
    ...(max === undefined ? [] : [sql`${{ column }} <= ${max}`]),
  ]
  if (sides.length === 0)
    throw new PipelineError('check.malformed', { check: 'inRange', expected: 'a min, a max or both' })
  return { kind: 'every', condition: sql`${{ column }} is null or (${joined(sides)})` }
}

/** A column holds one of `values`; null is let through. */
export function acceptedValues<Row>(
  _table: Table<Row>,
  column: keyof Row & string,
  values: readonly (string | number | boolean)[],
): Claim {
  if (values.length === 0) {
    throw new PipelineError('check.malformed', { check: 'acceptedValues', expected: 'at least one value' })
  }
  const either = values.map((value) => sql`${{ column }} = ${value}`)
  return { kind: 'every', condition: sql`${{ column }} is null or (${joined(either, ' or ')})` }
}

/** The staged table has at least `min` and at most `max` rows. */
export function rowCount<Row>(
  table: Table<Row>,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
): CheckResult {
  const rows = table.files.reduce((sum, file) => sum + file.rows, 0)
  if (rows >= min && rows <= max) return { passed: true }
  const expected = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`
  return { passed: false, why: `expected ${expected} rows, got ${rows}` }
}

function joined(parts: readonly Sql<unknown>[], by = ' and '): Sql<unknown> {
  return { kind: 'sql', text: ['', ...parts.slice(1).map(() => by), ''], values: parts }
}
