import { expect, test } from 'vitest'
import { materialize, meta } from '#pipeline'
import { bronzeBinanceOhlcv } from '../../../assets/bronze/ohlcv.ts'
import type { BronzeCandle } from '../../../market/candle.ts'
import type { CandlePage, Exchange, RawCandle } from '../../../resources/exchange/port.ts'
import { openLake } from '../../resources/lake/open-lake.ts'
import { day, hour, partition, scopeOf } from '../scope.ts'

const bronze = bronzeBinanceOhlcv(scopeOf('1h'))
const receivedAt = day + 48 * hour

const candle = (index: number, of: Partial<RawCandle> = {}): RawCandle => ({
  open_time: day + index * hour,
  ...{ open: '42000.10', high: '42100.00', low: '41900.00', close: '42050.50' },
  ...{ volume: '1.50000000', quote_volume: '63075.75', trades: 7 },
  ...{ taker_buy_volume: '0.5', taker_buy_quote_volume: null },
  ...of,
})
const row = (index: number, of: Partial<BronzeCandle> = {}): BronzeCandle => ({
  ...{ exchange: 'test', market: 'BTC-USDT', interval: '1h' },
  ...candle(index),
  received_at: receivedAt,
  ...of,
})
const whole = Array.from({ length: 24 }, (_, index) => index)
const page = (candles: readonly RawCandle[], of: Partial<CandlePage> = {}): CandlePage => ({
  ...{ start: day, end: day + 24 * hour, candles, receivedAt, requests: 1, conflicts: 0 },
  ...of,
})

/** An exchange that has these pages and nothing else. */
const exchangeOf = (
  pages: readonly CandlePage[],
  series = { first: day - hour, last: day + 100 * hour },
): Exchange => ({
  name: 'test',
  capabilities: { candles: { intervals: ['1h'], pageLimit: 1_000 } },
  markets: async () => [{ market: 'BTC-USDT', active: true, type: 'spot' }],
  availability: async () => series,
  async *candles() {
    yield* pages
  },
  requests: () => ({ total: 0, candles: 0, retried: 0 }),
  close: async () => undefined,
})

const made = (
  pages: readonly CandlePage[],
  published?: readonly BronzeCandle[],
  series?: { first: number; last: number },
) =>
  materialize(bronze, {
    partition,
    resources: { exchange: exchangeOf(pages, series) },
    io: openLake(),
    ...(published && { published }),
  })

test('a day is kept as the exchange sent it, text for text, with the time of receipt', async () => {
  const { rows, checks, metadata } = await made([page(whole.map((index) => candle(index)))])

  expect(rows).toEqual(whole.map((index) => row(index)))
  expect(Object.values(checks).every(({ passed }) => passed)).toBe(true)
  expect(metadata).toEqual({
    ...{
      symbols: ['BTC-USDT'],
      fetched_from: meta.timestamp(receivedAt),
      fetched_to: meta.timestamp(receivedAt),
      requests: 1,
      conflicts: 0,
    },
    ...{ revisions: 0, withdrawn: 0, gaps: [], missing_candles: 0 },
  })
})

test('what is said again as it was keeps the time at which it was first received', async () => {
  const before = whole.map((index) => row(index, { received_at: day + 25 * hour }))

  const { rows, metadata } = await made([page(whole.map((index) => candle(index)))], before)

  expect(rows).toEqual(before)
  expect(metadata).toMatchObject({ revisions: 0, withdrawn: 0 })
})

test('what is said otherwise is taken over and counted as a revision', async () => {
  const before = whole.map((index) => row(index, { received_at: day + 25 * hour }))
  const revised = { close: '42060.00' }

  const { rows, metadata } = await made([page(whole.map((index) => candle(index, index === 5 ? revised : {})))], before)

  expect(rows[5]).toEqual(row(5, revised))
  expect(rows.toSpliced(5, 1)).toEqual(before.toSpliced(5, 1))
  expect(metadata).toMatchObject({ revisions: 1, withdrawn: 0 })
})

test('what is not said any more is kept and counted as withdrawn', async () => {
  const before = whole.map((index) => row(index))

  const { rows, metadata } = await made([page(whole.slice(0, -2).map((index) => candle(index)))], before)

  expect(rows).toEqual(before)
  expect(metadata).toMatchObject({ revisions: 0, withdrawn: 2, missing_candles: 0 })
})

test('missing candles are written down as gaps and never filled', async () => {
  const { rows, metadata } = await made([page([0, 1, 4, 5, ...whole.slice(7)].map((index) => candle(index)))])

  expect(rows).toHaveLength(21)
  expect(metadata).toMatchObject({
    gaps: [
      { from: day + 2 * hour, to: day + 4 * hour, missing: 2 },
      { from: day + 6 * hour, to: day + 7 * hour, missing: 1 },
    ],
    missing_candles: 3,
  })
})

test('before the first and after the last candle of a market nothing is missing', async () => {
  const series = { first: day + 10 * hour, last: day + 20 * hour }

  const { metadata } = await made([page([10, 20].map((index) => candle(index)))], undefined, series)

  expect(metadata).toMatchObject({
    gaps: [{ from: day + 11 * hour, to: day + 20 * hour, missing: 9 }],
    missing_candles: 9,
  })
})

test('a day that is not final to its end is refused, to be asked for again', async () => {
  const partial = made([page([candle(0)], { end: day + 20 * hour })])

  await expect(partial).rejects.toThrow(
    'candles of "BTC-USDT" are final until 2024-01-01T20:00:00.000Z, expected 2024-01-02T00:00:00.000Z',
  )
  await expect(partial).rejects.toMatchObject({ retryAfterMs: 60_000 })
})

test('pages are put together, each with its own time of receipt', async () => {
  const [first, second] = [whole.slice(0, 12), whole.slice(12)]

  const { rows, metadata } = await made([
    page(
      first.map((index) => candle(index)),
      { end: day + 12 * hour, receivedAt: receivedAt - 5, requests: 2 },
    ),
    page(
      second.map((index) => candle(index)),
      { start: day + 12 * hour, conflicts: 1 },
    ),
  ])

  expect(rows.map((one) => one.received_at)).toEqual([...Array(12).fill(receivedAt - 5), ...Array(12).fill(receivedAt)])
  expect(metadata).toMatchObject({
    fetched_from: meta.timestamp(receivedAt - 5),
    fetched_to: meta.timestamp(receivedAt),
    requests: 3,
    conflicts: 1,
  })
})

test('a candle that was received before it ended blocks its day', async () => {
  const early = page(
    whole.map((index) => candle(index)),
    { receivedAt: day + 23.5 * hour },
  )

  const { checks } = await made([early])

  expect(checks['final only']).toMatchObject({ passed: false, why: '1 row breaks it' })
})
