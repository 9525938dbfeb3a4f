/** The content faults: what a misbehaving exchange does to the rows of an otherwise good answer. */

import type { KlineRow } from './binance-rest.ts'
import type { FaultBoard } from './faults.ts'

const column = { openTime: 0, volume: 5, trades: 8 } as const

export interface RowsAsk {
  readonly rows: readonly KlineRow[]
  /** The open candle, if the market has one. */
  readonly openRow: KlineRow | undefined
  /** How often this very answer was given before. */
  readonly given: number
}

/** The rows as the switches make them; each switch that had something to spoil is used up by one. */
export function spoilRows(board: FaultBoard, { rows, openRow, given }: RowsAsk): readonly KlineRow[] {
  const take = (name: 'reversed' | 'duplicate' | 'conflict' | 'open' | 'revised') => board.take(name, 'klines')
  let spoilt = [...rows]
  const last = spoilt.at(-1)
  if (last && given > 0 && take('revised')) spoilt = [...spoilt.slice(0, -1), grown(last)]
  if (last && take('duplicate')) spoilt.push(last)
  if (last && take('conflict')) spoilt.push(grown(last))
  if (openRow && openRow[column.openTime] !== spoilt.at(-1)?.[column.openTime] && take('open')) spoilt.push(openRow)
  if (last && take('reversed')) spoilt.reverse()
  return spoilt
}

// Late volume is how real candles change: one more trade, a little more volume, the same prices.
function grown(row: KlineRow): KlineRow {
  const volume = String(row[column.volume])
  const digits = volume.split('.')[1]?.length ?? 0
  const trades = row[column.trades]
  return row
    .with(column.volume, (Number(volume) * 1.01 + 1).toFixed(digits))
    .with(column.trades, typeof trades === 'number' ? trades + 1 : null)
}
