/** Which assets hold candles, told by their columns alone, and where candles of a market are. */

import type { AnyAsset, Axis, Engine, PartitionKey, Space, TableFile } from '#pipeline'
import { columnsOf, isReadableAt, keyAt, readStatuses, spaceOf } from '#pipeline'
import { cachedByEvent } from './cached-by-event.ts'

const prices = ['open', 'high', 'low', 'close', 'volume', 'market', 'interval']

export function holdsCandles({ output }: AnyAsset): boolean {
  const types = new Map(columnsOf(output).map(({ name, type }) => [name, type]))
  return types.get('open_time') === 'timestamp' && prices.every((name) => types.has(name))
}

export const hasColumn = ({ output }: AnyAsset, name: string): boolean =>
  columnsOf(output).some((column) => column.name === name)

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** The length of `15m`, `1h`, … in ms; `undefined` of what is no length of time. */
export function intervalMsOf(interval: string): number | undefined {
  const [, count, unit] = /^(\d{1,5})([smhdw])$/.exec(interval) ?? []
  const ms = Number(count) * units[unit as keyof typeof units]
  return ms > 0 ? ms : undefined
}

/** A published partition with the time it stands for: all time where it is not cut by time. */
export interface Slot {
  readonly key: PartitionKey
  readonly start: number
  readonly end: number
}

/** The partitions of an asset as they are now; `isThere` by ordinal: it has a published version. */
export interface Slots {
  readonly space: Space
  readonly isThere: (ordinal: number) => boolean
}

const statusesOf = cachedByEvent<Slots>(32)

export async function slotsOf(engine: Engine, asset: AnyAsset): Promise<Slots> {
  const { store } = engine
  const now = engine.clock()
  const keys = await engine.keys(now)
  const space = spaceOf(asset.partitions, { now: new Date(now), keys })
  const { upTo } = await store.made([], undefined, 1)
  return statusesOf(store, `${asset.name} ${space.size} ${JSON.stringify(keys)}`, upTo, async () => {
    const bytes = await readStatuses(store, asset, space, true)
    return { space, isThere: (ordinal) => isReadableAt(bytes, ordinal) }
  })
}

const timeOf = ({ axes }: Space): Axis | undefined => axes.find(({ dimension }) => dimension.kind === 'time')

/** Where the partitions that may hold rows of these values begin: of each series the ordinal of its first instant. */
export function seriesOf({ space }: Slots, values: Readonly<Record<string, string>>): readonly number[] {
  const time = timeOf(space)
  let bases = [0]
  for (const axis of space.axes) {
    if (axis === time) continue
    const wanted = values[axis.name]
    const all = Array.from({ length: axis.count }, (_, index) => index)
    const places = wanted === undefined ? all : all.filter((index) => axis.dimension.at(index) === wanted)
    bases = bases.flatMap((base) => places.map((index) => base + index * axis.stride))
  }
  return space.size === 0 ? [] : bases
}

/** The published partitions of some series that overlap `[from, to)`, in order of time or against it. */
export function* slotsBetween(
  slots: Slots,
  series: readonly number[],
  { from, to, order }: { readonly from: number; readonly to: number; readonly order: 'oldest' | 'newest' },
): Generator<Slot> {
  const { space, isThere } = slots
  const time = timeOf(space)
  if (!time) {
    for (const base of series) if (isThere(base)) yield { key: keyAt(space, base), start: 0, end: endOfTime }
    return
  }
  const windowAt = (index: number) => time.dimension.at(index) as { readonly start: Date; readonly end: Date }
  const first = firstWhere(time.count, (index) => windowAt(index).end.getTime() > from)
  const last = firstWhere(time.count, (index) => windowAt(index).start.getTime() >= to) - 1
  for (let step = 0; step <= last - first; step++) {
    const index = order === 'oldest' ? first + step : last - step
    for (const base of series) {
      const ordinal = base + index * time.stride
      if (!isThere(ordinal)) continue
      const { start, end } = windowAt(index)
      yield { key: keyAt(space, ordinal), start: start.getTime(), end: end.getTime() }
    }
  }
}

/** ms; the last instant that a date has. */
export const endOfTime = 8.64e15

/** The first index for which it holds, as for all after it; `count` if it holds for none. */
function firstWhere(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The files of partitions, by key; what others make may have been seen without one. */
export async function filesOf(
  { store }: Engine,
  asset: AnyAsset,
  slots: readonly Slot[],
): Promise<ReadonlyMap<PartitionKey, TableFile>> {
  const rows = await store.partitionsOf(
    asset.name,
    slots.map(({ key }) => key),
  )
  return new Map(rows.flatMap(({ key, file }) => (file && file.path !== '' ? [[key, file] as const] : [])))
}
