/** Which request the sandbox answers with what: faults first, then recordings, then the exchange itself. */

import { alignDown, type Interval, intervalMs } from '../market/interval.ts'
import { parseMarket } from '../market/market.ts'
import { type Answer, type Api, apis, exchangeInfo, klineRow, readKlines, refused } from './binance-rest.ts'
import type { FaultBoard } from './faults.ts'
import type { RecordedRest } from './recorded-rest.ts'
import type { Series } from './series.ts'
import { spoilRows } from './spoil-rows.ts'
import type { Verdict, WeightBudget } from './weight-budget.ts'

const remembered = 10_000

/** What one request is answered from. */
export interface LocalExchange {
  readonly series: readonly Series[]
  readonly recordings: RecordedRest | undefined
  readonly faults: FaultBoard
  readonly budgets: ReadonlyMap<Api, WeightBudget>
  readonly counts: Map<string, number>
  readonly given: Map<string, number>
  readonly now: () => number
}

export interface Reply {
  readonly status: number
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly how?: 'truncated' | { readonly slowMs: number }
}

/** The answer to one request; a request uses up the faults that match it. */
export function reply(exchange: LocalExchange, method: string, target: string): Reply {
  const url = URL.parse(target, 'http://sandbox')
  if (!url) return html(400, 'Bad Request')
  const endpoint = url.pathname.split('/').at(-1) ?? ''
  exchange.counts.set(url.pathname, (exchange.counts.get(url.pathname) ?? 0) + 1)
  const broken = brokenBefore(exchange, endpoint)
  if (broken) return broken
  const recorded = exchange.recordings?.find(method, url.pathname, url.searchParams)
  if (recorded) return { status: recorded.status, body: recorded.body }
  const api = apis.find(({ prefix }) => url.pathname === prefix + endpoint)
  if (!api || method !== 'GET' || !Object.hasOwn(api.weights, endpoint)) return html(404, 'Not Found')
  const spent = exchange.budgets
    .get(api)!
    .spend(api.weights[endpoint]!, exchange.faults.budget ?? api.budget, exchange.now())
  const headers = { 'X-MBX-USED-WEIGHT': String(spent.used), 'X-MBX-USED-WEIGHT-1M': String(spent.used) }
  if (spent.verdict !== 'served') return { ...tooMany(exchange, spent), headers: { ...headers, ...retryAfter(spent) } }
  const { status, json } = answer(exchange, api, endpoint, url.searchParams)
  return { ...brokenAfter(exchange, endpoint, JSON.stringify(json)), status, headers }
}

function answer(exchange: LocalExchange, api: Api, endpoint: string, query: URLSearchParams): Answer {
  const now = exchange.now()
  const listed = exchange.series.filter(({ market }) => parseMarket(market).type === api.type)
  switch (endpoint) {
    case 'ping':
      return { status: 200, json: {} }
    case 'time':
      return { status: 200, json: { serverTime: now } }
    case 'exchangeInfo':
      return { status: 200, json: exchangeInfo(api, listed, now) }
    case 'klines':
      return klines(exchange, query, listed, now)
    default:
      return refused(-1000, `An unknown error occurred while processing the request: ${endpoint}`)
  }
}

function klines(exchange: LocalExchange, query: URLSearchParams, listed: readonly Series[], now: number): Answer {
  const read = readKlines(query, listed, now)
  if ('status' in read) return read
  const interval = query.get('interval') as Interval
  const lengthMs = intervalMs(interval)
  const key = `${read.series.market} ${query}`
  const given = exchange.given.get(key) ?? 0
  if (exchange.given.size >= remembered) exchange.given.clear()
  exchange.given.set(key, given + 1)
  const [open] = read.series.klines({ interval, from: alignDown(now, interval), to: now, limit: 1, now })
  const rows = spoilRows(exchange.faults, {
    rows: read.rows.map((kline) => klineRow(kline, lengthMs)),
    openRow: open && klineRow(open, lengthMs),
    given,
  })
  return { status: 200, json: rows }
}

function brokenBefore(exchange: LocalExchange, endpoint: string): Reply | undefined {
  const { faults } = exchange
  const limited = faults.take('429', endpoint)
  if (limited) return refusal(exchange, 'limited', limited.retryAfterSeconds ?? 1)
  const banned = faults.take('418', endpoint)
  if (banned) return refusal(exchange, 'banned', banned.retryAfterSeconds ?? 120)
  return faults.take('503', endpoint) ? html(503, 'Service Unavailable') : undefined
}

function brokenAfter({ faults }: LocalExchange, endpoint: string, body: string): Omit<Reply, 'status'> {
  if (faults.take('truncated', endpoint)) return { body, how: 'truncated' }
  if (faults.take('garbled', endpoint)) return { body: body.slice(0, Math.ceil(body.length / 2)) }
  const slow = faults.take('slow', endpoint)
  return slow ? { body, how: { slowMs: slow.delayMs ?? 30_000 } } : { body }
}

function refusal(exchange: LocalExchange, verdict: 'limited' | 'banned', retryAfterSeconds: number): Reply {
  const spent = { verdict, used: exchange.faults.budget ?? 6001, retryAfterSeconds }
  const headers = { 'X-MBX-USED-WEIGHT-1M': String(spent.used), ...retryAfter(spent) }
  return { ...tooMany(exchange, spent), headers }
}

type Refused = Exclude<Verdict, { verdict: 'served' }>

const retryAfter = (spent: Refused) => ({ 'Retry-After': String(spent.retryAfterSeconds) })

function tooMany(exchange: LocalExchange, spent: Refused): { readonly status: number; readonly body: string } {
  if (spent.verdict === 'limited') {
    const msg = 'Too many requests; current limit of IP is reached. Please use WebSocket Streams for live updates.'
    return { status: 429, body: JSON.stringify({ code: -1003, msg }) }
  }
  const until = exchange.now() + spent.retryAfterSeconds * 1000
  const msg = `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates.`
  return { status: 418, body: JSON.stringify({ code: -1003, msg }) }
}

const html = (status: number, words: string): Reply => ({
  status,
  body: `<html><head><title>${status} ${words}</title></head><body><center><h1>${status} ${words}</h1></center></body></html>`,
  headers: { 'Content-Type': 'text/html' },
})
