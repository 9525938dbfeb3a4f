/** Candles of a generated market, at any time and interval; longer ones are the sum of the minutes of the same market. */

import { alignDown, alignUp, intervalMs } from '../market/interval.ts'
import { type GeneratedDay, generateDay } from './generated-day.ts'
import { type MarketModel, marketModel } from './generated-market.ts'
import { decimalText, type Kline, type KlineAsk, type Series } from './series.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const keptDays = 48

/** A candle in whole ticks and lots. */
interface Units {
  open: number
  high: number
  low: number
  close: number
  lots: number
  value: bigint
  trades: number
  takerLots: number
  takerValue: bigint
}

/** The candles of `market` for `seed`: the same seed gives the same candles, in any order of asking. */
export function generatedSeries(market: string, seed: number): Series {
  const model = marketModel(market, seed)
  const dayOf = daysOf(model)
  return {
    market,
    digits: { price: model.priceDigits, amount: model.amountDigits },
    klines: (ask) => openTimesOf(ask, model.listedAt).map((at) => klineAt(model, dayOf, at, ask)),
  }
}

function openTimesOf(ask: KlineAsk, listedAt: number): readonly number[] {
  const step = intervalMs(ask.interval)
  const first = Math.max(alignDown(listedAt, ask.interval), alignUp(ask.from ?? 0, ask.interval))
  const last = alignDown(Math.min(ask.to, ask.now), ask.interval)
  const count = Math.min(ask.limit, Math.max(0, (last - first) / step + 1))
  const start = ask.from === undefined ? last - (count - 1) * step : first
  return Array.from({ length: count }, (_, i) => start + i * step)
}

function klineAt(model: MarketModel, dayOf: (day: number) => GeneratedDay, at: number, ask: KlineAsk): Kline {
  const from = Math.max(at, model.listedAt)
  const to = Math.min(at + intervalMs(ask.interval), ask.now + 1)
  return written(model, at, sumOf(dayOf(Math.floor(at / dayMs)), from, to))
}

function sumOf(day: GeneratedDay, from: number, to: number): Units {
  const sum = { open: 0, high: 0, low: Number.MAX_VALUE, close: 0, lots: 0, trades: 0, takerLots: 0 }
  let value = 0n
  let takerValue = 0n
  for (let at = from; at < to; at += minuteMs) {
    const minute = (at % dayMs) / minuteMs
    const part = Math.min(1, (to - at) / minuteMs)
    const lots = Math.max(1, Math.floor(day.lots[minute]! * part))
    const takerLots = Math.floor(day.takerLots[minute]! * part)
    const close = part === 1 ? day.edges[minute + 1]! : closeSoFar(day, minute, part)
    if (at === from) sum.open = day.edges[minute]!
    sum.high = Math.max(sum.high, day.high[minute]!)
    sum.low = Math.min(sum.low, day.low[minute]!)
    sum.close = close
    sum.lots += lots
    sum.trades += Math.max(1, Math.floor(day.trades[minute]! * part))
    sum.takerLots += takerLots
    value += BigInt(day.mean[minute]! * lots)
    takerValue += BigInt(day.mean[minute]! * takerLots)
  }
  return { ...sum, value, takerValue }
}

const closeSoFar = (day: GeneratedDay, minute: number, part: number): number =>
  Math.round(day.edges[minute]! + (day.edges[minute + 1]! - day.edges[minute]!) * part)

// Binance pads spot to eight decimals and writes contracts as short as their tick.
function written(model: MarketModel, openTime: number, units: Units): Kline {
  const { priceDigits, amountDigits } = model
  const shown = model.parts.type === 'spot' ? 8 : undefined
  const price = (ticks: number) => decimalText(ticks, priceDigits, shown)
  const amount = (lots: number) => decimalText(lots, amountDigits, shown)
  const value = (worth: bigint) => decimalText(worth, priceDigits + amountDigits, shown)
  return {
    openTime,
    open: price(units.open),
    high: price(units.high),
    low: price(units.low),
    close: price(units.close),
    volume: amount(units.lots),
    quoteVolume: value(units.value),
    trades: units.trades,
    takerBuyVolume: amount(units.takerLots),
    takerBuyQuoteVolume: value(units.takerValue),
  }
}

// Days are remade at will; the newest few are kept because requests come in order.
function daysOf(model: MarketModel): (day: number) => GeneratedDay {
  const kept = new Map<number, GeneratedDay>()
  return (day) => {
    const known = kept.get(day)
    if (known) return known
    const made = generateDay(model, day)
    kept.set(day, made)
    if (kept.size > keptDays) kept.delete(kept.keys().next().value!)
    return made
  }
}
