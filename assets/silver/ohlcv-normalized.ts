import { defineAsset, every, partitionOf, sql, unique, warning } from '#pipeline'
import { SilverCandle } from '../../market/candle.ts'
import { outlierLimit } from '../../market/candle-checks.ts'
import { intervalMs } from '../../market/interval.ts'
import type { bronzeBinanceOhlcv } from '../bronze/ohlcv.ts'
import type { Scope } from '../scope.ts'

/** Days that are younger than this must be there up to their last candle. */
const freshDays = 2

/** Candles in float64, one row each, validated and never filled. */
export const silverOhlcvNormalized = (scope: Scope, bronze: ReturnType<typeof bronzeBinanceOhlcv>) => {
  const partitions = { date: scope.date, market: scope.market }
  return defineAsset({
    name: 'silver_ohlcv_normalized',
    layer: 'silver',
    kinds: ['sql'],
    description: 'Candles cleaned, validated and deduplicated: float64, one row a candle, flags instead of repairs.',
    partitions,
    deps: { candles: bronze },
    output: SilverCandle,
    key: ['market', 'interval', 'open_time'],
    // Of two answers for one candle the newer counts, with its nulls: plain arg_max would fill them from the older one.
    run: ({ inputs }) => sql`
      with latest as (
        select exchange, market, interval, open_time, arg_max_null(columns(* exclude (exchange, market, interval, open_time)), received_at),
          count(*) as source_rows
        from ${inputs.candles} group by all
      ),
      typed as (
        select exchange, market, interval, open_time, open::double as open, high::double as high, low::double as low,
          close::double as close, volume::double as volume, quote_volume::double as quote_volume, trades,
          taker_buy_volume::double as taker_buy_volume, taker_buy_quote_volume::double as taker_buy_quote_volume, source_rows
        from latest
      )
      select * exclude (source_rows), open = high and high = low and low = close as is_flat, volume = 0 as is_zero_volume,
        abs(ln(close / open)) > ${outlierLimit(scope.interval)} as is_outlier, source_rows
      from typed`,
    checks: {
      'open, high, low and close agree': (rows) =>
        every(rows, sql`low <= least(open, close) and high >= greatest(open, close)`),
      'prices are positive': (rows) => every(rows, sql`low > 0 and isfinite(high)`),
      'volume is not negative': (rows) => every(rows, sql`volume >= 0`),
      'open time on the grid': (rows) => every(rows, sql`epoch_ms(open_time) % ${intervalMs(scope.interval)} = 0`),
      'one row a candle': (rows) => unique(rows, 'exchange', 'market', 'interval', 'open_time'),
      'quote volume fits prices': (rows) =>
        warning(
          every(
            rows,
            sql`quote_volume is null or quote_volume between low * volume * (1 - 1e-9) and high * volume * (1 + 1e-9)`,
          ),
        ),
      'candles with volume have a range': (rows) => warning(every(rows, sql`volume > 0 or is_flat`)),
      fresh: (rows, { key, now }) => {
        const { date } = partitionOf(partitions, key)
        const isYoung = now.getTime() - date.end.getTime() < freshDays * 86_400_000
        if (!isYoung) return { passed: true } as const
        const last = date.end.getTime() - intervalMs(scope.interval)
        return warning(every(rows, sql`(select max(epoch_ms(open_time)) from ${rows}) >= ${last}`))
      },
    },
  })
}
