import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gapsOf, mergeGaps } from '../../market/gaps.ts'

const hour = 3_600_000
const day = { start: 0, end: 24 * hour, interval: '1h' } as const
const hours = (...list: number[]) => list.map((at) => at * hour)
const gap = (from: number, to: number) => ({ from: from * hour, to: to * hour, missing: to - from })

test('a whole day has no gap', () => {
  expect(gapsOf(hours(...Array(24).keys()), day)).toEqual([])
})

test('gaps at the edges and in the middle are found', () => {
  const present = hours(2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)

  expect(gapsOf(present, day)).toEqual([gap(0, 2), gap(5, 8), gap(21, 24)])
})

test('a day without candles is one gap', () => {
  expect(gapsOf([], day)).toEqual([gap(0, 24)])
})

test('what lies outside of the span is not looked at', () => {
  expect(gapsOf(hours(-5, 0, 1, 30), { ...day, end: 2 * hour })).toEqual([])
})

test('a hole over midnight is one gap, whatever the partitions', () => {
  expect(mergeGaps([gap(24, 30), gap(20, 24), gap(40, 41)])).toEqual([gap(20, 30), gap(40, 41)])
})

test('overlapping gaps count each missing candle once', () => {
  expect(mergeGaps([gap(0, 6), gap(4, 8), gap(5, 6)])).toEqual([gap(0, 8)])
})

test('gaps and candles together fill the span', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 23 })), (list) => {
      const present = hours(...list.toSorted((a, b) => a - b))
      const missing = gapsOf(present, day).reduce((sum, { missing }) => sum + missing, 0)

      expect(missing + present.length).toBe(24)
    }),
  )
})
