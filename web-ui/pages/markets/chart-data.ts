/** What the chart draws of candles: points in seconds, in the colours of the theme. */

import type { CandlestickData, HistogramData, SeriesMarker, UTCTimestamp, WhitespaceData } from 'lightweight-charts'
import { count } from '../../kit/format.ts'
import { colour } from '../../shell/theme.ts'
import type { Candle, Candles, Gap, Version } from './use-candles.ts'

/** Longer ones are drawn as if they were so long. */
const mostGapPoints = 60
/** The longest gaps say how many candles they lack. */
const mostMarkers = 40

export const seconds = (at: number): UTCTimestamp => (at / 1_000) as UTCTimestamp

export function pointsOf({ candles, gaps, intervalMs }: Candles) {
  const soft = (name: string) => `${colour(name)}66`
  const [up, down, pale] = [soft('--up'), soft('--down'), colour('--stale-fill')]
  const paper = colour('--surface')
  const holes = gaps.flatMap((gap) => holesOf(gap, intervalMs))
  const prices = candles.map(({ at, open, high, low, close, isComplete }): CandlestickData | WhitespaceData => ({
    ...{ time: seconds(at), open, high, low, close },
    // Hollow: made from fewer candles than it should be.
    ...(!isComplete && { color: paper, borderColor: pale, wickColor: pale }),
  }))
  return {
    prices: inOrder([...prices, ...holes]),
    volumes: candles.map(
      ({ at, volume, open, close }): HistogramData => ({
        ...{ time: seconds(at), value: volume, color: close >= open ? up : down },
      }),
    ),
    gaps: holes.map(({ time }): HistogramData => ({ time, value: 1, color: `${colour('--missing')}30` })),
    markers: markersOf(gaps, intervalMs),
    quality: qualityOf(candles),
  }
}

function inOrder<T extends { readonly time: unknown }>(points: readonly T[]): T[] {
  return points.toSorted((a, b) => Number(a.time) - Number(b.time))
}

function holesOf({ from, to }: Gap, intervalMs: number): readonly WhitespaceData[] {
  const points = Math.max(1, Math.min(mostGapPoints, Math.round((to - from) / intervalMs)))
  const step = Math.floor((to - from) / points / 1_000)
  return Array.from({ length: points }, (_, index) => ({ time: (seconds(from) + index * step) as UTCTimestamp }))
}

function markersOf(gaps: readonly Gap[], intervalMs: number): SeriesMarker<UTCTimestamp>[] {
  const longest = gaps.toSorted((a, b) => b.candles - a.candles).slice(0, mostMarkers)
  const marked = longest.map((gap): SeriesMarker<UTCTimestamp> => {
    const holes = holesOf(gap, intervalMs)
    return {
      time: holes[Math.floor(holes.length / 2)]!.time as UTCTimestamp,
      position: 'inBar',
      shape: 'square',
      size: 0,
      color: colour('--ink-faint'),
      text: `−${count(gap.candles)}`,
    }
  })
  return inOrder(marked)
}

/** The partition of each candle: passed, failed a check, or a later version than the first. */
function qualityOf(candles: readonly Candle[]): HistogramData[] {
  const fills = { failed: colour('--failed-fill'), revised: colour('--running-fill'), first: colour('--fresh-fill') }
  const places = new Map<Version | undefined, number>()
  return candles.map(({ at, version }) => {
    if (!places.has(version)) places.set(version, places.size)
    const fill = fills[qualityWord(version)]
    // Neighbours are told apart by their strength.
    return { time: seconds(at), value: 1, color: places.get(version)! % 2 === 0 ? fill : `${fill}99` }
  })
}

export const qualityWord = (version: Version | undefined): 'failed' | 'revised' | 'first' =>
  (version?.failedChecks.length ?? 0) > 0 ? 'failed' : (version?.revision ?? 0) > 0 ? 'revised' : 'first'

/** Digits after the point that the prices have. */
export function precisionOf(candles: readonly Candle[]): number {
  const digits = candles.slice(-50).map(({ close }) => {
    const [, fraction = ''] = String(close).split('.')
    return /e/.test(fraction) ? 8 : fraction.length
  })
  return Math.min(8, Math.max(2, ...digits))
}
