import type { Interval } from '../../market/interval.ts'
export interface ExchangeMarket {
  readonly market: string
  readonly active: boolean
  readonly type: 'spot' | 'perp'
}
export interface CandlePage {
  readonly start: number
  readonly end: number
  readonly candles: readonly RawCandle[]
  readonly receivedAt: number
  readonly requests: number
  readonly conflicts: number
}
export interface RawCandle {
  readonly open_time: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quote_volume: string | null
  readonly trades: number | null
  readonly taker_buy_volume: string | null
  readonly taker_buy_quote_volume: string | null
}
export interface CandleAsk {
  readonly market: string
  readonly interval: Interval
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal
}
export interface Exchange {
  readonly name: string
  readonly capabilities: { readonly candles: { readonly intervals: readonly Interval[]; readonly pageLimit: number } }
  markets(signal: AbortSignal): Promise<readonly ExchangeMarket[]>
  availability(ask: {
    market: string
    interval: Interval
    signal: AbortSignal
  }): Promise<{ first: number | undefined; last: number | undefined }>
  candles(ask: CandleAsk): AsyncIterable<CandlePage>
  requests(): { readonly total: number; readonly candles: number; readonly retried: number }
  close(): Promise<void>
}
