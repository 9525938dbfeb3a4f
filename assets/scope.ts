import type { Dimension, Window } from '#pipeline'
import type { Interval } from '../market/interval.ts'

/** What a deployment collects: shared by all assets, so that their partitions are the same. */
export interface Scope {
  /** As it is written into every row: `binance`, or `sandbox-binance`. */
  readonly exchange: string
  /** Interval of the candles that are asked for. */
  readonly interval: Interval
  readonly date: Dimension<Window<'day'>>
  readonly month: Dimension<Window<'month'>>
  readonly market: Dimension<string>
}
