import { existsSync } from 'node:fs'
import type { Claim, ClaimResult, ColumnTypes, IoManager, Sql, Table } from '#pipeline'
import { sql } from '#pipeline'

type Row = Readonly<Record<string, unknown>>

/** Rows of a sample. */
const most = 5
const neverAborted = new AbortController().signal

/** Claims about one table: one scan counts what breaks them, and those that are broken are looked at again for a sample. */
export async function proveClaims(
  io: Pick<IoManager, 'query' | 'lend'>,
  table: Table<any>,
  claims: readonly Claim[],
): Promise<readonly ClaimResult[]> {
  const ask = <R extends object>(query: Sql<R>) => Array.fromAsync(io.query(query, neverAborted))
  const counted = claims.filter(({ kind }) => kind !== 'columns')
  const answers = counted.map((claim, index) => sql`${proofOf(claim)} as ${{ column: `claim_${index}` }}`)
  // The count keeps it one row, also where every answer is a query of its own.
  const [row] = counted.length > 0 ? await ask(sql<Row>`select count(*), ${joined(answers)} from ${table}`) : [{}]
  if (!row) throw new Error('expected one row of answers to the checks, got none')

  const results: ClaimResult[] = []
  // One after the other: a broken claim is rare, and its sample must not take memory from the others.
  for (const claim of claims) {
    if (claim.kind === 'columns') {
      const typesOf = ({ files }: Table<any>) => {
        const file = files.at(-1)!
        return io.lend([file], (pathOf) => columnTypes(ask, pathOf(file))).catch(noneIfGone)
      }
      const value = { now: await typesOf(claim.table), before: await typesOf(claim.as) }
      results.push({ failures: 0, sample: [], value })
      continue
    }
    const value = row[`claim_${counted.indexOf(claim)}`]
    if (claim.kind === 'measure') results.push({ failures: 0, sample: [], value })
    else {
      const failures = Number(value ?? 0)
      results.push({ failures, sample: failures > 0 ? await ask(sampleOf(claim)) : [] })
    }
  }
  return results
}

type Counted = Exclude<Claim, { readonly kind: 'columns' }>

function proofOf(claim: Claim): Sql<unknown> {
  switch (claim.kind) {
    case 'every':
      return sql`count(*) filter (where (${claim.condition}) is not true)`
    case 'unique':
      return sql`count(*) - count(distinct (${names(claim.columns)}, 0))`
    case 'related':
      return sql`(select count(*) from (${unrelated(claim)}))`
    case 'none':
      return sql`(select count(*) from (${claim.query}))`
    case 'measure':
      return claim.aggregate
    default:
      throw new Error(`expected a claim that is counted, got "${claim.kind}"`)
  }
}

function sampleOf(claim: Exclude<Counted, { readonly kind: 'measure' }>): Sql<Row> {
  switch (claim.kind) {
    case 'every':
      return sql`select * from ${claim.table} where (${claim.condition}) is not true limit ${most}`
    case 'unique':
      return sql`select ${names(claim.columns)}, count(*) as rows from ${claim.table} group by all having count(*) > 1 limit ${most}`
    case 'related':
      return sql`select * from (${unrelated(claim)}) limit ${most}`
    case 'none':
      return sql`select * from (${claim.query}) limit ${most}`
    default:
      return claim satisfies never
  }
}

const unrelated = ({ table, column, to, toColumn }: Extract<Claim, { readonly kind: 'related' }>): Sql<Row> => sql`
  select * from ${table} as ours where ours.${{ column }} is not null
    and not exists (select 1 from ${to} as theirs where theirs.${{ column: toColumn }} = ours.${{ column }})`

// A published file that was lost is made again like any other: it has no columns to be held to.
function noneIfGone(error: NodeJS.ErrnoException): ColumnTypes {
  if (error.code === 'ENOENT') return {}
  throw error
}

// Of the file itself: a table reads the columns that its asset has now, whatever an older file holds.
async function columnTypes(
  ask: (
    query: Sql<{ column_name: string; column_type: string }>,
  ) => Promise<readonly { column_name: string; column_type: string }[]>,
  path: string,
): Promise<ColumnTypes> {
  if (!existsSync(path)) return {}
  const rows = await ask(sql`
    select column_name, column_type from (describe select * from read_parquet(${path}, hive_partitioning = false))`)
  return Object.fromEntries(rows.map(({ column_name, column_type }) => [column_name, column_type]))
}

const names = (columns: readonly string[]): Sql<unknown> => joined(columns.map((column) => sql`${{ column }}`))

function joined(parts: readonly Sql<unknown>[]): Sql<unknown> {
  const text = ['', ...parts.slice(1).map(() => ', '), '']
  return { kind: 'sql', text, values: parts }
}
