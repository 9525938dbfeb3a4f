import { expect, test } from 'vitest'
import { materialize } from '#pipeline'
import { bronzeBinanceOhlcv } from '../../../assets/bronze/ohlcv.ts'
import { silverOhlcvNormalized } from '../../../assets/silver/ohlcv-normalized.ts'
import type { BronzeCandle } from '../../../market/candle.ts'
import { openLake } from '../../resources/lake/open-lake.ts'
import { day, hour, minute, partition, scopeOf } from '../scope.ts'
import { clean, said } from './candle.ts'

const scope = scopeOf('1m')
const normalized = silverOhlcvNormalized(scope, bronzeBinanceOhlcv(scope))

const made = (candles: readonly BronzeCandle[], now = day + 100 * 24 * hour) =>
  materialize(normalized, { partition, inputs: { candles }, io: openLake(), now: new Date(now) })

test('text becomes numbers, nulls stay null, and nothing is filled', async () => {
  const { rows, checks } = await made([said(5), said(0)])

  expect(rows).toEqual([clean(0), clean(5)])
  expect(Object.values(checks).every(({ passed }) => passed)).toBe(true)
})

test('of two answers for one candle the one received later counts, in all its columns', async () => {
  const later = said(0, { received_at: day + 1_600 * minute, close: '100.5', quote_volume: '250.5', trades: null })

  const { rows } = await made([later, said(0)])

  expect(rows).toEqual([clean(0, { close: 100.5, quote_volume: 250.5, trades: null, source_rows: 2 })])
})

test('flat, idle and wild candles are marked and kept', async () => {
  const flat = { open: '100', high: '100', low: '100', close: '100' }
  const { rows } = await made([
    said(0, { ...flat, volume: '0', quote_volume: '0' }),
    said(1, { open: '100', high: '130', low: '100', close: '122.2', volume: '1', quote_volume: '110' }),
    said(2, { open: '100', high: '130', low: '100', close: '122.1', volume: '1', quote_volume: '110' }),
  ])

  expect(rows.map(({ is_flat, is_zero_volume, is_outlier }) => [is_flat, is_zero_volume, is_outlier])).toEqual([
    [true, true, false],
    [false, false, true],
    [false, false, false],
  ])
})

test.each([
  ['open, high, low and close agree', { high: '100' }],
  ['prices are positive', { low: '0' }],
  ['open time on the grid', { open_time: day + 1 }],
] as const)('a candle that breaks "%s" blocks its day', async (check, wrong) => {
  const { checks } = await made([said(0, wrong)])

  expect(checks[check]).toMatchObject({ passed: false, why: '1 row breaks it' })
})

test('a young day must be there up to its last candle', async () => {
  const young = day + 25 * hour

  expect((await made([said(0), said(1_438)], young)).checks.fresh!.passed).toBe(false)
  expect((await made([said(0), said(1_439)], young)).checks.fresh!.passed).toBe(true)
})
