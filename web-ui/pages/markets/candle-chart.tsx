/** Candles, volume and the quality of partitions below each other, over one axis of time in UTC. */

import type { IChartApi, ISeriesApi, ISeriesMarkersPluginApi, Time } from 'lightweight-charts'
import {
  CandlestickSeries,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineStyle,
} from 'lightweight-charts'
import { memo, useEffect, useRef } from 'react'
import { utcMinute } from '../../kit/format.ts'
import { colour, useTheme } from '../../shell/theme.ts'
import { pointsOf, precisionOf, seconds } from './chart-data.ts'
import type { Candles } from './use-candles.ts'

/** Bars beyond what is loaded that ask for more. */
const nearEnd = 60

interface Drawn {
  readonly chart: IChartApi
  readonly prices: ISeriesApi<'Candlestick'>
  readonly volumes: ISeriesApi<'Histogram'>
  readonly gaps: ISeriesApi<'Histogram'>
  readonly quality: ISeriesApi<'Histogram'>
  readonly markers: ISeriesMarkersPluginApi<Time>
}

interface Given {
  readonly data: Candles
  readonly label: string
  /** The candle to keep the crosshair on. */
  readonly held: number | undefined
  /** An instant in ms, or nothing where the pointer is on no candle. */
  readonly onPoint: (at: number | undefined) => void
  readonly onHold: (at: number | undefined) => void
  readonly onEarlier: () => void
  readonly onLater: () => void
}

export const CandleChart = memo(function CandleChart(given: Given) {
  const { data, label, held, onHold } = given
  const box = useRef<HTMLDivElement>(null)
  const drawn = useRef<Drawn | undefined>(undefined)
  const shown = useRef<Candles | undefined>(undefined)
  const newest = useRef(given)
  newest.current = given
  const theme = useTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas does not follow the theme by itself
  useEffect(() => {
    const made = draw(box.current!)
    drawn.current = made
    show(made, newest.current.data)
    shown.current = newest.current.data
    const { chart } = made
    const around = newest.current.held
    if (around !== undefined) lookAt(chart, newest.current.data, around)
    else chart.timeScale().scrollToPosition(4, false)
    chart.subscribeCrosshairMove(({ time }) =>
      newest.current.onPoint(time === undefined ? undefined : Number(time) * 1_000),
    )
    chart.subscribeClick(({ time }) => newest.current.onHold(time === undefined ? undefined : Number(time) * 1_000))
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null) return
      if (range.from < nearEnd) newest.current.onEarlier()
      if (range.to > made.prices.data().length - nearEnd) newest.current.onLater()
    })
    return () => {
      drawn.current = undefined
      chart.remove()
    }
  }, [theme])

  useEffect(() => {
    if (drawn.current && shown.current !== data) show(drawn.current, data)
    shown.current = data
  }, [data])
  useEffect(() => {
    const candle = data.candles.find(({ at }) => at === held)
    if (!drawn.current) return
    if (candle) drawn.current.chart.setCrosshairPosition(candle.close, seconds(candle.at), drawn.current.prices)
    else drawn.current.chart.clearCrosshairPosition()
  }, [held, data])

  return (
    <div
      ref={box}
      role="application"
      aria-label={`${label}. Left and right go from candle to candle; the tables below say the same in words.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys
      tabIndex={0}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key]
        const { candles } = data
        if (event.key === 'Escape') return onHold(undefined)
        if (step === undefined || candles.length === 0) return
        event.preventDefault()
        const place = held === undefined ? candles.length : candles.findIndex(({ at }) => at === held)
        const next = candles[Math.max(0, Math.min(candles.length - 1, place + step))]!
        onHold(next.at)
        if (drawn.current) keepInSight(drawn.current.chart, next.at)
      }}
      className="h-[26rem] w-full min-w-0 xl:h-[30rem]"
    />
  )
})

function draw(element: HTMLElement): Drawn {
  const line = { color: colour('--line') }
  const cross = { color: colour('--ink-faint'), labelBackgroundColor: colour('--ink-soft'), style: LineStyle.Dashed }
  const chart = createChart(element, {
    autoSize: true,
    // At once, so that there is something to place candles in.
    ...{ width: element.clientWidth, height: element.clientHeight },
    layout: {
      background: { color: 'transparent' },
      textColor: colour('--ink-faint'),
      fontFamily: 'Inter Variable, sans-serif',
      fontSize: 11,
      // It would write a style element; the page names the maker below the chart.
      attributionLogo: false,
      panes: { enableResize: false, separatorColor: colour('--line'), separatorHoverColor: colour('--line') },
    },
    grid: { vertLines: line, horzLines: line },
    crosshair: { mode: CrosshairMode.Normal, vertLine: cross, horzLine: cross },
    rightPriceScale: { borderColor: colour('--line') },
    timeScale: { borderColor: colour('--line'), timeVisible: true, secondsVisible: false, rightOffset: 4 },
    localization: { timeFormatter: (time: Time) => utcMinute(Number(time) * 1_000), locale: 'en-GB' },
  })
  const quiet = { lastValueVisible: false, priceLineVisible: false } as const
  const gaps = chart.addSeries(HistogramSeries, { ...quiet, priceScaleId: 'gaps' }, 0)
  gaps.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 } })
  const prices = chart.addSeries(
    CandlestickSeries,
    {
      upColor: colour('--up'),
      downColor: colour('--down'),
      borderUpColor: colour('--up'),
      borderDownColor: colour('--down'),
      wickUpColor: colour('--up'),
      wickDownColor: colour('--down'),
      priceLineVisible: false,
    },
    0,
  )
  const volumes = chart.addSeries(HistogramSeries, { ...quiet, priceFormat: { type: 'volume' } }, 1)
  const quality = chart.addSeries(HistogramSeries, { ...quiet, priceScaleId: 'quality' }, 2)
  quality.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 } })
  for (const [index, part] of [0.74, 0.2, 0.06].entries()) chart.panes()[index]?.setStretchFactor(part)
  return { chart, prices, volumes, gaps, quality, markers: createSeriesMarkers(gaps, []) }
}

function show({ chart, prices, volumes, gaps, quality, markers }: Drawn, data: Candles): void {
  const points = pointsOf(data)
  const precision = precisionOf(data.candles)
  // What is in sight stays there, on whichever side there is more now.
  const sight = prices.data().length > 0 ? chart.timeScale().getVisibleRange() : null
  prices.applyOptions({ priceFormat: { type: 'price', precision, minMove: 10 ** -precision } })
  prices.setData(points.prices)
  volumes.setData(points.volumes)
  gaps.setData(points.gaps)
  quality.setData(points.quality)
  markers.setMarkers(points.markers)
  if (sight) chart.timeScale().setVisibleRange(sight)
}

/** So many bars at each side. */
const besides = 80

function lookAt(chart: IChartApi, { intervalMs }: Candles, at: number): void {
  const span = besides * intervalMs
  chart.timeScale().setVisibleRange({ from: seconds(at - span), to: seconds(at + span) })
}

function keepInSight(chart: IChartApi, at: number): void {
  const sight = chart.timeScale().getVisibleRange()
  if (sight === null) return
  const [from, to, time] = [Number(sight.from), Number(sight.to), seconds(at)]
  if (time >= from && time <= to) return
  const half = (to - from) / 2
  chart.timeScale().setVisibleRange({ from: seconds(at - half * 1_000), to: seconds(at + half * 1_000) })
}
