import { styleText } from 'node:util'

/** How values look on a terminal. Colour only where the stream shows it. */

type Style = Parameters<typeof styleText>[0]

export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

export const print = (text = ''): void => void process.stdout.write(`${text}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** 70006 as `70,006`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** `1 row`, `1,200 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** Bytes as `1.2 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}

/** Milliseconds as `1:05` or `2:01:05`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** An instant as `2026-11-21 01:00:03` UTC. */
export const instant = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

export interface ColumnLook<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly align?: 'right'
  readonly style?: (row: Row) => Style | undefined
}

/** Rows under titles, a line each, each column as wide as its widest text. */
export function table<Row>(rows: readonly Row[], columns: readonly ColumnLook<Row>[]): string {
  const texts = rows.map((row) => columns.map((column) => column.text(row).replace(/\s*\n\s*/g, ' ')))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...texts.map((line) => line[index]!.length)),
  )
  const pad = (text: string, index: number) =>
    columns[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!)
  const head = columns.map((column, index) => styled('dim', pad(column.title, index))).join('  ')
  const body = rows.map((row, line) =>
    columns
      .map((column, index) => {
        const text = pad(texts[line]![index]!, index)
        const style = column.style?.(row)
        return style ? styled(style, text) : text
      })
      .join('  ')
      .trimEnd(),
  )
  return [head.trimEnd(), ...body].join('\n')
}
