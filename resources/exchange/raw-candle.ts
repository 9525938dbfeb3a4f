/** One row of an exchange's candle answer, read by a table of columns. */

import type { RawCandle } from './port.ts'

/** Where each field stands in a row: a position in a list or a name in an object; undefined when it is not given. */
export interface CandleColumns extends Readonly<Record<RequiredField, number | string>> {
  readonly quote_volume?: number | string
  readonly trades?: number | string
  readonly taker_buy_volume?: number | string
  readonly taker_buy_quote_volume?: number | string
}
type RequiredField = 'open_time' | 'open' | 'high' | 'low' | 'close' | 'volume'

export interface RowFormat {
  readonly columns: CandleColumns
  readonly timeUnit: 'ms' | 's'
}

const decimal = /^\d+(\.\d+)?$/

/** The candle of a row, or what is wrong with it: what was expected and what came. */
export function readRow(row: unknown, { columns, timeUnit }: RowFormat): RawCandle | RowProblem {
  if (typeof row !== 'object' || row === null) return { expected: 'rows of values', got: shown(row) }
  const cells = row as Readonly<Record<number | string, unknown>>
  const cell = (column: number | string | undefined) => (column === undefined ? null : (cells[column] ?? null))
  const time = Number(cell(columns.open_time)) * (timeUnit === 's' ? 1000 : 1)
  const candle = {
    open_time: time,
    open: decimalText(cell(columns.open)),
    high: decimalText(cell(columns.high)),
    low: decimalText(cell(columns.low)),
    close: decimalText(cell(columns.close)),
    volume: decimalText(cell(columns.volume)),
    quote_volume: decimalText(cell(columns.quote_volume)),
    trades: countOf(cell(columns.trades)),
    taker_buy_volume: decimalText(cell(columns.taker_buy_volume)),
    taker_buy_quote_volume: decimalText(cell(columns.taker_buy_quote_volume)),
  }
  if (!Number.isSafeInteger(time) || time < 0) return { expected: 'an open time', got: shown(cell(columns.open_time)) }
  if (!isRead(candle)) return { expected: 'decimal prices and amounts', got: shown(row) }
  return candle
}

export interface RowProblem {
  readonly expected: string
  readonly got: string
}

export const isProblem = (read: RawCandle | RowProblem): read is RowProblem => 'expected' in read

type ReadCandle = { readonly [field in keyof RawCandle]: RawCandle[field] | null | undefined }

// Undefined: there was something, and it was no number. Null: there was nothing, which only some fields may be.
function isRead(candle: ReadCandle): candle is RawCandle {
  const { open, high, low, close, volume } = candle
  const isWhole = [open, high, low, close, volume].every((text) => typeof text === 'string')
  return isWhole && !Object.values(candle).includes(undefined)
}

function decimalText(value: unknown): string | null | undefined {
  if (value === null) return null
  const text = typeof value === 'number' ? plainText(value) : value
  return typeof text === 'string' && decimal.test(text) ? text : undefined
}

// Some exchanges send JSON numbers; tiny ones would print with an exponent.
const plainText = (value: number): string =>
  String(value).includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : String(value)

function countOf(value: unknown): number | null | undefined {
  if (value === null) return null
  return Number.isSafeInteger(Number(value)) && Number(value) >= 0 ? Number(value) : undefined
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
