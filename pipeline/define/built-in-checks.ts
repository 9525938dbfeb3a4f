import type { CheckResult, Claim } from './check.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import { PipelineError } from './errors.ts'
import type { Sql, Table } from './table.ts'
import { sql } from './table.ts'

/** No two rows agree on all of `columns`. */
export function unique<Row>(table: Table<Row>, ...columns: (keyof Row & string)[]): Claim {
  return { kind: 'unique', table, columns }
}

/** The SQL condition is true of every row: ``every(rows, sql`high >= low`)``. A row for which it is null breaks it. */
export function every<Row>(table: Table<Row>, condition: Sql<any>): Claim {
  return { kind: 'every', table, condition }
}

/** A query finds nothing: ``noRows(rows, sql`select * from ${rows} where high < low`)``; what it finds breaks it. */
export function noRows<Row>(table: Table<Row>, query: Sql<any>): Claim {
  return { kind: 'none', table, query }
}

/** Every row satisfies `predicate`; reads the rows into JavaScript one by one, so prefer `every` for large tables. */
export async function holds<Row>(table: Table<Row>, predicate: (row: Row) => boolean): Promise<CheckResult> {
  for await (const row of table) {
    if (!predicate(row)) return { passed: false, why: `broken by ${JSON.stringify(row)}` }
  }
  return { passed: true }
}

/** None of `columns` is null in any row. */
export function notNull<Row>(table: Table<Row>, ...columns: (keyof Row & string)[]): Claim {
  return {
    kind: 'every',
    table,
    condition: joined(columns.map((column) => sql`${{ column }} is not null`)),
    holds: (row: Row) => columns.every((column) => row[column] !== null),
  }
}

/** A number column lies between `min` and `max`, both included; null is let through. */
export function inRange<Row>(
  table: Table<Row>,
  column: keyof Row & string,
  { min, max }: { readonly min?: number; readonly max?: number },
): Claim {
  const sides = [
    ...(min === undefined ? [] : [sql`${{ column }} >= ${min}`]),
    ...(max === undefined ? [] : [sql`${{ column }} <= ${max}`]),
  ]
  if (sides.length === 0)
    throw new PipelineError('check.malformed', { check: 'inRange', expected: 'a min, a max or both' })
  return {
    kind: 'every',
    table,
    condition: sql`${{ column }} is null or (${joined(sides)})`,
    holds(row: Row) {
      const value = row[column] as number | null
      return (
        value === null || (value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY))
      )
    },
  }
}

/** A column holds one of `values`; null is let through. */
export function acceptedValues<Row>(
  table: Table<Row>,
  column: keyof Row & string,
  values: readonly (string | number | boolean)[],
): Claim {
  if (values.length === 0) {
    throw new PipelineError('check.malformed', { check: 'acceptedValues', expected: 'at least one value' })
  }
  const either = values.map((value) => sql`${{ column }} = ${value}`)
  return {
    kind: 'every',
    table,
    condition: sql`${{ column }} is null or (${joined(either, ' or ')})`,
    holds: (row: Row) => row[column] === null || values.includes(row[column] as string),
  }
}

/** Each value of a column is found in a column of another table, such as an input of the asset; null is let through. */
export function related<Row, Other>(
  table: Table<Row>,
  column: keyof Row & string,
  to: Table<Other>,
  toColumn: keyof Other & string,
): Claim {
  return { kind: 'related', table, column, to, toColumn }
}

/** The table has at least `min` and at most `max` rows. */
export function rowCount<Row>(
  table: Table<Row>,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
): CheckResult {
  const rows = rowsOf(table)
  if (rows >= min && rows <= max) return { passed: true, metadata: { rows } }
  const expected = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`
  return { passed: false, why: `expected ${expected} rows, got ${rows}`, metadata: { rows } }
}

/**
 * The number of rows has changed by at most this fraction since the version before, 0.5 by a half either way:
 * `rowCountChange(rows, published, { atMost: 0.5 })`. Passes where there is no version before, or one without rows.
 */
export function rowCountChange<Row>(
  table: Table<Row>,
  published: Table<Row> | undefined,
  { atMost }: { readonly atMost: number },
): CheckResult {
  if (!(atMost >= 0)) {
    throw new PipelineError('check.malformed', { check: 'rowCountChange', expected: 'atMost of 0 or more' })
  }
  if (!published) return { passed: true, why: 'there is no version before' }
  const [before, rows] = [rowsOf(published), rowsOf(table)]
  const metadata = { rows, before }
  if (before === 0) return { passed: true, why: 'the version before has no rows', metadata }
  const change = Math.abs(rows - before) / before
  if (change <= atMost) return { passed: true, metadata }
  const got = `${percent(change)}: ${rows} rows after ${before}`
  return { passed: false, why: `expected a change of at most ${percent(atMost)}, got ${got}`, metadata }
}

/** Columns and types are those of the version before: `schemaUnchanged(rows, published)`. Passes where there is none. */
export function schemaUnchanged<Row>(table: Table<Row>, published: Table<Row> | undefined): Claim | CheckResult {
  if (!published) return { passed: true, why: 'there is no version before' }
  return {
    kind: 'columns',
    table,
    as: published,
    answer({ now, before }) {
      if (Object.keys(before).length === 0) return { passed: true, why: 'the version before tells of no columns' }
      const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((column) => {
        const [was, is] = [before[column], now[column]]
        if (was === undefined) return [`"${column}" is new`]
        if (is === undefined) return [`"${column}" is gone`]
        return was === null || is === null || was === is ? [] : [`"${column}" was ${was} and is ${is}`]
      })
      return changes.length === 0
        ? { passed: true }
        : { passed: false, why: `its columns changed: ${changes.join(', ')}` }
    },
  }
}

/**
 * The newest value of a column of instants is at most `within` before an instant, such as the end of the partition:
 * `recent(rows, 'open_time', { within: '2h', before: end })`. A table without a value is not recent.
 */
export function recent<Row>(
  table: Table<Row>,
  column: keyof Row & string,
  { within, before }: { readonly within: Duration; readonly before: Date },
): Claim {
  const since = before.getTime() - durationMs(within)
  return {
    kind: 'measure',
    table,
    aggregate: sql`max(${{ column }})`,
    from: (rows: readonly Row[]) =>
      rows.reduce<number | null>((newest, row) => {
        const value = row[column] as number | null
        return value !== null && (newest === null || value > newest) ? value : newest
      }, null),
    answer(newest: number | null) {
      const expected = `a newest "${column}" of ${instant(since)} or later`
      if (newest === null) return { passed: false, why: `expected ${expected}, got none` }
      const metadata = { newest: { '@type': 'timestamp', at: newest } }
      if (newest >= since) return { passed: true, metadata }
      return { passed: false, why: `expected ${expected}, got ${instant(newest)}`, metadata }
    },
  }
}

const rowsOf = ({ files }: Table<any>) => files.reduce((sum, file) => sum + file.rows, 0)
const percent = (part: number) => `${Number((part * 100).toFixed(1))} %`
const instant = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

function joined(parts: readonly Sql<unknown>[], by = ' and '): Sql<unknown> {
  return { kind: 'sql', text: ['', ...parts.slice(1).map(() => by), ''], values: parts }
}
