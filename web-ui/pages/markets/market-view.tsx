/** One market and interval: its chart, the candle that is pointed at, and the same in tables. */

import { useCallback, useMemo, useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { Empty, Failure, Loading, Panel } from '../../kit/page.tsx'
import { CandleChart } from './candle-chart.tsx'
import { CandleLegend } from './candle-legend.tsx'
import { CandleTables } from './candle-tables.tsx'
import { precisionOf } from './chart-data.ts'
import type { Market } from './use-candles.ts'
import { useCandles } from './use-candles.ts'

export function MarketView({
  market,
  intervalMs,
  held,
  onHold,
}: {
  readonly market: Market
  readonly intervalMs: number
  /** An instant in ms. */
  readonly held: number | undefined
  readonly onHold: (at: number | undefined) => void
}) {
  // Where one began to look; what is held later moves nothing.
  const [around] = useState(held)
  const [pointed, setPointed] = useState<number>()
  const query = useCandles(market, intervalMs, around)
  const { data, fetchNextPage, fetchPreviousPage, hasNextPage, hasPreviousPage, isFetching } = query
  const byTime = useMemo(() => new Map(data?.candles.map((candle) => [candle.at, candle])), [data])
  const precision = useMemo(() => precisionOf(data?.candles ?? []), [data])
  const earlier = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])
  const later = useCallback(() => {
    if (hasPreviousPage && !isFetching) void fetchPreviousPage()
  }, [hasPreviousPage, isFetching, fetchPreviousPage])
  const hold = useCallback(
    (at: number | undefined) => onHold(at !== undefined && (at === held || !byTime.has(at)) ? undefined : at),
    [onHold, held, byTime],
  )

  if (data === undefined) {
    return query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <Loading />
  }
  if (data.candles.length === 0) {
    return (
      <Panel>
        <Empty title="No candles of this market yet">
          Nothing of {market.asset} is published for {market.market}; materialize it, and its candles are drawn here.
        </Empty>
      </Panel>
    )
  }
  const shown = byTime.get(held ?? pointed ?? Number.NaN) ?? data.candles.at(-1)!
  return (
    <>
      <Panel flush>
        <CandleLegend
          asset={market.asset}
          candle={shown}
          precision={precision}
          isHeld={held !== undefined && shown.at === held}
          onLetGo={() => onHold(undefined)}
        />
        <div className="relative">
          <CandleChart
            data={data}
            label={`Candles of ${market.market}, ${market.interval}`}
            held={held}
            onPoint={setPointed}
            onHold={hold}
            onEarlier={earlier}
            onLater={later}
          />
          {isFetching && (
            <span
              role="status"
              className="breathing absolute top-2 left-3 rounded bg-sunken px-2 py-0.5 text-xs text-ink-faint"
            >
              Reading candles…
            </span>
          )}
        </div>
        <Key hasEarlier={hasNextPage} onEarlier={earlier} />
      </Panel>
      <CandleTables data={data} asset={market.asset} held={held} onHold={onHold} />
    </>
  )
}

/** What the signs of the chart mean, and whose chart it is. */
function Key({ hasEarlier, onEarlier }: { readonly hasEarlier: boolean; readonly onEarlier: () => void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-xs text-ink-faint">
      <Sign className="bg-missing/20">gap, and how many candles it lacks</Sign>
      <Sign className="border border-stale-fill">incomplete candle</Sign>
      <span>Strip, by partition:</span>
      <Sign className="bg-fresh-fill">checks passed</Sign>
      <Sign className="bg-running-fill">revised</Sign>
      <Sign className="bg-failed-fill">a check failed</Sign>
      {hasEarlier && (
        <Button look="quiet" className="h-6! px-2! text-xs!" onClick={onEarlier}>
          Earlier candles
        </Button>
      )}
      <a
        href="https://www.tradingview.com/"
        target="_blank"
        rel="noreferrer"
        className="ml-auto hover:text-ink hover:underline"
      >
        Charts by TradingView Lightweight Charts™, © 2025 TradingView, Inc.
      </a>
    </div>
  )
}

function Sign({ className, children }: { readonly className: string; readonly children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={`inline-block size-2.5 rounded-sm ${className}`} />
      {children}
    </span>
  )
}
