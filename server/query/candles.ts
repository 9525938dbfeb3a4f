import type { Engine } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { Refusal } from '../served.ts'
import type { Slot, Slots } from './candle-assets.ts'
import { endOfTime, filesOf, holdsCandles, intervalMsOf, seriesOf, slotsBetween, slotsOf } from './candle-assets.ts'
import type { Candle, CandleSource } from './candle-files.ts'
import { candlesIn } from './candle-files.ts'
import { gapsBetween } from './candle-gaps.ts'

type Candles = Answer<'candles'>

/** Partitions that one answer reads at most; a window of more is answered in part. */
const mostSlots = 3_000

/** Candles of one market, from the partitions that overlap the window and from no others. */
export async function readCandles(engine: Engine, ask: Asked<'candles'>, signal: AbortSignal): Promise<Candles> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const intervalMs = intervalMsOf(ask.interval)
  if (intervalMs === undefined || !holdsCandles(asset)) throw unknownMarket(ask)
  const slots = await slotsOf(engine, asset)
  const { market, interval, limit } = ask
  const look: Look = {
    engine,
    asset,
    market,
    interval,
    slots,
    series: seriesOf(slots, { market, interval }),
    intervalMs,
    signal,
  }

  // Without a beginning the newest are asked for: from the end back. One more than asked for tells whether there are others.
  const isBack = ask.from === undefined
  const [from, to] = [ask.from ?? 0, ask.to ?? endOfTime]
  const { candles, read } = await readWindow(look, { from, to, order: isBack ? 'newest' : 'oldest' }, limit + 1)
  const isMore = candles.length > limit
  const shown = isBack ? candles.slice(0, limit).reverse() : candles.slice(0, limit)
  const hasEarlier = isBack ? isMore : await isAny(look, 0, from)
  const hasLater = (!isBack && isMore) || (await isAny(look, to, endOfTime))
  if (shown.length === 0 && !hasEarlier && !hasLater) throw unknownMarket(ask)

  const made = new Map(
    (
      await engine.store.currentOf(
        asset.name,
        read.map(({ key }) => key),
      )
    ).map((one) => [one.key, one]),
  )
  const gaps = gapsBetween(
    shown.map(({ at }) => at),
    {
      intervalMs,
      // What was still to come when a partition was made is missing from nothing.
      published: read.map(({ key, start, end }) => ({
        start,
        end: Math.min(end, alignedDown(made.get(key)?.at ?? 0, intervalMs)),
      })),
      // Beyond the candles that are shown there are others.
      from: isBack && isMore ? shown[0]!.at : from,
      to: !isBack && isMore ? shown.at(-1)!.at + intervalMs : to,
    },
  )
  return { intervalMs, ...withVersions(shown, read, made), gaps: [...gaps], hasEarlier, hasLater }
}

const alignedDown = (at: number, ms: number) => Math.floor(at / ms) * ms

const unknownMarket = ({ asset, market, interval }: Asked<'candles'>): Refusal =>
  new Refusal(
    404,
    'market.unknown',
    `"${asset}" holds no candles of "${market}" at interval "${interval}"; see /markets`,
  )

interface Look extends CandleSource {
  readonly slots: Slots
  readonly series: readonly number[]
  readonly intervalMs: number
}
interface Window {
  readonly from: number
  readonly to: number
  readonly order: 'oldest' | 'newest'
}

/** The first candles of a window in its order, and the partitions that were read for them. */
async function readWindow(
  look: Look,
  window: Window,
  most: number,
): Promise<{ readonly candles: readonly Candle[]; readonly read: readonly Slot[] }> {
  const rest = slotsBetween(look.slots, look.series, window)
  const candles: Candle[] = []
  const read: Slot[] = []
  let span = most * look.intervalMs
  while (candles.length < most && read.length < mostSlots) {
    const part = takeSpan(rest, span)
    if (part.length === 0) break
    const files = await filesOf(look.engine, look.asset, part)
    candles.push(...(await candlesIn(look, files, { ...window, most: most - candles.length })))
    read.push(...part)
    // They hold fewer than they have place for.
    span *= 2
  }
  return { candles, read }
}

/** As many partitions as cover so much time (ms), and one more. */
function takeSpan(slots: Generator<Slot>, spanMs: number): readonly Slot[] {
  const taken: Slot[] = []
  let covered = 0
  for (let next = slots.next(); !next.done; next = slots.next()) {
    taken.push(next.value)
    if (covered >= spanMs || taken.length >= mostSlots) break
    covered += next.value.end - next.value.start
  }
  return taken
}

/** Whether there is any candle there: only the nearest and the farthest partition are asked. */
async function isAny(look: Look, from: number, to: number): Promise<boolean> {
  if (from >= to) return false
  const [last] = slotsBetween(look.slots, look.series, { from, to, order: 'newest' })
  const [first] = slotsBetween(look.slots, look.series, { from, to, order: 'oldest' })
  const ends = new Map([first, last].flatMap((slot) => (slot ? [[slot.key, slot] as const] : [])))
  const files = await filesOf(look.engine, look.asset, [...ends.values()])
  return (await candlesIn(look, files, { from, to, order: 'oldest', most: 1 })).length > 0
}

/** Each candle with the place of the version that it is from. */
function withVersions(
  shown: readonly Candle[],
  read: readonly Slot[],
  made: ReadonlyMap<string, Made>,
): Pick<Candles, 'candles' | 'versions'> {
  const slotOf = slotFinder(read)
  const places = new Map<string, number>()
  const versions: Candles['versions'] = []
  const candles = shown.map((candle) => {
    const key = slotOf(candle.at)?.key ?? ''
    const one = made.get(key)
    if (one && !places.has(key)) {
      places.set(key, versions.length)
      const { id, run, at, revision, checks } = one
      const failedChecks = checks.filter(({ passed }) => !passed).map(({ name }) => name)
      versions.push({ key, materialization: id, run, at, revision, failedChecks })
    }
    return { ...candle, version: places.get(key) ?? 0 }
  })
  return { candles, versions }
}

type Made = Awaited<ReturnType<Engine['store']['currentOf']>>[number]

function slotFinder(slots: readonly Slot[]): (at: number) => Slot | undefined {
  const inOrder = [...slots].sort((a, b) => a.start - b.start)
  return (at) => {
    let [low, high] = [0, inOrder.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (inOrder[middle]!.start <= at) low = middle + 1
      else high = middle
    }
    const slot = inOrder[low - 1]
    return slot && at < slot.end ? slot : undefined
  }
}
