import fc from 'fast-check'
import { expect, test } from 'vitest'
import { intervalMs, openTimes } from '../../../market/interval.ts'
import { planPages, readPage } from '../../../resources/exchange/pager.ts'
import type { RawCandle } from '../../../resources/exchange/port.ts'

const hour = 3_600_000
const start = Date.UTC(2024, 0, 1)
const span = { start, end: start + 10 * hour, interval: '1h', pageLimit: 4 } as const
const page = { start, end: start + 4 * hour, last: start + 3 * hour, limit: 4 }
const on = { interval: '1h', notFinal: start + 100 * hour } as const

const candle = (at: number, close = '100'): RawCandle => ({
  ...{ open_time: start + at * hour, open: '100', high: '101', low: '99', close, volume: '1' },
  ...{ quote_volume: null, trades: null, taker_buy_volume: null, taker_buy_quote_volume: null },
})
const times = (read: ReturnType<typeof readPage>) =>
  'expected' in read ? read : read.candles.map(({ open_time }) => (open_time - start) / hour)

test('pages join on the grid, and each is asked up to one step before the next', () => {
  expect([...planPages(span)]).toEqual([
    { start, end: start + 4 * hour, last: start + 3 * hour, limit: 4 },
    { start: start + 4 * hour, end: start + 8 * hour, last: start + 7 * hour, limit: 4 },
    { start: start + 8 * hour, end: start + 10 * hour, last: start + 9 * hour, limit: 2 },
  ])
})

test('a span off the grid holds the open times within it', () => {
  const [only, ...rest] = planPages({ ...span, start: start + 1, end: start + 3 * hour + 1 })

  expect(only).toMatchObject({ start: start + hour, end: start + 4 * hour, limit: 3 })
  expect(rest).toEqual([])
})

test('an empty or turned span needs no page', () => {
  expect([...planPages({ ...span, end: start })]).toEqual([])
  expect([...planPages({ ...span, end: start - hour })]).toEqual([])
})

test('pages hold every open time once, in the fewest requests', () => {
  const spans = fc.record({ from: fc.nat(1e9), length: fc.nat(1e9), pageLimit: fc.integer({ min: 1, max: 1000 }) })
  fc.assert(
    fc.property(spans, ({ from, length, pageLimit }) => {
      const ask = { start: from, end: from + length, interval: '1h', pageLimit } as const
      const pages = [...planPages(ask)]
      const slots = [...openTimes(ask.start, ask.end, '1h')]

      expect(pages.flatMap((one) => [...openTimes(one.start, one.end, '1h')])).toEqual(slots)
      expect(pages).toHaveLength(Math.ceil(slots.length / pageLimit))
      expect(pages.every(({ limit, start, end }) => limit === (end - start) / intervalMs('1h'))).toBe(true)
    }),
  )
})

test('rows that come newest first are sorted', () => {
  expect(times(readPage([candle(3), candle(2), candle(0)], page, on))).toEqual([0, 2, 3])
})

test('an empty answer is an empty page', () => {
  expect(readPage([], page, on)).toEqual({ candles: [], conflicts: 0 })
})

test('a row that came twice is kept once', () => {
  expect(readPage([candle(1), candle(1)], page, on)).toEqual({ candles: [candle(1)], conflicts: 0 })
})

test('of two different rows of one time the later is kept, and counted', () => {
  expect(readPage([candle(1), candle(1, '100.5')], page, on)).toEqual({ candles: [candle(1, '100.5')], conflicts: 1 })
})

test('rows that are not final yet are left out, wherever they stand', () => {
  expect(times(readPage([candle(9), candle(2), candle(1)], page, { ...on, notFinal: start + 2 * hour }))).toEqual([1])
})

test.each([
  ['before the page', -1, 'open times from 2024-01-01T00:00:00Z to 2024-01-01T03:00:00Z', '2023-12-31T23:00:00Z'],
  ['after the page', 4, 'open times from 2024-01-01T00:00:00Z to 2024-01-01T03:00:00Z', '2024-01-01T04:00:00Z'],
  ['off the grid', 0.5, 'open times on the 1h grid', '2024-01-01T00:30:00Z'],
])('a row %s is refused', (_, at, expected, got) => {
  expect(readPage([candle(0), candle(at)], page, on)).toEqual({ expected, got })
})
