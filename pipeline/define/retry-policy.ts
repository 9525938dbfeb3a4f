import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import { PipelineError } from './errors.ts'

/** When a step that failed is tried again. */
export interface RetryPolicy {
  /** Attempts in all; 1 means no retry. */
  readonly attempts: number
  /** Wait before the second attempt; none if absent. */
  readonly backoff?: Duration
  /**
   * How the wait before attempt n + 1 follows from `backoff`: the same each time, n times it, or 2^n - 1 times it
   * (1, 3, 7, …). `exponential` if absent.
   */
  readonly growth?: 'none' | 'linear' | 'exponential'
  /**
   * Keeps failures of one moment from coming back in one moment: anything from 0 to the wait, or the wait give or take
   * one `backoff`. `full` if absent.
   */
  readonly jitter?: 'none' | 'full' | 'plus-minus'
  /** The longest wait before jitter; 5 minutes if absent, or `backoff` if that is longer. A longer one that the error itself asks for is kept to. */
  readonly most?: Duration
  /**
   * Which errors are worth it: their classes or codes, or an answer for each, which may be a policy of its own. If absent,
   * all but mistakes in code and errors that say `retryable: false`.
   */
  readonly on?: readonly (string | ErrorClass)[] | ((error: unknown) => RetryPolicy | boolean)
}

type ErrorClass = abstract new (...args: any[]) => Error

const growths: readonly unknown[] = [undefined, 'none', 'linear', 'exponential']
const jitters: readonly unknown[] = [undefined, 'none', 'full', 'plus-minus']

/** The policy itself. Throws `retry.malformed` and `duration.malformed`. */
export function checkedRetry(policy: RetryPolicy, owner: string): RetryPolicy {
  const { attempts, backoff, growth, jitter, most } = policy
  const refuse = (issue: string) => {
    throw new PipelineError('retry.malformed', { owner, issue })
  }
  if (!Number.isInteger(attempts) || attempts < 1) refuse(`expected "attempts" of 1 or more, got ${attempts}`)
  if (!growths.includes(growth)) refuse(`expected "growth" none, linear or exponential, got "${growth}"`)
  if (!jitters.includes(jitter)) refuse(`expected "jitter" none, full or plus-minus, got "${jitter}"`)
  if (backoff === undefined && (growth ?? jitter) !== undefined) {
    refuse(`"${growth === undefined ? 'jitter' : 'growth'}" changes a wait, and there is none; add "backoff"`)
  }
  for (const duration of [backoff, most]) if (duration !== undefined) durationMs(duration)
  return policy
}
