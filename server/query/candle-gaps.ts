/** Times in ms, `[from, to)`. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly candles: number
}

/**
 * Where candles should be and are not: between neighbours, and at the edges of what is looked at as far as `published`
 * spans reach. `at` are open times in order.
 */
export function gapsBetween(at: readonly number[], { intervalMs, published, from, to }: GapAsk): readonly Gap[] {
  const gaps: Gap[] = []
  const add = (start: number, end: number) => {
    const first = Math.ceil(start / intervalMs) * intervalMs
    const candles = Math.ceil((end - first) / intervalMs)
    if (candles > 0) gaps.push({ from: first, to: first + candles * intervalMs, candles })
  }
  const spans = published.map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }))
  const first = at[0]
  const last = at.at(-1)
  if (first === undefined || last === undefined) {
    for (const { start, end } of spans) add(start, end)
    return gaps
  }
  const start = Math.min(...spans.filter(({ start, end }) => start < first && end > start).map(({ start }) => start))
  if (Number.isFinite(start)) add(start, first)
  for (let index = 1; index < at.length; index++) {
    // On the grid of the one before: not every exchange begins its weeks on a Thursday.
    const due = at[index - 1]! + intervalMs
    const candles = Math.round((at[index]! - due) / intervalMs)
    if (candles > 0) gaps.push({ from: due, to: at[index]!, candles })
  }
  const end = Math.max(
    ...spans.filter(({ start, end }) => end > last + intervalMs && end > start).map(({ end }) => end),
  )
  if (Number.isFinite(end)) add(last + intervalMs, end)
  return gaps
}

interface GapAsk {
  readonly intervalMs: number
  readonly published: readonly { readonly start: number; readonly end: number }[]
  readonly from: number
  readonly to: number
}
