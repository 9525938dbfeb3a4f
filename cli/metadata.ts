import type { Metadata, MetadataValue } from '#pipeline'
import { typedMetadata } from '#pipeline'
import { count, instant, table } from './terminal.ts'

/** Rows of a table that a terminal shows. */
const mostRows = 10

/** Metadata, a name and its value a line; what takes more lines is set in below its name. */
export function shownMetadata(metadata: Metadata): readonly string[] {
  const names = Object.keys(metadata)
  const width = Math.max(0, ...names.map((name) => name.length))
  return names.flatMap((name) => {
    const [first = '', ...more] = shown(metadata[name]!).split('\n')
    if (more.length === 0) return [`${name.padEnd(width)}  ${first}`]
    return [name, ...[first, ...more].map((line) => `  ${line}`)]
  })
}

function shown(value: MetadataValue): string {
  const typed = typedMetadata(value)
  if (!typed) return typeof value === 'number' ? value.toLocaleString('en-US') : plain(value)
  switch (typed['@type']) {
    case 'markdown':
      return typed.text.trimEnd()
    case 'url':
      return typed.label === typed.href ? typed.href : `${typed.label} <${typed.href}>`
    case 'path':
      return typed.path
    case 'timestamp':
      return `${instant(typed.at)} UTC`
    case 'duration':
      return typed.ms < 1_000 ? `${typed.ms} ms` : `${(typed.ms / 1_000).toLocaleString('en-US')} s`
    case 'quantity':
      return `${typed.value.toLocaleString('en-US')} ${typed.unit}`
    case 'json':
      return JSON.stringify(typed.value, null, 2)
    case 'table': {
      const rows = typed.rows.slice(0, mostRows)
      const looks = typed.columns.map((title, column) => ({
        title,
        text: (row: (typeof rows)[number]) => plain(row[column] ?? null),
        ...(rows.every((row) => typeof row[column] === 'number') && { align: 'right' as const }),
      }))
      const left = typed.rows.length - rows.length + typed.omitted
      return `${table(rows, looks)}${left > 0 ? `\nand ${count(left)} more` : ''}`
    }
    case 'schema':
      return table(typed.columns, [
        { title: 'column', text: ({ name }) => name },
        { title: 'type', text: ({ type, nullable }) => (nullable ? `${type} or null` : type) },
        { title: 'unit', text: ({ unit }) => unit ?? '' },
        { title: 'description', text: ({ description }) => description ?? '' },
      ])
    case 'plot':
      return typed.series
        .map(({ name, points }) => {
          const ends = [points[0], points.at(-1)].map((point) => (point ? `(${point.join(', ')})` : '-'))
          return `${name}: ${count(points.length)} points of ${typed.y} over ${typed.x}, ${ends.join(' to ')}`
        })
        .join('\n')
    default:
      return typed satisfies never
  }
}

const plain = (value: MetadataValue) => (typeof value === 'string' ? value : JSON.stringify(value))
