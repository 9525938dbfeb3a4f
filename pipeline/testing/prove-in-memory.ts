import type { Claim, ColumnTypes } from '../define/check.ts'
import { PipelineError } from '../define/errors.ts'
import type { ClaimResult } from '../define/io.ts'

type Row = Readonly<Record<string, unknown>>

/** Rows of a sample. */
const most = 5

/** A claim about rows in memory. Throws `check.engine-missing` for one that is written in SQL. */
export async function proveInMemory(rows: readonly Row[], claim: Claim): Promise<ClaimResult> {
  switch (claim.kind) {
    case 'every': {
      const { holds } = claim
      if (!holds) throw engineMissing(claim)
      return broken(rows.filter((row) => !holds(row)))
    }
    case 'unique': {
      const groups = Object.values(
        Object.groupBy(rows, (row) => JSON.stringify(claim.columns.map((column) => row[column]))),
      )
      const sample = groups
        .filter((same) => same!.length > 1)
        .map((same) => picked(same![0]!, claim.columns, same!.length))
      return { failures: rows.length - groups.length, sample: sample.slice(0, most) }
    }
    case 'related': {
      const known = new Set((await claim.to.toArray()).map((row) => (row as Row)[claim.toColumn]))
      return broken(rows.filter((row) => row[claim.column] !== null && !known.has(row[claim.column])))
    }
    case 'measure':
      return { failures: 0, sample: [], value: claim.from(rows) }
    case 'columns': {
      const before = (await claim.as.toArray()) as readonly Row[]
      // No rows tell of no columns.
      const value =
        before.length === 0 || rows.length === 0
          ? { now: {}, before: {} }
          : { now: typesOf(rows), before: typesOf(before) }
      return { failures: 0, sample: [], value }
    }
    case 'none':
      throw engineMissing(claim)
    default:
      return claim satisfies never
  }
}

const engineMissing = ({ table }: Claim) =>
  new PipelineError('check.engine-missing', { asset: table.files[0]?.path.split('/')[0] ?? '' })

const broken = (rows: readonly Row[]): ClaimResult => ({ failures: rows.length, sample: rows.slice(0, most) })

const picked = (row: Row, columns: readonly string[], rows: number): Row => ({
  ...Object.fromEntries(columns.map((column) => [column, row[column]])),
  rows,
})

/** By column the type of its values, as far as any tells. */
function typesOf(rows: readonly Row[]): ColumnTypes {
  const types: Record<string, string | null> = {}
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) types[column] ??= value === null ? null : typeof value
  }
  return types
}
