import type { Duration, RetryPolicy } from '#pipeline'
import { isPipelineError } from '#pipeline'
import { checkedRetry } from '../../../pipeline/define/retry-policy.ts'
import { retryWait, waitAfter } from '../../../pipeline/run/retry.ts'
import type { Adapter, Case, Compared } from '../case.ts'

const growths: Readonly<Record<string, RetryPolicy['growth']>> = { LINEAR: 'linear', EXPONENTIAL: 'exponential' }
const jitters: Readonly<Record<string, RetryPolicy['jitter']>> = { FULL: 'full', PLUS_MINUS: 'plus-minus' }
/** Numbers that chance may give: its ends, what is next to them, and the middle. */
const chances = [1e-9, 0.25, 0.5, 0.75, 1 - 1e-9]

/** Where waits are counted, the step always fails. */
export const beside = ['alwaysFails']

export const run: Adapter = (one) => {
  if (one.expectedError !== undefined) return [{ what: 'refusal', expected: one.expectedError, got: refusalOf(one) }]
  const policy = checkedRetry(policyOf(one), one.id)
  const compared: Compared[] = []
  if (one.expected !== undefined) {
    compared.push({ what: 'wait in s', expected: one.expected, got: waitAfter(one.attempt, policy, 0.5) / 1_000 })
  }
  if (one.expectedBetween !== undefined) {
    const [least, most] = one.expectedBetween
    const waits = chances.map((chance) => waitAfter(one.attempt, policy, chance) / 1_000)
    const what = `every wait is between ${least} and ${most} s`
    compared.push({ what, expected: [], got: waits.filter((wait) => wait <= least || wait >= most) })
  }
  const { expectedAttempts = one.expectedRetries === undefined ? undefined : one.expectedRetries + 1 } = one
  const waits = waitsOf(policy)
  if (expectedAttempts !== undefined) {
    compared.push({ what: 'attempts', expected: expectedAttempts, got: waits.length + 1 })
  }
  if (one.expectedMinGapsInDelays !== undefined) {
    const delayMs = one.policy.delay * 1_000
    compared.push({ what: 'gaps', expected: one.expectedMinGapsInDelays, got: waits.map((wait) => wait / delayMs) })
  }
  return compared
}

/** What an author would write; a policy that says less than ours needs is filled with upstream's defaults. */
function policyOf({ policy }: Case): RetryPolicy {
  const { maxRetries = 1, delay, backoff, jitter } = policy
  const waits = delay != null || backoff != null || jitter != null
  const wait = delay == null ? {} : { backoff: `${delay}s` as Duration }
  const shape = waits ? { growth: growths[backoff] ?? 'none', jitter: jitters[jitter] ?? 'none' } : {}
  return { attempts: maxRetries + 1, most: '3650d', ...wait, ...shape }
}

function refusalOf(one: Case): string | undefined {
  try {
    checkedRetry(policyOf(one), one.id)
    return undefined
  } catch (error) {
    if (isPipelineError(error, 'retry.malformed') && error.details.issue.endsWith('add "backoff"'))
      return 'delayRequired'
    throw error
  }
}

/** The waits of a step that always fails. */
function waitsOf(policy: RetryPolicy): readonly number[] {
  const waits: number[] = []
  for (;;) {
    const wait = retryWait(new Error('always'), policy, waits.length + 1, 0.5)
    if (wait === undefined) return waits
    waits.push(wait)
  }
}
