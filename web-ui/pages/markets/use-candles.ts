/** The candles of a market, read page by page in both directions from where one begins to look. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { ask } from '../../api/ask.ts'

type Page = Answer<'candles'>
export type Version = Page['versions'][number]
export type Gap = Page['gaps'][number]
export type Candle = Omit<Page['candles'][number], 'version'> & { readonly version: Version | undefined }

export interface Candles {
  readonly intervalMs: number
  /** Oldest first. */
  readonly candles: readonly Candle[]
  readonly gaps: readonly Gap[]
  readonly versions: readonly Version[]
}

export interface Market {
  readonly asset: string
  readonly market: string
  readonly interval: string
}

const limit = 1_000

type Bounds = { readonly from?: number; readonly to?: number }

/** `around` is the instant (ms) that is to be in sight; the newest candles if absent. */
export function useCandles(given: Market, intervalMs: number, around: number | undefined) {
  const first: Bounds = around === undefined ? {} : { to: around + (limit / 2) * intervalMs }
  const query = useInfiniteQuery({
    queryKey: ['candles', given, first],
    queryFn: ({ signal, pageParam }) => ask('candles', { ...given, ...pageParam, limit }, signal),
    initialPageParam: first,
    // Whenever something is published all of them are read again.
    maxPages: 10,
    getNextPageParam: ({ candles, hasEarlier }): Bounds | undefined =>
      hasEarlier && candles[0] ? { to: candles[0].at } : undefined,
    getPreviousPageParam: ({ candles, hasLater }): Bounds | undefined => {
      const last = candles.at(-1)
      return hasLater && last ? { from: last.at + intervalMs, to: last.at + (limit + 1) * intervalMs } : undefined
    },
  })
  const pages = query.data?.pages
  const data = useMemo(() => (pages === undefined ? undefined : joined(pages)), [pages])
  return { ...query, data }
}

/** Pages come newest first. */
function joined(pages: readonly Page[]): Candles {
  const oldestFirst = pages.toReversed()
  const intervalMs = pages[0]?.intervalMs ?? 60_000
  const candles = oldestFirst.flatMap(({ candles, versions }) =>
    candles.map((candle): Candle => ({ ...candle, version: versions[candle.version] })),
  )
  const versions = new Map(oldestFirst.flatMap(({ versions }) => versions.map((one) => [one.materialization, one])))
  const gaps = new Map(oldestFirst.flatMap(({ gaps }) => gaps.map((gap) => [gap.from, gap])))
  // Between two pages nobody has looked.
  for (const [index, page] of oldestFirst.entries()) {
    const [left, right] = [page.candles.at(-1), oldestFirst[index + 1]?.candles[0]]
    if (!left || !right) continue
    const from = left.at + intervalMs
    if (right.at > from && !gaps.has(from)) {
      gaps.set(from, { from, to: right.at, candles: Math.round((right.at - from) / intervalMs) })
    }
  }
  return {
    intervalMs,
    candles,
    gaps: [...gaps.values()].toSorted((a, b) => a.from - b.from),
    versions: [...versions.values()],
  }
}
