import type { QueryResult } from './untrusted-query.ts'

/** A result as text: of JSON and CSV, an instant is text for people and programs alike. */
export const resultText: Readonly<Record<'json' | 'csv', (result: QueryResult) => string>> = {
  json: ({ columns, rows }) =>
    JSON.stringify(
      rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, shownValue(type, row[name])]))),
      null,
      2,
    ),
  csv: ({ columns, rows }) => {
    const lines = rows.map((row) => columns.map(({ name, type }) => csvField(shownValue(type, row[name]))).join(','))
    return [columns.map(({ name }) => csvField(name)).join(','), ...lines].join('\n')
  },
}

/** An instant as ISO text, if there is such a date; everything else as it came. */
export const shownValue = (type: string, value: unknown): unknown =>
  type.startsWith('TIMESTAMP') && typeof value === 'number' && Math.abs(value) <= 8.64e15
    ? new Date(value).toISOString().replace(/\.000Z$/, 'Z')
    : value

export const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

// Fields are quoted where RFC 4180 asks for it; null is an empty field.
function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = textOf(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
