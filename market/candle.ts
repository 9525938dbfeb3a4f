/** The shapes of candle tables: what the exchange said (bronze), what we trust (silver), what we build (resampled). */

import { z } from 'zod'
import { intervals } from './interval.ts'

const time = (description: string) => z.int().meta({ column: 'timestamp', description, unit: 'ms since 1970 UTC' })
const decimal = (description: string, unit: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .meta({ description, unit })
const float = (description: string, unit: string) => z.number().meta({ description, unit })
const flag = (description: string) => z.boolean().meta({ description })

const said = {
  open: 'price of the first trade',
  high: 'highest price',
  low: 'lowest price',
  close: 'price of the last trade',
  volume: 'amount traded',
  quote_volume: 'value traded',
  taker_buy_volume: 'amount bought by takers',
  taker_buy_quote_volume: 'value bought by takers',
} as const

const key = {
  exchange: z.string().meta({ description: 'exchange, "sandbox-…" when the sandbox made it' }),
  market: z.string().meta({ description: 'canonical market: BTC-USDT is spot, BTC-USDT-PERP a linear perpetual' }),
  interval: z.enum(intervals).meta({ description: 'length of the candle' }),
  open_time: time('start of the candle, part of it'),
}
const trades = z.int().nullable().meta({ description: 'number of trades, null if the exchange does not say' })

const numbers = {
  ...key,
  open: float(said.open, 'quote per base'),
  high: float(said.high, 'quote per base'),
  low: float(said.low, 'quote per base'),
  close: float(said.close, 'quote per base'),
  volume: float(said.volume, 'base'),
  quote_volume: float(said.quote_volume, 'quote').nullable(),
  trades,
  taker_buy_volume: float(said.taker_buy_volume, 'base').nullable(),
  taker_buy_quote_volume: float(said.taker_buy_quote_volume, 'quote').nullable(),
}

/** A candle exactly as the exchange sent it: decimal text, null for what it does not give. */
export const BronzeCandle = z.strictObject({
  ...key,
  open: decimal(said.open, 'quote per base'),
  high: decimal(said.high, 'quote per base'),
  low: decimal(said.low, 'quote per base'),
  close: decimal(said.close, 'quote per base'),
  volume: decimal(said.volume, 'base'),
  quote_volume: decimal(said.quote_volume, 'quote').nullable(),
  trades,
  taker_buy_volume: decimal(said.taker_buy_volume, 'base').nullable(),
  taker_buy_quote_volume: decimal(said.taker_buy_quote_volume, 'quote').nullable(),
  received_at: time('when we received it, by our own clock'),
})
export type BronzeCandle = z.output<typeof BronzeCandle>

/** A candle of numbers, one for each open time; marked, never repaired. */
export const SilverCandle = z.strictObject({
  ...numbers,
  is_flat: flag('open, high, low and close are equal'),
  is_zero_volume: flag('nothing was traded'),
  is_outlier: flag('moved more than 0.2 in log price (0.2 × √hours above 1h): look twice, it may be real'),
  source_rows: z.int().min(1).meta({ description: 'bronze rows that had this open time', unit: 'rows' }),
})
export type SilverCandle = z.output<typeof SilverCandle>

/** A candle made from shorter ones. */
export const ResampledCandle = z.strictObject({
  ...numbers,
  n_source: z.int().min(1).meta({ description: 'shorter candles it was made from', unit: 'candles' }),
  complete: flag('every shorter candle of its span was there'),
})
export type ResampledCandle = z.output<typeof ResampledCandle>
