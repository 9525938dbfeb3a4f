import type { RetryPolicy } from '../define/asset.ts'
import { durationMs } from '../define/duration.ts'
import { PipelineError } from '../define/errors.ts'

/**
 * When to try again after `error`, in ms, or `undefined` if it is not worth it: the attempts are used up, the error
 * says so itself (`retryable: false`), or it is a mistake in code, which another attempt would repeat.
 * `retryAfterMs` on the error is obeyed. `random` is in [0, 1).
 */
export function retryWait(error: unknown, policy: RetryPolicy, attempt: number, random: number): number | undefined {
  if (attempt >= policy.attempts || isMistake(error)) return undefined
  const { retryable, retryAfterMs } = (error ?? {}) as { retryable?: boolean; retryAfterMs?: number }
  if (retryable === false) return undefined
  const backoff = Math.min(durationMs(policy.backoff) * 2 ** (attempt - 1), durationMs(policy.most))
  return Math.max(retryAfterMs ?? 0, backoff * (0.5 + random / 2))
}

function isMistake(error: unknown): boolean {
  if (error instanceof PipelineError) return error.code !== 'run.timeout'
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
