/** What every exchange must do, whatever its adapter: run it on the port of each. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Interval, intervalMs, isOnGrid, slotsIn } from '../../../market/interval.ts'
import { isMarket, parseMarket } from '../../../market/market.ts'
import type { CandlePage, Exchange } from '../../../resources/exchange/port.ts'
import { failure, pagesOf, unhurried } from './open-sandbox.ts'

/** An open exchange that has every candle of `market` in the two pages and a half before `end`. */
export interface ExchangeUnderTest {
  readonly exchange: Exchange
  readonly market: string
  readonly interval: Interval
  readonly end: number
  close(): Promise<void>
}

const decimal = /^\d+(\.\d+)?$/
const candlesOf = (pages: readonly CandlePage[]) => pages.flatMap(({ candles }) => candles)

export function testExchange(name: string, open: () => Promise<ExchangeUnderTest>): void {
  describe(`exchange ${name}`, () => {
    let on: ExchangeUnderTest
    let span: { market: string; interval: Interval; start: number; end: number }

    beforeAll(async () => {
      on = await open()
      const length = Math.floor(on.exchange.capabilities.candles.pageLimit * 2.5) * intervalMs(on.interval)
      span = { market: on.market, interval: on.interval, start: on.end - length, end: on.end }
    })
    afterAll(() => on.close())

    test('calls itself by its name and says what it can', () => {
      expect(on.exchange.name).toBe(name)
      expect(on.exchange.capabilities.candles.intervals).toContain(on.interval)
      expect(on.exchange.capabilities.candles.pageLimit).toBeGreaterThan(0)
    })

    test('lists markets under canonical names, each once', async () => {
      const markets = await on.exchange.markets(unhurried)
      const names = markets.map(({ market }) => market)

      expect(names).toContain(on.market)
      expect(names.filter((market) => !isMarket(market))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      expect(markets.filter(({ market, type }) => parseMarket(market).type !== type)).toEqual([])
    })

    test('gives each candle of a span once, ascending, on the grid', async () => {
      const times = candlesOf(await pagesOf(on.exchange, span)).map(({ open_time }) => open_time)

      expect(times).toHaveLength(slotsIn(span.start, span.end, on.interval))
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      expect(times.filter((at) => !isOnGrid(at, on.interval) || at < span.start || at >= span.end)).toEqual([])
    })

    test('covers the span with pages that join, in the fewest requests', async () => {
      const before = on.exchange.requests().candles
      const pages = await pagesOf(on.exchange, span)

      expect(pages.map(({ start }) => start)).toEqual([span.start, ...pages.slice(0, -1).map(({ end }) => end)])
      expect(pages.at(-1)?.end).toBe(span.end)
      expect(on.exchange.requests().candles - before).toBe(3)
      expect(pages.map(({ requests }) => requests)).toEqual([1, 1, 1])
    })

    test('keeps the text of prices and amounts', async () => {
      const start = span.end - 3 * intervalMs(on.interval)
      const candles = candlesOf(await pagesOf(on.exchange, { ...span, start }))

      expect(candles).toHaveLength(3)
      for (const { open, high, low, close, volume } of candles) {
        for (const text of [open, high, low, close, volume]) expect(text).toMatch(decimal)
      }
    })

    test('a span that starts off the grid begins with the next candle', async () => {
      const start = span.end - 3 * intervalMs(on.interval) + 1
      const [page] = await pagesOf(on.exchange, { ...span, start })

      expect(page?.start).toBe(start - 1 + intervalMs(on.interval))
      expect(page?.candles).toHaveLength(2)
    })

    test('an empty span asks nothing', async () => {
      const before = on.exchange.requests().candles

      expect(await pagesOf(on.exchange, { ...span, start: span.end })).toEqual([])
      expect(on.exchange.requests().candles).toBe(before)
    })

    test('the future is not asked for', async () => {
      const start = Date.UTC(2100, 0, 1)

      expect(await pagesOf(on.exchange, { ...span, start, end: start + intervalMs(on.interval) })).toEqual([])
    })

    test('a time before all trading is an empty page, not an error', async () => {
      const start = Date.UTC(2005, 0, 1)
      const [page] = await pagesOf(on.exchange, { ...span, start, end: start + intervalMs(on.interval) })

      expect(page).toMatchObject({ start, candles: [], conflicts: 0 })
    })

    test('knows the first and the last candle it has', async () => {
      const ask = { market: on.market, interval: on.interval, signal: unhurried }
      const { first, last } = await on.exchange.availability(ask)

      expect(first).toBeLessThanOrEqual(span.start)
      expect(last).toBeGreaterThanOrEqual(span.end - intervalMs(on.interval))
    })

    test('refuses a market that is not listed', async () => {
      const error = await failure(pagesOf(on.exchange, { ...span, market: 'NOSUCHCOIN-USDT' }))

      expect(error).toMatchObject({
        name: 'ExchangeError',
        fault: 'bad-market',
        exchange: name,
        market: 'NOSUCHCOIN-USDT',
      })
    })

    test('stops when the signal says so, with its reason', async () => {
      const reason = new Error('enough')
      const error = await failure(pagesOf(on.exchange, { ...span, signal: AbortSignal.abort(reason) }))

      expect(error).toBe(reason)
    })
  })
}
