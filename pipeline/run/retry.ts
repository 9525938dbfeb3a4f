import { durationMs } from '../define/duration.ts'
import { isPipelineError, PipelineError } from '../define/errors.ts'
import type { RetryPolicy } from '../define/retry-policy.ts'

/** The longest wait where a policy names none and its first wait is no longer. */
const usualMost = 300_000

/**
 * When to try again after `error`, in ms, or `undefined` if it is not worth it: the attempts are used up, or the policy
 * or the error itself says so. `retryAfterMs` on the error is obeyed. `random` is in [0, 1).
 */
export function retryWait(error: unknown, policy: RetryPolicy, attempt: number, random: number): number | undefined {
  // What a check threw is what its own code, or the world that it asked, threw.
  const thrown = isPipelineError(error, 'check.threw') ? error.cause : error
  const worth = worthOf(thrown, policy)
  if (worth === undefined || attempt >= worth.attempts) return undefined
  const { retryAfterMs } = (thrown ?? {}) as { retryAfterMs?: number }
  return Math.max(retryAfterMs ?? 0, waitAfter(attempt, worth, random))
}

/** The wait after attempt `attempt` of a policy, in ms. `random` is in [0, 1). */
export function waitAfter(attempt: number, policy: RetryPolicy, random: number): number {
  const { growth = 'exponential', jitter = 'full', backoff = '0s', most } = policy
  const base = durationMs(backoff)
  const longest = most === undefined ? Math.max(base, usualMost) : durationMs(most)
  const times = growth === 'none' ? 1 : growth === 'linear' ? attempt : 2 ** attempt - 1
  const wait = Math.min(base * times, longest)
  if (jitter === 'none') return wait
  if (jitter === 'full') return wait * random
  return Math.max(0, wait + base * (2 * random - 1))
}

/** What another process found of an error that it had in hand: the classes of errors are not the same here. */
const judged = new WeakMap<object, RetryPolicy | undefined>()

/** Lets `worthOf` answer this for `error`. */
export const judge = (error: Error, worth: RetryPolicy | undefined): void => void judged.set(error, worth)

/** The policy by which to try again after `error`, if it is worth it. */
export function worthOf(error: unknown, policy: RetryPolicy): RetryPolicy | undefined {
  if (error instanceof Error && judged.has(error)) return judged.get(error)
  const { on } = policy
  if (on === undefined) return isMistake(error) || isHopeless(error) ? undefined : policy
  if (typeof on !== 'function') return on.some((one) => isOf(error, one)) ? policy : undefined
  const answer = on(error)
  return typeof answer === 'object' ? answer : answer ? policy : undefined
}

const isHopeless = (error: unknown) => (error as { retryable?: boolean } | undefined)?.retryable === false

const isOf = (error: unknown, one: string | (abstract new (...args: any[]) => Error)): boolean =>
  typeof one === 'string' ? (error as { code?: unknown } | undefined)?.code === one : error instanceof one

function isMistake(error: unknown): boolean {
  if (error instanceof PipelineError) return error.code !== 'run.timeout' && error.code !== 'isolate.died'
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError
}

/** An error as one line for people: its message and those of its causes. */
export function errorText(error: unknown): string {
  const parts: string[] = []
  for (
    let cause = error;
    cause !== undefined && parts.length < 5;
    cause = (cause as { cause?: unknown } | null)?.cause
  ) {
    const text = cause instanceof Error ? cause.message || cause.name : String(cause)
    if (!parts.includes(text)) parts.push(text)
  }
  return parts.join('; because ')
}
