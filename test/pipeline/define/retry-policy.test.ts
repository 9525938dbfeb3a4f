import { expect, test } from 'vitest'
import { z } from 'zod'
import type { RetryPolicy } from '#pipeline'
import { defineAsset } from '#pipeline'

const assetWith = (retry: RetryPolicy) =>
  defineAsset({ name: 'candles', output: z.strictObject({ n: z.int() }), run: () => [], retry })

test.each([
  [{ attempts: 0 }, 'expected "attempts" of 1 or more, got 0'],
  [{ attempts: 1.5 }, 'expected "attempts" of 1 or more, got 1.5'],
  [{ attempts: 2, jitter: 'plus-minus' }, '"jitter" changes a wait, and there is none; add "backoff"'],
  [{ attempts: 2, growth: 'linear' }, '"growth" changes a wait, and there is none; add "backoff"'],
  [{ attempts: 2, backoff: '1s', growth: 'cubic' }, 'expected "growth" none, linear or exponential, got "cubic"'],
  [{ attempts: 2, backoff: '1s', jitter: 'some' }, 'expected "jitter" none, full or plus-minus, got "some"'],
])('the policy %o is refused where it is declared', (retry, issue) => {
  expect(() => assetWith(retry as RetryPolicy)).toThrow(`"candles" can not be retried like this: ${issue}`)
})

test('a policy may say no more than how often', () => {
  expect(assetWith({ attempts: 2 }).retry).toEqual({ attempts: 2 })
})
