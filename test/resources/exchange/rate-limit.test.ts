import { expect, test } from 'vitest'
import { weightBucket } from '../../../resources/exchange/rate-limit.ts'

const bucket = () => weightBucket({ perMinute: 600, burst: 20 })

test('a burst goes at once, what follows goes at the rate', () => {
  const budget = bucket()

  expect([10, 10, 1, 10].map((weight) => budget.take(weight, 0))).toEqual([0, 0, 100, 1100])
})

test('what is not used comes back, and no more than the burst', () => {
  const budget = bucket()
  budget.take(20, 0)

  expect(budget.waitMs(10, 1_000)).toBe(0)
  expect(budget.waitMs(21, 1_000_000)).toBe(100)
})

test('a pause holds everyone until its end', () => {
  const budget = bucket()
  budget.pause(5_000)

  expect(budget.take(1, 1_000)).toBe(4_000)
  expect(budget.take(1, 5_000)).toBe(0)
})

test('asking for the wait takes nothing', () => {
  const budget = bucket()
  for (let i = 0; i < 100; i++) budget.waitMs(20, 0)

  expect(budget.take(20, 0)).toBe(0)
})

test('a clock that goes back gives nothing twice', () => {
  const budget = bucket()
  budget.take(20, 10_000)

  expect(budget.take(1, 0)).toBe(100)
  expect(budget.take(1, 10_000)).toBe(200)
})
