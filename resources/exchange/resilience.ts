/**
 * Repeats and circuit breaking for requests to one exchange. A request that may succeed later is repeated with growing,
 * jittered pauses, or when the exchange said it would answer again. An endpoint that keeps failing is left alone for a
 * while; each endpoint has its own breaker, so that a broken one does not stop the others.
 */

import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  ConstantBackoff,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
} from 'cockatiel'
import { pause } from './pause.ts'
import { ExchangeError, type ExchangeFault, isRetryable } from './port.ts'

export interface RetrySettings {
  /** Repeats after the first try. */
  readonly retries: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** Failures in a row that open the circuit of an endpoint, and for how long. */
  readonly failuresToOpen: number
  readonly openMs: number
}

export const usualRetries: RetrySettings = {
  retries: 4,
  firstPauseMs: 250,
  longestPauseMs: 60_000,
  failuresToOpen: 10,
  openMs: 30_000,
}

export interface Resilience {
  /** Sends until it works, gives up or `signal` says stop. `retried` is called before each repeat. */
  send<T>(ask: {
    /** Which breaker it belongs to. */
    readonly circuit: string
    readonly endpoint: string
    readonly market?: string | undefined
    readonly signal: AbortSignal
    readonly attempt: () => Promise<T>
    readonly retried: () => void
  }): Promise<T>
}

// A limit is the exchange working as announced, and a bad request is ours: neither says that the endpoint is broken.
const breaks: Partial<Record<ExchangeFault, true>> = { unavailable: true, timeout: true, 'bad-response': true }

export function resilience(exchange: string, settings: RetrySettings = usualRetries): Resilience {
  const { retries, firstPauseMs, longestPauseMs, failuresToOpen, openMs } = settings
  const breakers = new Map<string, CircuitBreakerPolicy>()
  const breakerOf = (circuit: string): CircuitBreakerPolicy => {
    const known = breakers.get(circuit)
    if (known) return known
    const made = circuitBreaker(
      handleWhen((error) => error instanceof ExchangeError && breaks[error.fault] === true),
      { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failuresToOpen) },
    )
    breakers.set(circuit, made)
    return made
  }
  // The pauses are ours, because cockatiel's cannot be interrupted; it counts and decides.
  const repeat = retry(
    handleWhen((error) => isWorthRepeating(error, longestPauseMs)),
    { maxAttempts: retries, backoff: new ConstantBackoff(0) },
  )

  return {
    send: ({ circuit, endpoint, market, signal, attempt, retried }) => {
      const breaker = breakerOf(circuit)
      let growing = new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: longestPauseMs }).next()
      let last: ExchangeError | undefined
      return repeat.execute(async () => {
        if (last) {
          await pause(last.retryAfterMs ?? growing.duration, signal)
          growing = growing.next(undefined)
          retried()
        }
        signal.throwIfAborted()
        try {
          return await breaker.execute(attempt)
        } catch (error) {
          if (error instanceof BrokenCircuitError) throw circuitOpen({ exchange, endpoint, market, openMs, breaker })
          if (error instanceof ExchangeError) last = error
          throw error
        }
      }, signal)
    },
  }
}

function isWorthRepeating(error: Error, longestPauseMs: number): boolean {
  if (!(error instanceof ExchangeError) || error.fault === 'circuit-open') return false
  return isRetryable[error.fault] && (error.retryAfterMs ?? 0) <= longestPauseMs
}

function circuitOpen(ask: {
  exchange: string
  endpoint: string
  market: string | undefined
  openMs: number
  breaker: CircuitBreakerPolicy
}): ExchangeError {
  const { breaker, openMs, ...where } = ask
  const cause = breaker.lastFailure && 'error' in breaker.lastFailure ? breaker.lastFailure.error : undefined
  const got = `failures in a row, the last one: ${cause?.message ?? 'unknown'}`
  return new ExchangeError(
    { ...where, fault: 'circuit-open', expected: 'an endpoint that works', got, retryAfterMs: openMs },
    { cause },
  )
}
