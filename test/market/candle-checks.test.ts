import { expect, test } from 'vitest'
import { type CandleNumbers, findingsOf, isFlat, isOutlier } from '../../market/candle-checks.ts'

const good: CandleNumbers = {
  open_time: Date.UTC(2024, 0, 1),
  open: 100,
  high: 110,
  low: 95,
  close: 105,
  volume: 2,
  quote_volume: 205,
}
const found = (change: Partial<CandleNumbers>) => findingsOf({ ...good, ...change }, '1h').map(({ check }) => check)

test('a sound candle has no finding', () => {
  expect(findingsOf(good, '1h')).toEqual([])
})

test.each([
  ['prices', { open: 0, low: 0 }],
  ['prices', { high: Number.POSITIVE_INFINITY, quote_volume: null }],
  ['range', { low: 101 }],
  ['range', { high: 104 }],
  ['volume', { volume: -1, quote_volume: null }],
  ['grid', { open_time: good.open_time + 1 }],
  ['grid', { open_time: good.open_time / 1000 }],
  ['quote_volume', { quote_volume: 189 }],
  ['quote_volume', { quote_volume: 221 }],
  ['silent_move', { volume: 0, quote_volume: 0 }],
] as const)('%s: %j is found', (check, change) => {
  expect(found(change)).toEqual([check])
})

test('a quote volume at the edge of float64 is no finding', () => {
  expect(found({ quote_volume: 190 - 1e-9, volume: 2 })).toEqual([])
  expect(found({ quote_volume: null })).toEqual([])
})

test('a flat candle without volume is how some exchanges fill a stop', () => {
  const filler = { ...good, open: 100, high: 100, low: 100, close: 100, volume: 0, quote_volume: 0 }

  expect(isFlat(filler)).toBe(true)
  expect(findingsOf(filler, '1h')).toEqual([])
})

test('from an hour on, what counts as an outlier grows with the root of time', () => {
  const fall = { ...good, open: 100, close: 80 }

  expect(isOutlier(fall, '1h')).toBe(true)
  expect(isOutlier(fall, '4h')).toBe(false)
  expect(isOutlier(fall, '1m')).toBe(true)
  expect(isOutlier({ ...good, open: 100, close: 97 }, '1m')).toBe(false)
})
