import { expect, test } from 'vitest'
import { alignDown, alignUp, intervalMs, intervals, intervalsAbove, openTimes, slotsIn } from '../../market/interval.ts'

const noon = Date.UTC(2024, 0, 1, 12)

test('open times are counted from the epoch in UTC', () => {
  expect(alignDown(noon + 1, '4h')).toBe(noon)
  expect(alignUp(noon + 1, '4h')).toBe(Date.UTC(2024, 0, 1, 16))
  expect(alignDown(noon, '1d')).toBe(Date.UTC(2024, 0, 1))
})

test('a span holds its start and not its end', () => {
  expect([...openTimes(noon, noon + 3_600_000, '15m')].map((at) => (at - noon) / 60_000)).toEqual([0, 15, 30, 45])
  expect(slotsIn(noon, noon + 3_600_000, '15m')).toBe(4)
  expect(slotsIn(noon + 1, noon + 2, '15m')).toBe(0)
})

test('longer intervals are those that are whole multiples', () => {
  expect(intervalsAbove('15m')).toEqual(['1h', '4h', '1d'])
  expect(intervalsAbove('1d')).toEqual([])
})

test('intervals are listed from short to long', () => {
  const lengths = intervals.map(intervalMs)

  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
})
