import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RetryPolicy } from '#pipeline'
import { PipelineError } from '#pipeline'
import { errorText, retryWait, waitAfter } from '../../../pipeline/run/retry.ts'

const policy = { attempts: 5, backoff: '1s', jitter: 'none', most: '5s' } as const
const away = new Error('away')
const told = (of: object) => Object.assign(new Error('told'), of)

test.each([
  ['the first wait', away, 1, 1_000],
  ['grows', away, 2, 3_000],
  ['up to the longest', away, 4, 5_000],
  ['no attempt is left', away, 5, undefined],
  ['a longer wait that was asked for', told({ retryAfterMs: 60_000 }), 1, 60_000],
  ['a shorter wait that was asked for', told({ retryAfterMs: 1 }), 1, 1_000],
  ['not worth it', told({ retryable: false }), 1, undefined],
  ['worth it', told({ retryable: true }), 1, 1_000],
  ['a mistake in code', new ReferenceError('x is not defined'), 1, undefined],
  ['a refusal of the framework', new PipelineError('asset.duplicate', { asset: 'a' }), 1, undefined],
  ['a timeout', new PipelineError('run.timeout', { asset: 'a', key: '', ms: 1 }), 1, 1_000],
  ['something thrown that is no error', undefined, 1, 1_000],
])('%s', (_, error, attempt, wait) => {
  expect(retryWait(error, policy, attempt, 0.5)).toBe(wait)
})

describe('an author says which errors are worth it', () => {
  class Busy extends Error {}
  const listed: RetryPolicy = { ...policy, on: [Busy, 'ECONNRESET', TypeError] }
  const judged: RetryPolicy = {
    ...policy,
    on: (error) => (error instanceof Busy ? { attempts: 2, backoff: '1m', jitter: 'none' } : error instanceof Error),
  }

  test.each([
    ['by its class', listed, new Busy(), 1, 1_000],
    ['by its code', listed, told({ code: 'ECONNRESET' }), 1, 1_000],
    ['even what is else held for a mistake', listed, new TypeError('fetch failed'), 1, 1_000],
    ['what is not listed is not', listed, away, 1, undefined],
    ['with a policy of its own', judged, new Busy(), 1, 60_000],
    ['whose attempts count', judged, new Busy(), 2, undefined],
    ['with this policy', judged, away, 2, 3_000],
    ['not at all', judged, 'a text', 1, undefined],
  ])('%s', (_, own, error, attempt, wait) => {
    expect(retryWait(error, own, attempt, 0.5)).toBe(wait)
  })
})

test.each([
  ['none', [1_000, 1_000, 1_000]],
  ['linear', [1_000, 2_000, 3_000]],
  ['exponential', [1_000, 3_000, 7_000]],
] as const)('the waits of growth "%s"', (growth, waits) => {
  const own = { attempts: 9, backoff: '1s', growth, jitter: 'none' } as const

  expect([1, 2, 3].map((attempt) => waitAfter(attempt, own, 0.5))).toEqual(waits)
})

test('a wait is 0 without a backoff, and a backoff longer than the usual longest wait is kept to', () => {
  expect(waitAfter(3, { attempts: 5 }, 0.9)).toBe(0)
  expect(waitAfter(3, { attempts: 5, backoff: '10m', jitter: 'none' }, 0.9)).toBe(600_000)
})

test('jitter keeps a wait between 0 and itself, or within one backoff of itself', () => {
  const attempts = fc.integer({ min: 1, max: 2_000 })
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const growths = fc.constantFrom('none', 'linear', 'exponential')
  fc.assert(
    fc.property(attempts, chance, growths, (attempt, random, growth) => {
      const own = { attempts: 9, backoff: '1s', growth, most: '1d' } as const
      const exact = waitAfter(attempt, { ...own, jitter: 'none' }, random)
      const full = waitAfter(attempt, { ...own, jitter: 'full' }, random)
      const around = waitAfter(attempt, { ...own, jitter: 'plus-minus' }, random)

      expect(full).toBeGreaterThanOrEqual(0)
      expect(full).toBeLessThanOrEqual(exact)
      expect(around).toBeGreaterThanOrEqual(0)
      expect(Math.abs(around - exact)).toBeLessThanOrEqual(1_000)
    }),
  )
})

test('an error and its causes are one line, without repetitions', () => {
  const cause = new Error('connection reset', { cause: new Error('connection reset', { cause: 'ECONNRESET' }) })

  expect(errorText(new Error('no answer', { cause }))).toBe('no answer; because connection reset; because ECONNRESET')
  expect(errorText('text')).toBe('text')
})
