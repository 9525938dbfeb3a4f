/** An exchange's markets under our names, loaded once in a while and again after a failure. */

import { nearest } from '#pipeline'
import { isMarket, type MarketType, nearestMarket, parseMarket } from '../../market/market.ts'
import type { CcxtClient, CcxtMarket } from './ccxt.ts'
import { ExchangeError, type ExchangeMarket } from './port.ts'

export interface ListedMarket extends ExchangeMarket {
  /** ccxt's own name of it. */
  readonly symbol: string
}

export interface MarketList {
  all(signal: AbortSignal): Promise<readonly ListedMarket[]>
  /** Throws an ExchangeError `bad-market` that names the nearest listed market. */
  find(market: string, signal: AbortSignal): Promise<ListedMarket>
}

const freshMs = 300_000

/** `load` makes ccxt fetch its markets; it is never asked twice at a time. */
export function marketList(on: {
  readonly exchange: string
  readonly types: readonly MarketType[]
  readonly client: CcxtClient
  readonly load: () => Promise<unknown>
  readonly now: () => number
}): MarketList {
  let loaded: { readonly at: number; readonly byName: ReadonlyMap<string, ListedMarket> } | undefined
  let loading: Promise<unknown> | undefined

  // The load belongs to all who wait for it, so one who stops waiting does not stop it.
  async function list(signal: AbortSignal, oldestMs: number): Promise<ReadonlyMap<string, ListedMarket>> {
    if (loaded && on.now() - loaded.at < oldestMs) return loaded.byName
    loading ??= on
      .load()
      .then(() => {
        const markets = Object.values(on.client.markets ?? {}).flatMap((market) => listedMarket(market, on.types))
        loaded = { at: on.now(), byName: new Map(markets.map((market) => [market.market, market])) }
      })
      .finally(() => {
        loading = undefined
      })
    await untilAborted(loading, signal)
    return loaded!.byName
  }

  return {
    all: async (signal) => [...(await list(signal, freshMs)).values()],
    find: async (market, signal) => {
      const known = (await list(signal, Number.POSITIVE_INFINITY)).get(market)
      if (known) return known
      const byName = await list(signal, freshMs)
      return byName.get(market) ?? refuse(on.exchange, market, byName)
    },
  }
}

function refuse(exchange: string, market: string, listed: ReadonlyMap<string, ListedMarket>): never {
  const meant = nearestMarket(market)
  const near = meant && listed.has(meant) ? meant : nearest(market, listed.keys())
  const got = isMarket(market) ? `"${market}", which is not listed` : `"${market}", which is no market's name`
  throw new ExchangeError({
    fault: 'bad-market',
    exchange,
    endpoint: 'markets',
    market,
    expected: 'a listed market such as "BTC-USDT" or "BTC-USDT-PERP"',
    got: near ? `${got} (did you mean "${near}"?)` : got,
  })
}

// What has no canonical name yet (dated futures, inverse contracts, coins with other letters) is left out.
function listedMarket(market: CcxtMarket, types: readonly MarketType[]): readonly ListedMarket[] {
  const { base, quote, settle, symbol, active } = market
  const isPerp = market.type === 'swap' && market.linear === true && settle === quote
  if (!isPerp && market.type !== 'spot') return []
  const name = isPerp ? `${base}-${quote}-PERP` : `${base}-${quote}`
  if (!isMarket(name)) return []
  const { type } = parseMarket(name)
  return types.includes(type) ? [{ market: name, type, active: active !== false, symbol }] : []
}

/** Waits for `promise` no longer than `signal` allows; the promise itself goes on. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
