import { z } from 'zod'
import { allOf, defineAsset, every, keyed, optional, sql, unique, within } from '#pipeline'
import { ResampledCandle } from '../../market/candle.ts'
import type { Interval } from '../../market/interval.ts'
import { intervalsAbove } from '../../market/interval.ts'
import type { Scope } from '../scope.ts'
import type { silverOhlcvNormalized } from '../silver/ohlcv-normalized.ts'
import type { silverOhlcvResampled } from '../silver/ohlcv-resampled.ts'

/** The rows of the published dataset. */
export const DatasetCandle = z.strictObject(ResampledCandle.shape)

/** The published dataset: one file for each exchange, interval and month, of all markets. */
export function goldHuggingfaceOhlcv(
  scope: Scope,
  normalized: ReturnType<typeof silverOhlcvNormalized>,
  resampled: ReturnType<typeof silverOhlcvResampled>,
) {
  const intervals: readonly Interval[] = [scope.interval, ...intervalsAbove(scope.interval)]
  return defineAsset({
    name: 'gold_huggingface_ohlcv',
    layer: 'gold',
    kinds: ['sql', 'dataset'],
    description: 'The dataset as it is published: candles of all markets by exchange, interval and month.',
    partitions: { exchange: keyed([scope.exchange]), interval: keyed(intervals), month: scope.month },
    // A market that failed must not keep the others from being published; what is absent is in the metadata.
    deps: {
      base: optional(within(allOf(normalized, 'market'), 'date', 'month')),
      coarse: optional(within(allOf(resampled, 'market'), 'date', 'month')),
    },
    output: DatasetCandle,
    key: ['market', 'open_time'],
    run: ({ inputs, partition }) =>
      partition.interval === scope.interval
        ? sql`select exchange, market, interval, open_time, open, high, low, close, volume, quote_volume, trades,
                taker_buy_volume, taker_buy_quote_volume, 1 as n_source, true as complete
              from ${inputs.base} where exchange = ${partition.exchange}`
        : sql`select * from ${inputs.coarse} where exchange = ${partition.exchange} and interval = ${partition.interval}`,
    checks: {
      'one row a candle': (rows) => unique(rows, 'exchange', 'market', 'interval', 'open_time'),
      'prices are positive': (rows) => every(rows, sql`low > 0 and isfinite(high)`),
    },
  })
}
