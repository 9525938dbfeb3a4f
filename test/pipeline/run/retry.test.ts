import { expect, test } from 'vitest'
import { PipelineError } from '#pipeline'
import { errorText, retryWait } from '../../../pipeline/run/retry.ts'

const policy = { attempts: 5, backoff: '1s', most: '5s' } as const
const away = new Error('away')
const told = (of: object) => Object.assign(new Error('told'), of)

test.each([
  ['the first wait, at most', away, 1, 1, 1_000],
  ['the first wait, at least', away, 1, 0, 500],
  ['doubles', away, 2, 1, 2_000],
  ['up to the longest', away, 4, 1, 5_000],
  ['no attempt is left', away, 5, 1, undefined],
  ['a longer wait that was asked for', told({ retryAfterMs: 60_000 }), 1, 1, 60_000],
  ['a shorter wait that was asked for', told({ retryAfterMs: 1 }), 1, 1, 1_000],
  ['not worth it', told({ retryable: false }), 1, 1, undefined],
  ['worth it', told({ retryable: true }), 1, 1, 1_000],
  ['a mistake in code', new ReferenceError('x is not defined'), 1, 1, undefined],
  ['a refusal of the framework', new PipelineError('asset.duplicate', { asset: 'a' }), 1, 1, undefined],
  ['a timeout', new PipelineError('run.timeout', { asset: 'a', key: '', ms: 1 }), 1, 1, 1_000],
  ['something thrown that is no error', undefined, 1, 1, 1_000],
])('%s', (_, error, attempt, random, wait) => {
  expect(retryWait(error, policy, attempt, random)).toBe(wait)
})

test('an error and its causes are one line, without repetitions', () => {
  const cause = new Error('connection reset', { cause: new Error('connection reset', { cause: 'ECONNRESET' }) })

  expect(errorText(new Error('no answer', { cause }))).toBe('no answer; because connection reset; because ECONNRESET')
  expect(errorText('text')).toBe('text')
})
