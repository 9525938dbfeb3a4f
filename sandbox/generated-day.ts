/**
 * One generated day: 1,440 one-minute candles in whole ticks and lots, so that sums are exact. Only the seed and the day
 * decide it. The price of each midnight comes from slow waves; between two midnights a bridge is drawn by halving.
 */

import type { MarketModel } from './generated-market.ts'
import { bellAt, uniformAt, waveAt } from './seeded-noise.ts'

export const minutesADay = 1440

export interface GeneratedDay {
  /** Price in ticks at each minute's start, and at the end of the day: a minute opens where the last one closed. */
  readonly edges: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly lots: Float64Array
  /** The mean price in ticks, between low and high. */
  readonly mean: Float64Array
  readonly trades: Float64Array
  readonly takerLots: Float64Array
}

/** The day number `day` since 1970 of a market. */
export function generateDay(model: MarketModel, day: number): GeneratedDay {
  const variance = varianceOf(model, day)
  const edges = pathOf(model, day, variance)
  const made: GeneratedDay = {
    edges,
    high: new Float64Array(minutesADay),
    low: new Float64Array(minutesADay),
    lots: new Float64Array(minutesADay),
    mean: new Float64Array(minutesADay),
    trades: new Float64Array(minutesADay),
    takerLots: new Float64Array(minutesADay),
  }
  for (let minute = 0; minute < minutesADay; minute++) fillMinute(model, day, minute, made, variance)
  return made
}

function fillMinute(model: MarketModel, day: number, minute: number, made: GeneratedDay, variance: Float64Array): void {
  const { ownSeed } = model
  const place = (day * minutesADay + minute) * 8
  const open = made.edges[minute]!
  const close = made.edges[minute + 1]!
  const usual = Math.sqrt(variance[minute + 1]! - variance[minute]!)
  const reach = usual * open * 0.7
  const high = Math.max(open, close) + Math.floor(Math.abs(bellAt(ownSeed, place)) * reach)
  const low = Math.max(1, Math.min(open, close) - Math.floor(Math.abs(bellAt(ownSeed, place + 1)) * reach))
  const stir = 0.5 + Math.abs(Math.log(close / open)) / usual
  const lots = Math.max(
    1,
    Math.round(model.minuteLots * season(minute) * stir * Math.exp(bellAt(ownSeed, place + 2) * 0.6)),
  )
  const lean = close > open ? 0.08 : close < open ? -0.08 : 0
  made.high[minute] = high
  made.low[minute] = low
  made.lots[minute] = lots
  made.mean[minute] = low + Math.round((high - low) * (0.25 + 0.5 * uniformAt(ownSeed, place + 3)))
  made.trades[minute] = Math.max(
    1,
    Math.min(lots, Math.round((lots / model.tradeLots) * (0.7 + uniformAt(ownSeed, place + 4)))),
  )
  made.takerLots[minute] = Math.round(lots * (0.5 + lean + 0.3 * (uniformAt(ownSeed, place + 5) - 0.5)))
}

// Prefix sums: the variance of the log price from midnight to each minute. Calm and wild times come in stretches.
function varianceOf(model: MarketModel, day: number): Float64Array {
  const mood = 0.35 * (waveAt(model.pathSeed ^ 11, day, 5) + waveAt(model.pathSeed ^ 12, day, 37))
  const minuteVariance = (model.dailyMove * Math.exp(mood)) ** 2 / minutesADay
  const sums = new Float64Array(minutesADay + 1)
  let factor = 1
  for (let minute = 0; minute < minutesADay; minute++) {
    if (minute % 10 === 0) {
      factor = season(minute) * Math.exp(0.8 * waveAt(model.pathSeed ^ 13, day * minutesADay + minute, 90))
    }
    sums[minute + 1] = sums[minute]! + minuteVariance * factor
  }
  return sums
}

// Europe's morning and America's opening are the liveliest, the hours after midnight UTC the quietest.
function season(minute: number): number {
  const hour = minute / 60
  return 0.55 + 0.5 * Math.exp(-(((hour - 8) / 2.5) ** 2)) + 1.1 * Math.exp(-(((hour - 14.5) / 3) ** 2))
}

function pathOf(model: MarketModel, day: number, variance: Float64Array): Float64Array {
  const path = new Float64Array(minutesADay + 1)
  path[0] = midnight(model, day)
  path[minutesADay] = midnight(model, day + 1)
  bridge(path, variance, model.pathSeed ^ 17, day * 4096, 0, minutesADay)
  const scale = model.price * 10 ** model.priceDigits
  const isPerp = model.parts.type === 'perp'
  for (let minute = 0; minute <= minutesADay; minute++) {
    const basis = isPerp ? basisAt(model, day * minutesADay + minute) : 0
    path[minute] = Math.max(1, Math.round(scale * Math.exp(path[minute]! + basis)))
  }
  return path
}

// Brownian bridge: the middle is where the variances say, plus noise of what is left between the two ends.
function bridge(
  path: Float64Array,
  variance: Float64Array,
  seed: number,
  place: number,
  from: number,
  to: number,
): void {
  if (to - from < 2) return
  const middle = (from + to) >> 1
  const whole = variance[to]! - variance[from]!
  const left = variance[middle]! - variance[from]!
  const noise = bellAt(seed, place + middle) * Math.sqrt((left * (whole - left)) / whole)
  path[middle] = path[from]! + ((path[to]! - path[from]!) * left) / whole + noise
  bridge(path, variance, seed, place, from, middle)
  bridge(path, variance, seed, place, middle, to)
}

// Waves of 1 to 2,048 days whose size grows with the root of their length walk like a price does.
function midnight(model: MarketModel, day: number): number {
  let level = 0
  for (let octave = 0; octave < 12; octave++) {
    level += model.dailyMove * 0.5 * Math.sqrt(2 ** octave) * waveAt(model.pathSeed + octave, day, 2 ** octave)
  }
  return level
}

// A few basis points over or under spot, drifting within hours.
const basisAt = (model: MarketModel, minute: number): number =>
  0.0002 + 0.0002 * waveAt(model.ownSeed ^ 19, minute, 480) + 0.00005 * waveAt(model.ownSeed ^ 23, minute, 7)
