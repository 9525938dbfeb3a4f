import type { Answer } from '../contract/contract.ts'
import type { ReadRows } from '../lake-reader.ts'

type Table = Answer<'sql'>
type Json = Table['rows'][number][number]

/** Rows of the lake as the doors tell of them: an instant as text, as files of CSV and JSON have it. */
export const shownTable = ({ columns, rows, isCut }: ReadRows, tookMs: number): Table => ({
  columns: columns.map(({ name, type }) => ({ name, type })),
  rows: rows.map((row) => columns.map(({ name, type }) => shownValue(type, row[name]))),
  isCut,
  tookMs: Math.round(tookMs),
})

function shownValue(type: string, value: unknown): Json {
  if (type.startsWith('TIMESTAMP') && typeof value === 'number' && Math.abs(value) <= 8.64e15) {
    return new Date(value).toISOString().replace(/\.000Z$/, 'Z')
  }
  return jsonOf(value)
}

/** What JSON has no number for is text. */
function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonOf(one)]))
  }
  return (value ?? null) as Json
}
