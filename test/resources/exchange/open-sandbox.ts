/** A sandbox and the real adapter on it, closed together. */

import { onTestFinished } from 'vitest'
import { binance } from '../../../resources/exchange/plugins/binance.ts'
import type { CandleAsk, CandlePage, Exchange, ExchangeError } from '../../../resources/exchange/port.ts'
import { exchangeRegistry, type OpenExchange } from '../../../resources/exchange/registry.ts'
import { type Faults, parseFaults } from '../../../sandbox/faults.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/server.ts'

/** The test's day: both clocks start here and go on. */
export const today = Date.UTC(2024, 5, 1, 12, 30)
export const hour = 3_600_000
export const unhurried = new AbortController().signal

/** Impatient, so that a test which fails on purpose does so at once. */
export const impatient = { retries: 2, firstPauseMs: 1, longestPauseMs: 2_000, failuresToOpen: 100, openMs: 50 }

export interface OpenSandbox {
  readonly sandbox: Sandbox
  readonly exchange: Exchange
  fault(faults: string | Faults): void
  /** All pages of a span, by default the ten hours that ended this midnight. */
  pages(ask?: Partial<CandleAsk>): Promise<readonly CandlePage[]>
  /** Candle requests that reached the sandbox. */
  readonly asked: number
  close(): Promise<void>
}

/** Open until the test ends. */
export async function useSandbox(options?: SandboxOptions, settings?: OpenExchange): Promise<OpenSandbox> {
  const opened = await openSandbox(options, settings)
  onTestFinished(opened.close)
  return opened
}

export async function openSandbox(options: SandboxOptions = {}, settings: OpenExchange = {}): Promise<OpenSandbox> {
  const started = Date.now()
  const now = () => today + Date.now() - started
  const sandbox = await startSandbox({ markets: ['BTC-USDT', 'ETH-USDT', 'BTC-USDT-PERP'], now, ...options })
  const defaults = { sandboxUrl: sandbox.url, retry: impatient, timeoutMs: 2_000, now }
  const exchange = await exchangeRegistry([binance]).open('binance', { ...defaults, ...settings })
  return {
    sandbox,
    exchange,
    fault: (faults) => sandbox.setFaults(typeof faults === 'string' ? parseFaults(faults) : faults),
    pages: (ask) => pagesOf(exchange, ask),
    get asked() {
      const { '/api/v3/klines': spot = 0, '/fapi/v1/klines': perp = 0 } = sandbox.requests()
      return spot + perp
    },
    async close() {
      await exchange.close()
      await sandbox.close()
    },
  }
}

const midnight = Date.UTC(2024, 5, 1)

export async function pagesOf(exchange: Exchange, ask: Partial<CandleAsk> = {}): Promise<readonly CandlePage[]> {
  const span = {
    market: 'BTC-USDT',
    interval: '1h',
    start: midnight - 10 * hour,
    end: midnight,
    signal: unhurried,
  } as const
  const pages: CandlePage[] = []
  for await (const page of exchange.candles({ ...span, ...ask })) pages.push(page)
  return pages
}

/** The error that `promise` ends with. */
export async function failure(promise: Promise<unknown>): Promise<ExchangeError> {
  return promise.then(
    () => {
      throw new Error('expected a failure, got an answer')
    },
    (error: ExchangeError) => error,
  )
}
