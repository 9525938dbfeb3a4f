/** The port for any exchange that ccxt knows; what is particular to one is data in `plugins/`. */

import { firstNotFinal } from '../../market/finality.ts'
import type { Interval } from '../../market/interval.ts'
import type { MarketType } from '../../market/market.ts'
import { type Budgets, type Call, caller } from './caller.ts'
import { type CcxtClient, openCcxt } from './ccxt.ts'
import { type ListedMarket, marketList, untilAborted } from './ccxt-markets.ts'
import { exchangeClock } from './exchange-clock.ts'
import { isoTime, type PagePlan, type PageRows, planPages, readPage } from './pager.ts'
import { type CandleAsk, type CandlePage, type Exchange, ExchangeError, type RawCandle } from './port.ts'
import type { OpenBucket } from './rate-limit.ts'
import { isProblem, type RowFormat, type RowProblem, readRow } from './raw-candle.ts'
import { type RetrySettings, usualRetries } from './resilience.ts'

/** An exchange as data. */
export interface CcxtQuirks {
  readonly id: string
  readonly className: string
  /** ccxt's options, such as which kinds of market to load. */
  readonly options: Readonly<Record<string, unknown>>
  readonly marketTypes: readonly MarketType[]
  readonly intervals: readonly Interval[]
  /** The most candles that one request gives. */
  readonly pageLimit: number
  readonly rows: RowFormat
  /** One budget for each type of market, where the exchange counts them apart. */
  readonly budgets: Budgets
}

export interface CcxtExchangeOptions {
  readonly name: string
  readonly baseUrl?: string | undefined
  /** How long one request may take, its body included. */
  readonly timeoutMs?: number | undefined
  readonly retry?: Partial<RetrySettings> | undefined
  readonly now?: (() => number) | undefined
  readonly bucket?: OpenBucket | undefined
}

interface CandleQuery {
  readonly listed: ListedMarket
  readonly interval: Interval
  readonly signal: AbortSignal
  readonly since: number | undefined
  readonly limit: number
  readonly until?: number
  readonly tally?: { sent: number }
}

const usualTimeoutMs = 10_000
// However short the interval, one of this many newest candles is past its grace time.
/** How long the known extent of a series is good for. */
const extentMs = 60_000

interface Extent {
  readonly first: number | undefined
  readonly last: number | undefined
  readonly askedAt: number
}

const newestRows = 5
const never = new AbortController().signal

/** Opens an exchange; nothing is sent before the first question. */
export async function ccxtExchange(quirks: CcxtQuirks, options: CcxtExchangeOptions): Promise<Exchange> {
  const { name, timeoutMs = usualTimeoutMs, now = Date.now } = options
  const { intervals, pageLimit, marketTypes, budgets } = quirks
  const client = await openCcxt({ ...quirks, baseUrl: options.baseUrl, timeoutMs })
  const calls = caller({
    client,
    exchange: name,
    budgets,
    bucket: options.bucket,
    timeoutMs,
    retry: { ...usualRetries, ...options.retry },
    now,
  })
  const clock = exchangeClock({
    now,
    ask: () => calls.once(timeCall(name, marketTypes)),
    isFatal: (error) => error instanceof ExchangeError && error.fault === 'clock',
  })
  // True always: ccxt never forgets a first load that failed.
  const marketsCall: Call<unknown> = {
    endpoint: 'markets',
    types: marketTypes,
    expected: 'the list of markets',
    signal: never,
    ask: (on) => on.loadMarkets(true),
  }
  const markets = marketList({ exchange: name, types: marketTypes, client, now, load: () => calls.send(marketsCall) })

  async function notFinalFrom(interval: Interval, signal: AbortSignal): Promise<number> {
    return firstNotFinal(interval, await untilAborted(clock.read(), signal))
  }

  async function known(ask: { market: string; interval: Interval; signal: AbortSignal }): Promise<ListedMarket> {
    if (!intervals.includes(ask.interval)) throw badInterval(name, ask, intervals)
    return markets.find(ask.market, ask.signal)
  }

  function rows<T>(query: CandleQuery, read: (candles: readonly RawCandle[]) => T | RowProblem): Promise<T> {
    const { listed, interval, signal, since, limit, until, tally } = query
    const { market, symbol, type } = listed
    const where = { exchange: name, endpoint: 'candles', market } as const
    return calls.send({
      ...where,
      types: [type],
      limit,
      expected: `${limit} candles of ${interval}${since === undefined ? '' : ` from ${isoTime(since)}`}`,
      signal,
      ...(tally ? { tally } : {}),
      ask: async (on) => {
        const sent = await on.fetchOHLCV(symbol, interval, since, limit, until === undefined ? {} : { until })
        const candles: RawCandle[] = []
        for (const row of sent) {
          const candle = readRow(row, quirks.rows)
          if (isProblem(candle)) throw new ExchangeError({ ...where, fault: 'bad-response', ...candle })
          candles.push(candle)
        }
        const value = read(candles)
        if (isRowProblem(value)) throw new ExchangeError({ ...where, fault: 'bad-response', ...value })
        return value
      },
    })
  }

  async function page(ask: CandleAsk, listed: ListedMarket, plan: PagePlan, notFinal: number): Promise<CandlePage> {
    const { interval, signal } = ask
    const tally = { sent: 0 }
    const query = { listed, interval, signal, since: plan.start, limit: plan.limit, until: plan.last, tally }
    const { candles, conflicts } = await rows<PageRows>(query, (sent) => readPage(sent, plan, { interval, notFinal }))
    return { start: plan.start, end: plan.end, candles, receivedAt: now(), requests: tally.sent, conflicts }
  }

  const extents = new Map<string, Extent>()

  // Where a series begins does not change, and where it ends moves one candle at a time: readers that follow one
  // another ask once.
  async function availability(ask: { market: string; interval: Interval; signal: AbortSignal }) {
    const { market, interval, signal } = ask
    const key = `${market} ${interval}`
    const before = extents.get(key)
    if (before && now() - before.askedAt < extentMs) return { first: before.first, last: before.last }
    const listed = await known(ask)
    const notFinal = await notFinalFrom(interval, signal)
    const final = (candles: readonly RawCandle[]) =>
      candles.map((candle) => candle.open_time).filter((at) => at < notFinal)
    const first = before?.first ?? (await rows({ listed, interval, signal, since: 0, limit: 1 }, final))[0]
    const newest = await rows({ listed, interval, signal, since: undefined, limit: newestRows }, final)
    const last = first === undefined ? undefined : Math.max(first, ...newest)
    extents.set(key, { first, last, askedAt: now() })
    return { first, last }
  }

  return {
    name,
    capabilities: { candles: { intervals, pageLimit } },
    markets: async (signal) =>
      (await markets.all(signal)).map(({ market, active, type }) => ({ market, active, type })),
    availability,
    async *candles(ask) {
      const listed = await known(ask)
      const notFinal = await notFinalFrom(ask.interval, ask.signal)
      const end = Math.min(ask.end, notFinal)
      // In turn on purpose: a page is what the reader has room for, and pages must come in order.
      for (const plan of planPages({ start: ask.start, end, interval: ask.interval, pageLimit })) {
        yield await page(ask, listed, plan, notFinal)
      }
    },
    requests: () => ({ ...calls.counts }),
    close: async () => {
      calls.stop()
      await client.close()
    },
  }
}

function timeCall(exchange: string, types: readonly MarketType[]): Call<number> {
  const expected = 'the time in ms since 1970'
  return {
    endpoint: 'time',
    types: types.slice(0, 1),
    expected,
    signal: never,
    ask: async (client: CcxtClient) => {
      const time = await client.fetchTime()
      if (typeof time === 'number' && time > 1e12 && time < 1e13) return time
      throw new ExchangeError({ fault: 'clock', exchange, endpoint: 'time', expected, got: String(time) })
    },
  }
}

function badInterval(
  exchange: string,
  { market, interval }: { market: string; interval: string },
  intervals: readonly Interval[],
): ExchangeError {
  const expected = `an interval of ${intervals.join(', ')}`
  return new ExchangeError({
    fault: 'bad-request',
    exchange,
    endpoint: 'candles',
    market,
    expected,
    got: `"${interval}"`,
  })
}

const isRowProblem = (value: unknown): value is RowProblem =>
  typeof value === 'object' && value !== null && 'expected' in value && 'got' in value
