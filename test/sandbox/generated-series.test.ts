import { expect, test } from 'vitest'
import { type Interval, intervalMs } from '../../market/interval.ts'
import { generatedSeries } from '../../sandbox/generated-series.ts'
import type { Kline } from '../../sandbox/series.ts'
import { defaultMarkets } from '../../sandbox/server.ts'

const start = Date.UTC(2024, 2, 5)
const now = Date.UTC(2025, 0, 1)
const hour = 3_600_000

const klines = (market: string, interval: Interval, from: number, limit: number, seed = 1) =>
  generatedSeries(market, seed).klines({ interval, from, to: now, limit, now })
// Whole units of the last digit, so that sums are exact.
const units = (text: string | null) => BigInt((text ?? '').replace('.', ''))
const sum = (rows: readonly Kline[], field: 'volume' | 'quoteVolume' | 'takerBuyVolume' | 'takerBuyQuoteVolume') =>
  rows.reduce((so, row) => so + units(row[field]), 0n)

test('a seed gives the same candles in any order of asking', () => {
  const series = generatedSeries('BTC-USDT', 7)
  const later = series.klines({ interval: '1m', from: start + 90 * 24 * hour, to: now, limit: 50, now })
  const first = series.klines({ interval: '1m', from: start, to: now, limit: 50, now })

  expect(first).toEqual(klines('BTC-USDT', '1m', start, 50, 7))
  expect(later).toEqual(klines('BTC-USDT', '1m', start + 90 * 24 * hour, 50, 7))
  expect(first).not.toEqual(klines('BTC-USDT', '1m', start, 50, 8))
})

test.each(['5m', '1h', '4h', '1d'] as const)('a candle of %s is the sum of its minutes', (interval) => {
  const minutes = klines('ETH-USDT', '1m', start, intervalMs(interval) / 60_000)
  const [whole] = klines('ETH-USDT', interval, start, 1)

  expect(whole).toMatchObject({ open: minutes[0]!.open, close: minutes.at(-1)!.close })
  expect(Number(whole!.high)).toBe(Math.max(...minutes.map(({ high }) => Number(high))))
  expect(Number(whole!.low)).toBe(Math.min(...minutes.map(({ low }) => Number(low))))
  expect(whole!.trades).toBe(minutes.reduce((so, { trades }) => so + (trades ?? 0), 0))
  for (const field of ['volume', 'quoteVolume', 'takerBuyVolume', 'takerBuyQuoteVolume'] as const) {
    expect(units(whole![field])).toBe(sum(minutes, field))
  }
})

test.each(defaultMarkets)('every candle of %s is valid, and opens where the last one closed', (market) => {
  const rows = klines(market, '1m', start - 500 * 60_000, 1000)

  const wrong = rows.filter((row, i) => {
    const [open, high, low, close] = [row.open, row.high, row.low, row.close].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    const [volume, quote] = [Number(row.volume), Number(row.quoteVolume)]
    const isInRange = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)
    const isQuoteRight = quote >= low * volume * (1 - 1e-9) && quote <= high * volume * (1 + 1e-9)
    const isTakerRight = Number(row.takerBuyVolume) <= volume && Number(row.takerBuyQuoteVolume) <= quote
    return !isInRange || !isQuoteRight || !isTakerRight || (i > 0 && row.open !== rows[i - 1]!.close)
  })
  expect(wrong).toEqual([])
})

test('a perpetual stays within a few basis points of spot', () => {
  const spot = klines('BTC-USDT', '1h', start, 240)
  const perp = klines('BTC-USDT-PERP', '1h', start, 240)

  const apart = perp.map((row, i) => Math.abs(Number(row.close) / Number(spot[i]!.close) - 1))
  expect(Math.max(...apart)).toBeLessThan(0.002)
  expect(Math.max(...apart)).toBeGreaterThan(0)
})

test('afternoons are livelier than nights, and a day moves as much as bitcoin does', () => {
  const hours = klines('BTC-USDT', '1h', start, 30 * 24)
  const at = (hourOfDay: number) => hours.filter(({ openTime }) => (openTime / hour) % 24 === hourOfDay)
  const days = klines('BTC-USDT', '1d', start - 100 * 24 * hour, 100).map(({ open, close }) => Math.log(+close / +open))
  const deviation = Math.sqrt(days.reduce((so, move) => so + move * move, 0) / days.length)

  expect(sum(at(15), 'volume')).toBeGreaterThan(sum(at(2), 'volume') * 2n)
  expect(deviation).toBeGreaterThan(0.01)
  expect(deviation).toBeLessThan(0.05)
})

test('there is nothing before the listing and nothing after now', () => {
  const series = generatedSeries('BTC-USDT', 1)
  const early = series.klines({ interval: '1d', from: 0, to: now, limit: 1, now })
  const newest = series.klines({ interval: '1h', from: undefined, to: Number.MAX_SAFE_INTEGER, limit: 2, now: now + 1 })

  expect(early[0]?.openTime).toBe(Date.UTC(2017, 7, 17))
  expect(newest.map(({ openTime }) => openTime)).toEqual([now - hour, now])
})

test('the open candle holds less than it will when it is closed', () => {
  const series = generatedSeries('BTC-USDT', 1)
  const ask = { interval: '1h', from: start, to: start, limit: 1 } as const
  const [open] = series.klines({ ...ask, now: start + 30 * 60_000 + 500 })
  const [closed] = series.klines({ ...ask, now: start + hour })

  expect(Number(open!.volume)).toBeLessThan(Number(closed!.volume))
  expect(Number(open!.volume)).toBeGreaterThan(0)
})

test('a page of minutes takes a few milliseconds', () => {
  const times = [3, 4, 5, 6, 7].map((seed) => {
    const before = performance.now()
    klines('SOL-USDT', '1m', start, 1000, seed)
    return performance.now() - before
  })

  // The best of five, because the machine is shared; measured 1 to 5 ms.
  expect(Math.min(...times)).toBeLessThan(20)
})

test('a market that nobody knows has a scale of its own', () => {
  const [row] = klines('NEWCOIN-USDT', '1h', start, 1)

  expect(Number(row?.open)).toBeGreaterThan(0)
  expect(row).toEqual(klines('NEWCOIN-USDT', '1h', start, 1)[0])
})
