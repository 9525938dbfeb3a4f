/** What every source of candles in the sandbox gives: rows of one market, by open time. */

import type { Interval } from '../market/interval.ts'

/** A candle as the exchange writes it: decimal text, null for what the source does not know. */
export interface Kline {
  readonly openTime: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quoteVolume: string | null
  readonly trades: number | null
  readonly takerBuyVolume: string | null
  readonly takerBuyQuoteVolume: string | null
}

/** Candles whose open time is in `[from, to]` (ms, both ends: Binance asks so). */
export interface KlineAsk {
  readonly interval: Interval
  readonly from: number | undefined
  readonly to: number
  /** The oldest `limit` rows when `from` is given, the newest otherwise. */
  readonly limit: number
  /** The exchange's own time in ms: what it can know by now, the open candle included. */
  readonly now: number
}

export interface Series {
  readonly market: string
  /** Decimals of prices and amounts. */
  readonly digits: { readonly price: number; readonly amount: number }
  klines(ask: KlineAsk): readonly Kline[]
}

/** Whole units of the last digit as decimal text: 12345 with 2 digits is "123.45", shown with 4 "123.4500". */
export function decimalText(units: number | bigint, digits: number, shown = digits): string {
  const text = String(units).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const fraction = text.slice(text.length - digits).padEnd(shown, '0')
  return fraction ? `${whole}.${fraction}` : whole
}
