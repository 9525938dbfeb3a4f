import { describe, expect, test } from 'vitest'
import { type CandlePage, isRetryable } from '../../../resources/exchange/port.ts'
import { hasMarketData, marketData, onRecordings } from '../../sandbox/market-data.ts'
import { testExchange } from './conformance.ts'
import { failure, hour, openSandbox, pagesOf, today, unhurried, useSandbox } from './open-sandbox.ts'

for (const market of ['BTC-USDT', 'BTC-USDT-PERP']) {
  describe(market, () => {
    testExchange('sandbox-binance', async () => {
      const { exchange, close } = await openSandbox()
      return { exchange, market, interval: '15m', end: Date.UTC(2024, 5, 1), close }
    })
  })
}

test('a candle carries all that Binance says of it', async () => {
  const on = await useSandbox()
  const [page] = await on.pages()

  expect(page?.candles[0]).toEqual({
    open_time: Date.UTC(2024, 4, 31, 14),
    open: expect.stringMatching(/^\d+\.\d{8}$/),
    high: expect.stringMatching(/^\d+\.\d{8}$/),
    low: expect.stringMatching(/^\d+\.\d{8}$/),
    close: expect.stringMatching(/^\d+\.\d{8}$/),
    volume: expect.stringMatching(/^\d+\.\d{8}$/),
    quote_volume: expect.stringMatching(/^\d+\.\d{8}$/),
    trades: expect.any(Number),
    taker_buy_volume: expect.stringMatching(/^\d+\.\d{8}$/),
    taker_buy_quote_volume: expect.stringMatching(/^\d+\.\d{8}$/),
  })
})

test('candles end with the last final one, and the page says so', async () => {
  const on = await useSandbox()
  const pages = await on.pages({ start: today - 4 * hour, end: today + hour })

  expect(pages.at(-1)).toMatchObject({ end: Date.UTC(2024, 5, 1, 12) })
  expect(pages.flatMap(({ candles }) => candles).at(-1)?.open_time).toBe(Date.UTC(2024, 5, 1, 11))
})

test('only what is asked for is asked of the exchange', async () => {
  const on = await useSandbox()
  await on.pages()
  await on.pages({ market: 'ETH-USDT' })

  expect(on.sandbox.requests()).toEqual({
    '/api/v3/exchangeInfo': 1,
    '/fapi/v1/exchangeInfo': 1,
    '/api/v3/time': 1,
    '/api/v3/klines': 2,
  })
  expect(on.exchange.requests()).toEqual({ total: 5, candles: 2, retried: 0 })
})

test('many asks at once share one list of markets and one reading of the clock', async () => {
  const on = await useSandbox()
  await Promise.all(Array.from({ length: 8 }, () => on.pages()))

  expect(on.sandbox.requests()).toMatchObject({ '/api/v3/exchangeInfo': 1, '/api/v3/time': 1, '/api/v3/klines': 8 })
})

test('a mistyped market is refused with the nearest one, and no candle is asked for', async () => {
  const on = await useSandbox()
  const error = await failure(on.pages({ market: 'btc/usdt' }))

  expect(error.message).toBe(
    'exchange "sandbox-binance", endpoint "markets", market "btc/usdt": expected a listed market such as "BTC-USDT" or ' +
      '"BTC-USDT-PERP", got "btc/usdt", which is no market\'s name (did you mean "BTC-USDT"?); ask markets() for what is listed',
  )
  expect(isRetryable[error.fault]).toBe(false)
  expect(on.asked).toBe(0)
})

test('an interval the exchange does not have is refused', async () => {
  const on = await useSandbox()
  const error = await failure(on.pages({ interval: '7m' as '5m' }))

  expect(error).toMatchObject({ fault: 'bad-request' })
  expect(error.message).toContain('expected an interval of 1m, 5m, 15m, 1h, 4h, 1d, got "7m"')
})

describe.skipIf(!hasMarketData)(onRecordings('Binance replayed'), () => {
  test('eight years of hours come in 71 requests, none lost and none invented', async () => {
    const on = await useSandbox({ replay: marketData, now: Date.now }, { now: Date.now })
    const pages = await on.pages({ start: Date.UTC(2018, 0, 1), end: Date.UTC(2026, 0, 1) })

    const candles = pages.flatMap((page: CandlePage) => page.candles)
    expect(candles).toHaveLength(70_006)
    expect(new Set(candles.map(({ open_time }) => open_time)).size).toBe(70_006)
    expect(on.asked).toBe(71)
    expect(candles[0]).toMatchObject({ open: '13715.65', quote_volume: null, trades: null })
  })

  test('a market recorded as longer candles has no shorter ones', async () => {
    const on = await useSandbox({ replay: marketData, now: Date.now }, { now: Date.now })
    const ask = { market: 'BTC-USDT', interval: '1m', signal: unhurried } as const

    expect(await on.exchange.availability(ask)).toEqual({ first: undefined, last: undefined })
    expect(await pagesOf(on.exchange, { ...ask, start: today, end: today + hour })).toMatchObject([{ candles: [] }])
  })
})
