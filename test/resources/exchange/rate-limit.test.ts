import { expect, test } from 'vitest'
import { weightBucket } from '../../../resources/exchange/rate-limit.ts'

// 20 at once, then one every 100 ms.
const bucket = () => weightBucket({ perMinute: 620, burst: 20 })

test('a burst goes at once, what follows goes at the rate, in the order of asking', () => {
  const budget = bucket()

  expect([10, 10, 1, 10].map((weight) => budget.take(weight, 0))).toEqual([0, 0, 100, 1100])
})

test('what is not used comes back, and no more than the burst', () => {
  const budget = bucket()
  budget.take(20, 0)

  expect(budget.take(10, 1_000)).toBe(0)
  expect(budget.take(21, 1_000_000)).toBe(100)
})

test('no minute sees more than its budget', () => {
  const budget = weightBucket({ perMinute: 600, burst: 60 })
  const sent: number[] = []
  for (let now = 0; now < 180_000; ) {
    now += budget.take(5, now)
    sent.push(now)
  }

  const inMinuteFrom = (start: number) => 5 * sent.filter((at) => at >= start && at < start + 60_000).length
  expect(Math.max(...sent.map(inMinuteFrom))).toBeLessThanOrEqual(600)
  expect(inMinuteFrom(60_000)).toBeGreaterThan(500)
})

test('a pause lasts until its end, and a shorter one does not cut it', () => {
  const budget = bucket()
  budget.pause(5_000)
  budget.pause(2_000)

  expect([1_000, 4_999, 5_000].map(budget.pausedMs)).toEqual([4_000, 1, 0])
})

test('a clock that goes back gives nothing twice', () => {
  const budget = bucket()
  budget.take(20, 10_000)

  expect(budget.take(1, 0)).toBe(100)
  expect(budget.take(1, 10_000)).toBe(200)
})
