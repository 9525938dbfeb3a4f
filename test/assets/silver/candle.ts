import type { BronzeCandle, SilverCandle } from '../../../market/candle.ts'
import { day, minute } from '../scope.ts'

/** A bronze candle of the minute `index` of the day. */
export const said = (index: number, of: Partial<BronzeCandle> = {}): BronzeCandle => ({
  ...{ exchange: 'test', market: 'BTC-USDT', interval: '1m', open_time: day + index * minute },
  ...{ open: '100.10', high: '102', low: '99.5', close: '101', volume: '2.5', quote_volume: '250.75', trades: 3 },
  ...{ taker_buy_volume: '1', taker_buy_quote_volume: null, received_at: day + 1_500 * minute },
  ...of,
})

/** The same as silver has it. */
export const clean = (index: number, of: Partial<SilverCandle> = {}): SilverCandle => ({
  ...{ exchange: 'test', market: 'BTC-USDT', interval: '1m', open_time: day + index * minute },
  ...{ open: 100.1, high: 102, low: 99.5, close: 101, volume: 2.5, quote_volume: 250.75, trades: 3 },
  ...{ taker_buy_volume: 1, taker_buy_quote_volume: null },
  ...{ is_flat: false, is_zero_volume: false, is_outlier: false, source_rows: 1 },
  ...of,
})
