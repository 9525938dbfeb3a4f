import type { Sql } from '#pipeline'
import { defineAsset, every, sql, unique } from '#pipeline'
import { ResampledCandle } from '../../market/candle.ts'
import { intervalMs, intervalsAbove } from '../../market/interval.ts'
import type { Scope } from '../scope.ts'
import type { silverOhlcvNormalized } from './ohlcv-normalized.ts'

/**
 * Coarser candles out of fine ones. Sums are compensated and in order of time, so that the same candles give the same
 * bytes. A bucket with a candle missing is there, and says so.
 */
export const silverOhlcvResampled = (scope: Scope, normalized: ReturnType<typeof silverOhlcvNormalized>) =>
  defineAsset({
    name: 'silver_ohlcv_resampled',
    layer: 'silver',
    kinds: ['sql'],
    description:
      'Candles of 5m, 15m, 1h, 4h and 1d, as far as they are coarser than what is collected, with completeness.',
    partitions: { date: scope.date, market: scope.market },
    deps: { candles: normalized },
    output: ResampledCandle,
    key: ['market', 'interval', 'open_time'],
    run: ({ inputs }) => sql`
      with target(name, ms) as (values ${targets(scope)})
      select exchange, market, target.name as interval,
        make_timestamp_ms(epoch_ms(open_time) // target.ms * target.ms) as open_time,
        arg_min(open, open_time) as open, max(high) as high, min(low) as low, arg_max(close, open_time) as close,
        fsum(volume order by open_time) as volume, ${sumIfWhole('quote_volume')}, ${sumIfWhole('trades')},
        ${sumIfWhole('taker_buy_volume')}, ${sumIfWhole('taker_buy_quote_volume')},
        count(*) as n_source, count(*) = any_value(target.ms) // ${intervalMs(scope.interval)} as complete
      from ${inputs.candles}, target
      group by exchange, market, target.name, target.ms, epoch_ms(open_time) // target.ms`,
    checks: {
      'one row a candle': (rows) => unique(rows, 'exchange', 'market', 'interval', 'open_time'),
      'open, high, low and close agree': (rows) =>
        every(rows, sql`low <= least(open, close) and high >= greatest(open, close)`),
      'never more than complete': (rows) => every(rows, sql`n_source >= 1`),
    },
  })

function targets(scope: Scope): Sql<unknown> {
  const rows = intervalsAbove(scope.interval).map((interval) => sql`(${interval}, ${intervalMs(interval)}::bigint)`)
  return { kind: 'sql', text: ['', ...rows.slice(1).map(() => ', '), ''], values: rows }
}

/** A sum is null where a part of it is: a total of what happens to be known is no total. */
function sumIfWhole(column: string): Sql<unknown> {
  const name = { column }
  const sum = column === 'trades' ? sql`sum(${name})` : sql`fsum(${name} order by open_time)`
  return sql`case when count(${name}) = count(*) then ${sum} end as ${name}`
}
