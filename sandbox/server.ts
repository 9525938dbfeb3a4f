/** The sandbox: a local exchange over HTTP that speaks Binance's REST, on generated or recorded candles. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { apis } from './binance-rest.ts'
import { type Faults, faultBoard } from './faults.ts'
import { generatedSeries } from './generated-series.ts'
import { recordedRest } from './recorded-rest.ts'
import { type Recording, recordedSeries } from './recorded-series.ts'
import { type LocalExchange, type Reply, reply } from './reply.ts'
import { weightBudget } from './weight-budget.ts'

export interface SandboxOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined
  readonly seed?: number | undefined
  readonly markets?: readonly string[] | undefined
  /** Serve the recorded candles of this folder instead of generated ones. */
  readonly replay?: string | undefined
  /** Give the recorded REST answers of this folder, byte for byte, to the requests they belong to. */
  readonly recordings?: string | undefined
  readonly faults?: Faults | undefined
  readonly now?: (() => number) | undefined
}

export interface Sandbox {
  readonly url: string
  readonly port: number
  readonly recorded: readonly Recording[]
  setFaults(faults: Faults): void
  /** Requests answered so far, by path. */
  requests(): Readonly<Record<string, number>>
  close(): Promise<void>
}

export const defaultMarkets = ['BTC-USDT', 'ETH-USDT', 'SOL-USDT', 'BNB-USDT', 'XRP-USDT', 'BTC-USDT-PERP'] as const

/** Starts the sandbox on 127.0.0.1. Throws when a folder holds no recordings or the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, seed = 1, markets = defaultMarkets, now = Date.now } = options
  const faults = faultBoard(options.faults ?? {})
  const replayed = options.replay === undefined ? undefined : await recordedSeries(options.replay)
  const exchange: LocalExchange = {
    series: replayed?.series ?? markets.map((market) => generatedSeries(market, seed)),
    recordings: options.recordings === undefined ? undefined : await recordedRest(options.recordings),
    faults,
    budgets: new Map(apis.map((api) => [api, weightBudget()])),
    counts: new Map(),
    given: new Map(),
    now: () => now() + faults.clockMs,
  }
  const server = createServer((request, response) =>
    send(response, reply(exchange, request.method ?? 'GET', request.url ?? '/')),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    recorded: replayed?.recorded ?? [],
    setFaults: faults.set,
    requests: () => Object.fromEntries(exchange.counts),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, { status, body, headers, how }: Reply): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': bytes.length,
    ...headers,
  })
  if (how === undefined) {
    response.end(bytes)
    return
  }
  const half = bytes.subarray(0, bytes.length >> 1)
  if (how === 'truncated') {
    response.write(half, () => response.destroy())
    return
  }
  response.write(half)
  const rest = setTimeout(() => response.end(bytes.subarray(half.length)), how.slowMs)
  response.once('close', () => clearTimeout(rest))
}
