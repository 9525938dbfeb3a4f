/** Binance's public REST as data: which request gets which answer. Spot and USD-M futures differ in prefix and shape. */

import { isInterval } from '../market/interval.ts'
import { type MarketParts, parseMarket } from '../market/market.ts'
import type { Kline, Series } from './series.ts'

export interface Answer {
  readonly status: number
  readonly json: unknown
}

export interface Api {
  readonly prefix: string
  readonly type: MarketParts['type']
  /** Request weight allowed a minute, and what each endpoint weighs. */
  readonly budget: number
  readonly weights: Readonly<Record<string, number>>
}

export const apis: readonly Api[] = [
  { prefix: '/api/v3/', type: 'spot', budget: 6000, weights: { ping: 1, time: 1, exchangeInfo: 20, klines: 2 } },
  { prefix: '/fapi/v1/', type: 'perp', budget: 2400, weights: { ping: 1, time: 1, exchangeInfo: 1, klines: 5 } },
]

/** A request for candles that has passed Binance's own checks. */
export interface KlinesRequest {
  readonly series: Series
  readonly rows: readonly Kline[]
}

const pageLimit = 1000
const defaultLimit = 500

export const refused = (code: number, msg: string): Answer => ({ status: 400, json: { code, msg } })

/** Binance's id of a market: BTCUSDT is spot here and a perpetual there. */
export function symbolOf(market: string): string {
  const { base, quote } = parseMarket(market)
  return base + quote
}

/** The candles a query asks for, or Binance's refusal. `now` is the exchange's time in ms. */
export function readKlines(query: URLSearchParams, listed: readonly Series[], now: number): KlinesRequest | Answer {
  const symbol = query.get('symbol')
  if (!symbol) return refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
  const series = listed.find(({ market }) => symbolOf(market) === symbol)
  if (!series) return refused(-1121, 'Invalid symbol.')
  const interval = query.get('interval') ?? ''
  if (!isInterval(interval)) return refused(-1120, 'Invalid interval.')
  for (const name of ['startTime', 'endTime', 'limit']) {
    if (!/^\d{0,20}$/.test(query.get(name) ?? '')) {
      return refused(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
    }
  }
  const number = (name: string) => (query.get(name) ? Number(query.get(name)) : undefined)
  const limit = Math.min(pageLimit, number('limit') ?? defaultLimit)
  const to = number('endTime') ?? Number.MAX_SAFE_INTEGER
  return { series, rows: series.klines({ interval, from: number('startTime'), to, limit, now }) }
}

export type KlineRow = readonly (string | number | null)[]

export function klineRow(kline: Kline, lengthMs: number): KlineRow {
  const { openTime, open, high, low, close, volume, quoteVolume, trades, takerBuyVolume, takerBuyQuoteVolume } = kline
  const closeTime = openTime + lengthMs - 1
  return [
    openTime,
    open,
    high,
    low,
    close,
    volume,
    closeTime,
    quoteVolume,
    trades,
    takerBuyVolume,
    takerBuyQuoteVolume,
    '0',
  ]
}

export function exchangeInfo(api: Api, listed: readonly Series[], now: number): unknown {
  const rateLimits = [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: api.budget }]
  const symbols = listed.map(api.type === 'spot' ? spotSymbol : contractSymbol)
  return { timezone: 'UTC', serverTime: now, rateLimits, exchangeFilters: [], symbols }
}

function spotSymbol(series: Series): unknown {
  const { base, quote } = parseMarket(series.market)
  return {
    symbol: symbolOf(series.market),
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    icebergAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(series),
    permissions: ['SPOT'],
  }
}

function contractSymbol(series: Series): unknown {
  const { base, quote } = parseMarket(series.market)
  return {
    symbol: symbolOf(series.market),
    pair: base + quote,
    contractType: 'PERPETUAL',
    deliveryDate: 4133404800000,
    onboardDate: 1569398400000,
    status: 'TRADING',
    baseAsset: base,
    quoteAsset: quote,
    marginAsset: quote,
    pricePrecision: series.digits.price,
    quantityPrecision: series.digits.amount,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    filters: filtersOf(series),
    orderTypes: ['LIMIT', 'MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  }
}

function filtersOf({ digits }: Series): unknown {
  const smallest = (places: number) => (10 ** -places).toFixed(places)
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: smallest(digits.price),
      maxPrice: '1000000',
      tickSize: smallest(digits.price),
    },
    { filterType: 'LOT_SIZE', minQty: smallest(digits.amount), maxQty: '9000', stepSize: smallest(digits.amount) },
    { filterType: 'MIN_NOTIONAL', minNotional: '5', notional: '5' },
  ]
}
