import type { AnyAsset, Engine, TableFile } from '#pipeline'
import { sql } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import type { Slot, Slots } from './candle-assets.ts'
import {
  endOfTime,
  filesOf,
  hasColumn,
  holdsCandles,
  intervalMsOf,
  seriesOf,
  slotsBetween,
  slotsOf,
} from './candle-assets.ts'

type Market = Answer<'markets'>['items'][number]
interface Span {
  readonly exchange: string | null
  readonly market: string
  readonly interval: string
  readonly from: number
  readonly to: number
}

/** Series whose first and last files are remembered: the files themselves never change. */
const mostKnown = 20_000
const known = new Map<string, Promise<readonly Span[]>>()
/** Series looked at together. */
const together = 4

/** What candles there are: the first and the last published file of each series tell. */
export async function listMarkets(engine: Engine, signal: AbortSignal): Promise<Answer<'markets'>> {
  const items: Market[] = []
  for (const asset of engine.definitions.assets.values()) {
    if (!holdsCandles(asset)) continue
    for (const span of await spansOf(engine, asset, signal)) {
      const intervalMs = intervalMsOf(span.interval)
      if (intervalMs === undefined) continue
      items.push({ ...span, asset: asset.name, intervalMs, to: span.to + intervalMs })
    }
  }
  const byName = (a: Market, b: Market) => (a.market < b.market ? -1 : a.market > b.market ? 1 : 0)
  return { items: items.sort((a, b) => byName(a, b) || a.intervalMs - b.intervalMs) }
}

async function spansOf(engine: Engine, asset: AnyAsset, signal: AbortSignal): Promise<readonly Span[]> {
  const slots = await slotsOf(engine, asset)
  const ends = seriesOf(slots, {}).map((one) => endsOf(slots, one))
  const files = await filesOf(engine, asset, ends.flat())
  const spans: Span[] = []
  for (let at = 0; at < ends.length; at += together) {
    signal.throwIfAborted()
    const some = ends.slice(at, at + together).map((slots) => {
      const own = slots.flatMap(({ key }) => files.get(key) ?? [])
      return own.length === 0 ? [] : spansIn(engine, asset, own)
    })
    spans.push(...(await Promise.all(some)).flat())
  }
  return merged(spans)
}

function endsOf(slots: Slots, series: number): readonly Slot[] {
  const all = { from: 0, to: endOfTime }
  const [first] = slotsBetween(slots, [series], { ...all, order: 'oldest' })
  const [last] = slotsBetween(slots, [series], { ...all, order: 'newest' })
  if (!first || !last) return []
  return first.key === last.key ? [first] : [first, last]
}

function spansIn(engine: Engine, asset: AnyAsset, files: readonly TableFile[]): Promise<readonly Span[]> {
  const name = `${asset.name}\n${files.map(({ path }) => path).join('\n')}`
  const before = known.get(name)
  known.delete(name)
  const spans = before ?? readSpans(engine, asset, files)
  known.set(name, spans)
  const [oldest] = known.keys()
  if (known.size > mostKnown) known.delete(oldest!)
  spans.catch(() => known.get(name) === spans && known.delete(name))
  return spans
}

/** Others may wait for it by the time who asked first is gone: nobody's going ends it. */
async function readSpans(engine: Engine, asset: AnyAsset, files: readonly TableFile[]): Promise<readonly Span[]> {
  const io = await engine.io()
  const exchange = hasColumn(asset, 'exchange') ? sql`min(exchange)` : sql`null`
  const query = sql<Span>`
    select ${exchange} as exchange, market, interval, epoch_ms(min(open_time)) as "from", epoch_ms(max(open_time)) as "to"
    from ${io.table(asset, files)} group by market, interval`
  return Array.fromAsync(io.query(query, new AbortController().signal))
}

/** Several series may hold one market, as months of it do where they are cut by something else, too. */
function merged(spans: readonly Span[]): readonly Span[] {
  const all = new Map<string, Span>()
  for (const span of spans) {
    const name = `${span.market}\n${span.interval}\n${span.exchange}`
    const before = all.get(name) ?? span
    all.set(name, { ...span, from: Math.min(before.from, span.from), to: Math.max(before.to, span.to) })
  }
  return [...all.values()]
}
