import { expect, test } from 'vitest'
import { faultBoard, parseFaults } from '../../sandbox/faults.ts'

test('switches are read from text', () => {
  expect(parseFaults('429:2:after=3, slow:1:delay=500,503:always:endpoint=exchangeInfo,open,clock:-1500')).toEqual({
    429: { times: 2, retryAfterSeconds: 3 },
    slow: { times: 1, delayMs: 500 },
    503: { times: Number.POSITIVE_INFINITY, endpoint: 'exchangeInfo' },
    open: { times: 1 },
    clock: -1500,
  })
})

test('no text is no fault', () => {
  expect(parseFaults('')).toEqual({})
})

test.each([
  ['sloow:1', 'unknown fault "sloow"; known are 429, 418, 503'],
  ['slow:twice', 'expected a whole number in fault "slow:twice", got "twice"'],
  ['slow:1:pause=3', 'unknown fault setting "pause"; known are endpoint, after, delay'],
])('%s is refused', (text, message) => {
  expect(() => parseFaults(text)).toThrow(message)
})

test('a switch spoils as many matching requests as it says', () => {
  const board = faultBoard({ 503: { times: 2 } })

  expect(board.take('503', 'time')).toBeUndefined()
  expect([1, 2, 3].map(() => board.take('503', 'klines') !== undefined)).toEqual([true, true, false])
})
