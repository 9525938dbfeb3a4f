import { expect, test } from 'vitest'
import { materialize } from '#pipeline'
import { bronzeBinanceOhlcv } from '../../../assets/bronze/ohlcv.ts'
import { silverOhlcvNormalized } from '../../../assets/silver/ohlcv-normalized.ts'
import { silverOhlcvResampled } from '../../../assets/silver/ohlcv-resampled.ts'
import type { SilverCandle } from '../../../market/candle.ts'
import { openLake } from '../../resources/lake/open-lake.ts'
import { day, minute, partition, scopeOf } from '../scope.ts'
import { clean } from './candle.ts'

const scope = scopeOf('1m')
const resampled = silverOhlcvResampled(scope, silverOhlcvNormalized(scope, bronzeBinanceOhlcv(scope)))

async function made(candles: readonly SilverCandle[]) {
  const { rows, checks } = await materialize(resampled, { partition, inputs: { candles }, io: openLake() })
  expect(Object.values(checks).every(({ passed }) => passed)).toBe(true)
  return { rows, of: (interval: string) => rows.filter((row) => row.interval === interval) }
}

test('five minutes are one candle: first open, highest high, lowest low, last close, sums', async () => {
  const { of } = await made([
    clean(0, { open: 10, high: 12, low: 9, close: 11, volume: 0.1, quote_volume: 1, trades: 1 }),
    clean(1, { open: 11, high: 15, low: 10, close: 14, volume: 0.2, quote_volume: 2, trades: 2 }),
    clean(2, { open: 14, high: 14, low: 7, close: 8, volume: 0.3, quote_volume: 3, trades: 3 }),
    clean(3, { open: 8, high: 9, low: 8, close: 9, volume: 0.4, quote_volume: 4, trades: 4 }),
    clean(4, { open: 9, high: 10, low: 8, close: 10, volume: 0.5, quote_volume: 5, trades: 5 }),
  ])

  expect(of('5m')).toEqual([
    {
      ...{ exchange: 'test', market: 'BTC-USDT', interval: '5m', open_time: day },
      ...{ open: 10, high: 15, low: 7, close: 10, volume: 1.5, quote_volume: 15, trades: 15 },
      ...{ taker_buy_volume: 5, taker_buy_quote_volume: null, n_source: 5, complete: true },
    },
  ])
  expect(of('15m')).toMatchObject([{ open: 10, close: 10, n_source: 5, complete: false }])
})

test('a candle that is missing leaves its span incomplete, and a span without any is absent', async () => {
  const { of } = await made([0, 1, 2, 4, 10].map((index) => clean(index)))

  expect(of('5m').map(({ open_time, n_source, complete }) => [(open_time - day) / minute, n_source, complete])).toEqual(
    [
      [0, 4, false],
      [10, 1, false],
    ],
  )
})

test('a sum of which a part is not known is not known', async () => {
  const { of } = await made(
    [0, 1, 2, 3, 4].map((index) => clean(index, index === 3 ? { trades: null, quote_volume: null } : {})),
  )

  expect(of('5m')).toMatchObject([
    { trades: null, quote_volume: null, volume: 12.5, taker_buy_volume: 5, complete: true },
  ])
})

test('a whole day fills every interval to its end', async () => {
  const { rows, of } = await made(Array.from({ length: 1_440 }, (_, index) => clean(index)))

  const counts = ['5m', '15m', '1h', '4h', '1d'].map((interval) => of(interval).length)
  expect(counts).toEqual([288, 96, 24, 6, 1])
  expect(rows.every(({ complete }) => complete)).toBe(true)
  expect(of('1d')).toMatchObject([{ open_time: day, volume: 3_600, trades: 4_320, n_source: 1_440 }])
})

test('sums do not depend on the order of the candles, nor lose their last digits', async () => {
  const candles = [0.1, 0.2, 0.3].map((volume, index) => clean(index, { volume }))

  expect((await made(candles)).of('5m')[0]!.volume).toBe(0.6)
  expect((await made(candles.toReversed())).of('5m')[0]!.volume).toBe(0.6)
})
