/** What the rest of the product knows of an exchange: its markets and its final candles. */

import type { Interval } from '../../market/interval.ts'

export interface ExchangeMarket {
  readonly market: string
  readonly active: boolean
  readonly type: 'spot' | 'perp'
}

/** A candle as the exchange sent it: decimal text; null for what it does not give. `open_time` in ms. */
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

/** All final candles whose open time is in [start, end), ascending, no duplicates; decimal strings as sent. */
export interface CandlePage {
  readonly start: number
  readonly end: number
  readonly candles: readonly RawCandle[]
  /** By our own clock, in ms. */
  readonly receivedAt: number
  /** Requests it took, repeats included. */
  readonly requests: number
  /** Rows of one open time with different values; the last sent was kept. */
  readonly conflicts: number
}

/** Final candles whose open time is in [start, end), in ms. */
export interface CandleAsk {
  readonly market: string
  readonly interval: Interval
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal
}

export interface Exchange {
  /** Written into every row and path: 'binance', or 'sandbox-binance' for the sandbox. */
  readonly name: string
  readonly capabilities: {
    readonly candles: { readonly intervals: readonly Interval[]; readonly pageLimit: number }
  }
  markets(signal: AbortSignal): Promise<readonly ExchangeMarket[]>
  /** First and last final candle the exchange has (ms open times), undefined when it has none. */
  availability(ask: {
    market: string
    interval: Interval
    signal: AbortSignal
  }): Promise<{ first: number | undefined; last: number | undefined }>
  /**
   * Pages on the grid, in order, covering [start, min(end, first not-final open time)). A page may be empty (no data
   * there). The last page's `end` says how far candles are final; no page at all says that none is.
   */
  candles(ask: CandleAsk): AsyncIterable<CandlePage>
  /** Requests sent so far by kind, for metadata and tests. */
  requests(): { readonly total: number; readonly candles: number; readonly retried: number }
  close(): Promise<void>
}

export type ExchangeFault =
  | 'rate-limited'
  | 'banned'
  | 'unavailable'
  | 'timeout'
  | 'bad-response'
  | 'bad-market'
  | 'bad-request'
  | 'circuit-open'
  | 'clock'

/** Whether the same request may succeed later, without anybody changing it. */
export const isRetryable = {
  'rate-limited': true,
  banned: true,
  unavailable: true,
  timeout: true,
  'bad-response': true,
  'bad-market': false,
  'bad-request': false,
  'circuit-open': true,
  clock: true,
} as const satisfies Record<ExchangeFault, boolean>

const advice = {
  'rate-limited': 'wait and ask less often',
  banned: 'ask nothing of this exchange until the ban ends',
  unavailable: 'the exchange is down or in maintenance, try again later',
  timeout: 'try again later, or allow more time',
  'bad-response': 'try again later; if it stays, the exchange has changed its answers',
  'bad-market': 'ask markets() for what is listed',
  'bad-request': 'correct the request',
  'circuit-open': 'nothing is sent until the pause is over',
  clock: 'check the clock of this machine and of the exchange',
} as const satisfies Record<ExchangeFault, string>

export interface ExchangeErrorDetails {
  readonly fault: ExchangeFault
  readonly exchange: string
  readonly endpoint: string
  readonly market?: string | undefined
  readonly expected: string
  readonly got: string
  readonly retryAfterMs?: number | undefined
}

/** What went wrong at an exchange; `fault` decides whether a retry is worth it. */
export class ExchangeError extends Error {
  readonly fault: ExchangeFault
  readonly exchange: string
  readonly endpoint: string
  readonly market: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(details: ExchangeErrorDetails, options?: ErrorOptions) {
    const { fault, exchange, endpoint, market, expected, got, retryAfterMs } = details
    const where = `exchange "${exchange}", endpoint "${endpoint}"${market === undefined ? '' : `, market "${market}"`}`
    const wait = retryAfterMs === undefined ? '' : ` (in ${Math.ceil(retryAfterMs / 1000)} s)`
    super(`${where}: expected ${expected}, got ${got}; ${advice[fault]}${wait}`, options)
    this.name = 'ExchangeError'
    this.fault = fault
    this.exchange = exchange
    this.endpoint = endpoint
    this.market = market
    this.retryAfterMs = retryAfterMs
  }
}
