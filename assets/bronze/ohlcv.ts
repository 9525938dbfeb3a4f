import type { Window } from '#pipeline'
import { defineAsset, every, meta, resource, sql, unique, warning } from '#pipeline'
import { BronzeCandle } from '../../market/candle.ts'
import type { Gap } from '../../market/gaps.ts'
import { gapsOf } from '../../market/gaps.ts'
import type { Interval } from '../../market/interval.ts'
import { intervalMs } from '../../market/interval.ts'
import type { CandlePage, Exchange, RawCandle } from '../../resources/exchange/port.ts'
import type { Scope } from '../scope.ts'

/** The exchange of a deployment. */
export const exchange = resource<Exchange>()

type Row = ReturnType<typeof BronzeCandle.parse>

/** Candles of Binance as Binance sent them: one call asks for many days, and each day is published when it is complete. */
export const bronzeBinanceOhlcv = (scope: Scope) =>
  defineAsset({
    name: 'bronze_binance_ohlcv',
    layer: 'bronze',
    kinds: ['rest'],
    description: 'Final candles as the exchange sent them: decimal text, nothing filled, with the time of receipt.',
    partitions: { date: scope.date, market: scope.market },
    range: 'date',
    rangeMax: 1_000,
    pool: 'binance',
    resources: { exchange },
    output: BronzeCandle,
    key: ['market', 'interval', 'open_time'],
    retry: { attempts: 4, backoff: '2s', most: '2m' },
    timeout: '2h',
    async *run({ partitions, published, resources: { exchange }, signal, log }) {
      const { market } = partitions[0]!
      const [start, end] = [partitions[0]!.date.start.getTime(), partitions.at(-1)!.date.end.getTime()]
      const series = await exchange.availability({ market, interval: scope.interval, signal })
      const days = daysOf(exchange.candles({ market, interval: scope.interval, start, end, signal }), partitions)
      for await (const { partition, candles, pages } of days) {
        const before = await published(partition)?.toArray()
        const merged = mergeRows(
          before ?? [],
          candles,
          { exchange: exchange.name, market, interval: scope.interval },
          pages,
        )
        if (merged.withdrawn > 0)
          log.warn('the exchange no longer sends candles that it sent before; they are kept', {
            market,
            withdrawn: merged.withdrawn,
          })
        const gaps = gapsBetween(merged.rows, partition.date, series, scope.interval)
        yield {
          partition,
          rows: merged.rows,
          metadata: {
            symbols: [market],
            fetched_from: pages.length > 0 ? meta.timestamp(Math.min(...pages.map((page) => page.receivedAt))) : null,
            fetched_to: pages.length > 0 ? meta.timestamp(Math.max(...pages.map((page) => page.receivedAt))) : null,
            // A page that covers several days is counted with the day in which it starts.
            requests: pages
              .filter((page) => page.start >= partition.date.start.getTime())
              .reduce((sum, page) => sum + page.requests, 0),
            conflicts: pages.reduce((sum, page) => sum + page.conflicts, 0),
            revisions: merged.revisions,
            withdrawn: merged.withdrawn,
            gaps: gaps.map(({ from, to, missing }) => ({ from, to, missing })),
            missing_candles: gaps.reduce((sum, gap) => sum + gap.missing, 0),
          },
        }
      }
    },
    checks: {
      'open time on the grid': (rows) => every(rows, sql`epoch_ms(open_time) % ${intervalMs(scope.interval)} = 0`),
      'one row a candle': (rows) => unique(rows, 'exchange', 'market', 'interval', 'open_time'),
      'final only': (rows) =>
        every(rows, sql`epoch_ms(received_at) >= epoch_ms(open_time) + ${intervalMs(scope.interval)}`),
      'open, high, low and close agree': (rows) =>
        warning(
          every(
            rows,
            sql`low::double <= least(open::double, close::double) and high::double >= greatest(open::double, close::double)`,
          ),
        ),
      'prices are positive': (rows) => warning(every(rows, sql`low::double > 0 and isfinite(high::double)`)),
      'volume is not negative': (rows) => warning(every(rows, sql`volume::double >= 0`)),
    },
  })

/** The candles of one partition, and the answers they came in. */
interface Day<P> {
  readonly partition: P
  readonly candles: readonly RawCandle[]
  readonly pages: readonly CandlePage[]
}

/** Pages cut into days, each handed on as soon as its last candle is there. Throws if the last day is not final yet. */
async function* daysOf<P extends { readonly date: Window<'day'>; readonly market: string }>(
  pages: AsyncIterable<CandlePage>,
  partitions: readonly P[],
): AsyncGenerator<Day<P>> {
  let next = 0
  let candles: RawCandle[] = []
  let held: CandlePage[] = []
  let until = 0
  for await (const page of pages) {
    candles.push(...page.candles)
    held.push(page)
    until = page.end
    for (
      let partition = partitions[next];
      partition && partition.date.end.getTime() <= until;
      partition = partitions[++next]
    ) {
      const end = partition.date.end.getTime()
      yield { partition, candles: candles.filter((candle) => candle.open_time < end), pages: held }
      candles = candles.filter((candle) => candle.open_time >= end)
      held = held.filter((one) => one.end > end)
    }
  }
  const open = partitions[next]
  if (!open) return
  const [got, expected] = [new Date(until).toISOString(), open.date.end.toISOString()]
  throw Object.assign(
    new Error(
      `candles of "${open.market}" are final until ${got}, expected ${expected}; the day is asked for again later`,
    ),
    { retryAfterMs: 60_000 },
  )
}

interface Merged {
  readonly rows: readonly Row[]
  /** Candles whose values differ from what the exchange said before. */
  readonly revisions: number
  /** Candles that it said before and does not say any more. */
  readonly withdrawn: number
}

/**
 * What was received now over what was received before. A candle that is said again as it was keeps the time at which it
 * was first received, so that asking again changes nothing; and no candle is ever lost.
 */
function mergeRows(
  before: readonly Row[],
  candles: readonly RawCandle[],
  source: { readonly exchange: string; readonly market: string; readonly interval: Interval },
  pages: readonly CandlePage[],
): Merged {
  const known = new Map(before.map((row) => [row.open_time, row]))
  const receivedAt = (candle: RawCandle) =>
    pages.find((page) => candle.open_time >= page.start && candle.open_time < page.end)!.receivedAt
  let revisions = 0
  const rows = candles.map((candle): Row => {
    const row: Row = { ...source, ...candle, received_at: receivedAt(candle) }
    const old = known.get(candle.open_time)
    known.delete(candle.open_time)
    if (!old) return row
    if (isSame(old, row)) return old
    revisions += 1
    return row
  })
  const all = [...rows, ...known.values()].sort((a, b) => a.open_time - b.open_time)
  return { rows: all, revisions, withdrawn: known.size }
}

const isSame = (a: Row, b: Row) =>
  (Object.keys(a) as (keyof Row)[]).every((column) => column === 'received_at' || a[column] === b[column])

/** Missing candles of a day, between the first and the last that the exchange has at all. */
function gapsBetween(
  rows: readonly Row[],
  day: Window<'day'>,
  series: { readonly first: number | undefined; readonly last: number | undefined },
  interval: Interval,
): readonly Gap[] {
  if (series.first === undefined || series.last === undefined) return []
  const start = Math.max(day.start.getTime(), series.first)
  const end = Math.min(day.end.getTime(), series.last + intervalMs(interval))
  return start >= end
    ? []
    : gapsOf(
        rows.map((row) => row.open_time),
        { start, end, interval },
      )
}
