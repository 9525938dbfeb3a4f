/**
 * The only importer of ccxt. It loads one exchange's class and puts our own hands on it where ccxt would lose something:
 * raw rows are kept, the time limit covers the body too, a caller's signal reaches the socket, an answer that is no JSON
 * is an error, and the status and waiting time of a refusal are remembered.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export interface CcxtMarket {
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly settle?: string
  readonly type: string
  readonly linear?: boolean
  readonly active?: boolean
}

/** The part of a ccxt class that we use. */
export interface CcxtClient {
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined
  loadMarkets(reload: boolean): Promise<unknown>
  fetchTime(): Promise<unknown>
  /** Raw rows: we have taken the parser out. */
  fetchOHLCV(symbol: string, interval: string, since?: number, limit?: number, params?: object): Promise<unknown[]>
  close(): Promise<unknown>
}

interface CcxtInside extends CcxtClient {
  readonly urls: { api: unknown }
  options: Record<string, unknown>
  parseOHLCVs: (rows: unknown[]) => unknown[]
  undiciRequest: (url: string, params: { signal: AbortSignal }) => Promise<unknown>
  handleErrors: (...args: AnswerArguments) => unknown
  readonly fetchDispatcher?: { destroy(): Promise<void> }
}

type AnswerArguments = [
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  json: unknown,
  ...rest: unknown[],
]

/** What is known of one call while it runs: every HTTP request that ccxt makes for it is counted here. */
export interface CallScope {
  readonly signal: AbortSignal
  sent: number
  refusal?: Refusal
}

/** An HTTP answer that is no success. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly isHtml: boolean
  readonly retryAfter: string | undefined
}

/** The answer was complete by HTTP and is no JSON. */
export class NotJson extends Error {}

const scopes = new AsyncLocalStorage<CallScope>()

/** Runs a call of a client so that its requests are counted in `scope` and end when its signal says so. */
export const inScope = <T>(scope: CallScope, call: () => Promise<T>): Promise<T> => scopes.run(scope, call)

/** A client of the ccxt class `name`, whose requests go to `baseUrl` when that is given. */
export async function openCcxt(on: {
  readonly className: string
  readonly options: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly baseUrl?: string | undefined
}): Promise<CcxtClient> {
  const ExchangeClass = await loadClass(on.className)
  const client = new ExchangeClass({ enableRateLimit: false, timeout: on.timeoutMs, options: on.options })
  if (on.baseUrl !== undefined) client.urls.api = rebased(client.urls.api, on.baseUrl)
  client.parseOHLCVs = (rows) => rows
  limitWholeRequests(client, on.timeoutMs)
  rememberRefusals(client)
  const close = client.close.bind(client)
  client.close = async () => {
    await close()
    await client.fetchDispatcher?.destroy()
  }
  return client
}

// The package exports only all exchanges at once, 300 ms of loading; each class has a file of its own beside that.
async function loadClass(name: string): Promise<new (config: object) => CcxtInside> {
  const main = pathToFileURL(createRequire(import.meta.url).resolve('ccxt'))
  const file = new URL(`../js/src/${name}.js`, main)
  const module = (await import(file.href)) as { default: new (config: object) => CcxtInside }
  return module.default
}

/** ccxt's tree of URLs with scheme, host and port of `baseUrl`; the paths stay, since ccxt looks for words in them. */
export function rebased(urls: unknown, baseUrl: string): unknown {
  if (typeof urls === 'string') {
    const base = baseUrl.replace(/\/+$/, '')
    return urls.replace(/^(http|ws)s?:\/\/[^/]+/, (_, scheme) => (scheme === 'ws' ? base.replace(/^http/, 'ws') : base))
  }
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([key, url]) => [key, rebased(url, baseUrl)]))
}

// ccxt's own timer ends with the headers: a body that never ends would be waited for without limit.
function limitWholeRequests(client: CcxtInside, timeoutMs: number): void {
  const request = client.undiciRequest.bind(client)
  client.undiciRequest = (url, params) => {
    const scope = scopes.getStore()
    if (!scope) throw new Error(`request to "${url}" outside of a call`)
    scope.sent++
    const signal = AbortSignal.any([params.signal, scope.signal, AbortSignal.timeout(timeoutMs)])
    return request(url, { ...params, signal })
  }
}

function rememberRefusals(client: CcxtInside): void {
  const handleErrors = client.handleErrors.bind(client)
  client.handleErrors = (...answer) => {
    const [status, , , , headers, body, json] = answer
    const scope = scopes.getStore()
    if (status >= 400 && scope) {
      const isHtml = json === undefined && body.trimStart().startsWith('<')
      scope.refusal = { status, body, isHtml, retryAfter: headers['Retry-After'] }
    }
    if (status < 400 && (json === undefined || json === null)) throw new NotJson(body)
    return handleErrors(...answer)
  }
}
