/** One question to an exchange with everything around it: budget, time limit, repeats, circuit, and a readable error. */

import type { MarketType } from '../../market/market.ts'
import { type CallScope, type CcxtClient, inScope } from './ccxt.ts'
import { faultOf } from './fault-of.ts'
import { pause } from './pause.ts'
import { ExchangeError } from './port.ts'
import { type OpenBucket, type WeightBucket, weightBucket } from './rate-limit.ts'
import { type RetrySettings, resilience } from './resilience.ts'

/** Request weight an exchange allows a minute, and what each of our requests weighs. */
export interface Budget {
  readonly perMinute: number
  readonly markets: number
  readonly time: number
  /** Weight of a candle request by its limit: that of the first row whose `upTo` is not below it. */
  readonly candles: readonly { readonly upTo: number; readonly weight: number }[]
}

export type Budgets = Readonly<Partial<Record<MarketType, Budget>>>

export interface Call<T> {
  readonly endpoint: 'markets' | 'candles' | 'time'
  /** Whose budgets it weighs on. */
  readonly types: readonly MarketType[]
  readonly market?: string
  readonly limit?: number
  /** What a good answer holds, for the error. */
  readonly expected: string
  readonly signal: AbortSignal
  /** Counts the requests that it took. */
  readonly tally?: { sent: number }
  readonly ask: (client: CcxtClient) => Promise<T>
}

export interface Caller {
  /** Sends until it works or is not worth repeating. Throws an ExchangeError, or the signal's reason. */
  send<T>(call: Call<T>): Promise<T>
  /** Sends once. */
  once<T>(call: Call<T>): Promise<T>
  readonly counts: { readonly total: number; readonly candles: number; readonly retried: number }
  /** Ends what is on its way. */
  stop(): void
}

// A tenth of a minute's weight may go at once: other programs may share our address.
const burstShare = 10

export function caller(on: {
  readonly client: CcxtClient
  readonly exchange: string
  readonly budgets: Budgets
  readonly timeoutMs: number
  readonly retry: RetrySettings
  readonly now: () => number
  readonly bucket?: OpenBucket | undefined
}): Caller {
  const { client, exchange, budgets, timeoutMs, retry, now } = on
  const resilient = resilience(exchange, retry)
  const buckets = new Map<MarketType, WeightBucket>()
  for (const [type, { perMinute }] of Object.entries(budgets) as [MarketType, Budget][]) {
    const rate = { name: `${exchange} ${type}`, perMinute, burst: perMinute / burstShare }
    buckets.set(type, (on.bucket ?? weightBucket)(rate))
  }
  const counts = { total: 0, candles: 0, retried: 0 }
  const lifetime = new AbortController()
  const untilClosed = (signal: AbortSignal) => AbortSignal.any([signal, lifetime.signal])

  async function once<T>(call: Call<T>): Promise<T> {
    const scope: CallScope = { signal: untilClosed(call.signal), sent: 0 }
    await waitForBudget(call, scope.signal)
    try {
      return await inScope(scope, () => call.ask(client))
    } catch (error) {
      scope.signal.throwIfAborted()
      throw error instanceof ExchangeError ? error : explained(call, error, scope)
    } finally {
      counts.total += scope.sent
      if (call.endpoint === 'candles') counts.candles += scope.sent
      if (call.tally) call.tally.sent += scope.sent
    }
  }

  // Our own budget is waited for however long it takes; what the exchange forbids for long is better told than waited for.
  async function waitForBudget(call: Call<unknown>, signal: AbortSignal): Promise<void> {
    const shares = call.types.flatMap((type) => buckets.get(type) ?? [])
    refuseLongPause(call, shares)
    const waits = await Promise.all(
      call.types.map((type) => buckets.get(type)?.take(weightOf(budgets[type], call), now()) ?? 0),
    )
    await pause(Math.max(0, ...waits), signal)
    // Again, because another request may have been told off meanwhile.
    for (let ms = refuseLongPause(call, shares); ms > 0; ms = refuseLongPause(call, shares)) await pause(ms, signal)
  }

  function refuseLongPause({ endpoint, market }: Call<unknown>, shares: readonly WeightBucket[]): number {
    const pausedMs = Math.max(0, ...shares.map((share) => share.pausedMs(now())))
    if (pausedMs <= retry.longestPauseMs) return pausedMs
    const got = `a pause of ${Math.ceil(pausedMs / 1000)} s that the exchange asked for`
    const expected = 'to be allowed to ask'
    throw new ExchangeError({
      ...{ fault: 'rate-limited', exchange, endpoint, market, expected, got },
      retryAfterMs: pausedMs,
    })
  }

  function explained(call: Call<unknown>, error: unknown, { refusal }: CallScope): ExchangeError {
    const { endpoint, market, expected } = call
    const { fault, got, retryAfterMs } = faultOf(error, { refusal, timeoutMs, now: now() })
    if (retryAfterMs !== undefined && (fault === 'rate-limited' || fault === 'banned')) {
      for (const type of call.types) buckets.get(type)?.pause(now() + retryAfterMs)
    }
    return new ExchangeError({ fault, exchange, endpoint, market, expected, got, retryAfterMs }, { cause: error })
  }

  return {
    once,
    send: (call) => {
      const { endpoint, market, types } = call
      const signal = untilClosed(call.signal)
      const retried = () => {
        counts.retried++
      }
      const circuit = `${types.join('+')} ${endpoint}`
      return resilient.send({ circuit, endpoint, market, signal, retried, attempt: () => once(call) })
    },
    counts,
    stop: () => lifetime.abort(new Error(`exchange "${exchange}" was closed`)),
  }
}

function weightOf(budget: Budget | undefined, { endpoint, limit = 0 }: Call<unknown>): number {
  if (!budget) return 0
  if (endpoint !== 'candles') return budget[endpoint]
  const row = budget.candles.find(({ upTo }) => limit <= upTo) ?? budget.candles.at(-1)
  return row?.weight ?? 1
}
