import { expect, test } from 'vitest'
import { stepCosts } from '../../../pipeline/queue/step-cost.ts'

test('steps of an asset that was never seen travel alone', () => {
  expect(stepCosts().size('a')).toBe(1)
})

test.each([
  ['5 ms', 5, 1, 15],
  ['a tenth of a ms', 10, 100, 100],
  ['nothing', 0, 1, 100],
  ['a minute', 60_000, 1, 1],
])('a message of steps of %s is under way for about 75 ms and has no more than 100', (_, ms, steps, size) => {
  const costs = stepCosts()

  costs.took('a', ms, steps)

  expect(costs.size('a')).toBe(size)
})

test('one that takes long already counts as slow before it ends', () => {
  const costs = stepCosts()

  costs.isSlow('a', 100)

  expect([costs.of('a'), costs.size('a'), costs.of('b')]).toEqual([100, 1, undefined])
})

test('what was seen last counts most, and what was seen before is not forgotten', () => {
  const costs = stepCosts()
  costs.took('a', 10, 1)

  costs.took('a', 20, 1)

  expect(costs.of('a')).toBe(13)
})
