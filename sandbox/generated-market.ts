/** What a generated market looks like: its scale, its ticks, how lively it is. */

import { type MarketParts, parseMarket } from '../market/market.ts'
import { seedOf, uniformAt } from './seeded-noise.ts'

export interface MarketModel {
  readonly market: string
  readonly parts: MarketParts
  /** Spot and perpetual of one pair share the path of their price, so they stay together. */
  readonly pathSeed: number
  readonly ownSeed: number
  readonly price: number
  readonly priceDigits: number
  readonly amountDigits: number
  /** Usual amount a minute, in units of the last amount digit. */
  readonly minuteLots: number
  readonly tradeLots: number
  /** Deviation of the log price over a day. */
  readonly dailyMove: number
  /** The exchange lists it from here on (ms). */
  readonly listedAt: number
}

/** Dollars a coin, price digits, dollars traded a minute, daily move: orders of magnitude, not quotes. */
const coins: Record<string, readonly [price: number, digits: number, turnover: number, move: number]> = {
  BTC: [60_000, 2, 1_200_000, 0.024],
  ETH: [3_000, 2, 700_000, 0.031],
  SOL: [150, 2, 300_000, 0.042],
  BNB: [550, 2, 120_000, 0.028],
  XRP: [0.6, 4, 150_000, 0.04],
  DOGE: [0.12, 5, 120_000, 0.05],
  ADA: [0.45, 4, 60_000, 0.042],
}
const dollars = new Set(['USD', 'USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'DAI'])

const spotListedAt = Date.UTC(2017, 7, 17, 4)
const perpListedAt = Date.UTC(2019, 8, 8, 18)

/** The model of a market for a seed. Throws when `market` is not a canonical market. */
export function marketModel(market: string, seed: number): MarketModel {
  const parts = parseMarket(market)
  const isPerp = parts.type === 'perp'
  const [usd, digits, turnover, dailyMove] = coinScale(parts.base)
  const quoteUsd = dollars.has(parts.quote) ? 1 : coinScale(parts.quote)[0]
  const price = usd / quoteUsd
  const amountDigits = clamp(Math.floor(Math.log10(usd)) + 1, 0, 5)
  const lots = (dollarsAmount: number) => Math.max(1, Math.round((dollarsAmount / usd) * 10 ** amountDigits))
  return {
    market,
    parts,
    pathSeed: seedOf(`${seed}/${parts.base}/${parts.quote}`),
    ownSeed: seedOf(`${seed}/${market}`),
    price,
    priceDigits: quoteUsd === 1 ? digits : clamp(6 - Math.floor(Math.log10(price)), 2, 8),
    amountDigits,
    minuteLots: lots(isPerp ? turnover * 3 : turnover),
    tradeLots: lots(isPerp ? 2_500 : 900),
    dailyMove,
    listedAt: isPerp ? perpListedAt : spotListedAt,
  }
}

function coinScale(coin: string): readonly [price: number, digits: number, turnover: number, move: number] {
  const known = coins[coin]
  if (known) return known
  if (dollars.has(coin)) return [1, 4, 100_000, 0.001]
  const seed = seedOf(coin)
  const price = 10 ** (uniformAt(seed, 1) * 4 - 2)
  return [price, clamp(4 - Math.floor(Math.log10(price)), 2, 8), 20_000 + uniformAt(seed, 2) * 60_000, 0.05]
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
