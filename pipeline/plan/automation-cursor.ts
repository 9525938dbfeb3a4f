import type { TimeDimension } from '../define/time-windows.ts'
import type { PartitionSet } from './partition-set.ts'
import { add, addRange, noPartitions, ordinals, rangesOf } from './partition-set.ts'
import type { Axis, Space } from './space.ts'
import { indexOn } from './space.ts'

/** What evaluations of conditions remember from one to the next. */
export interface AutomationCursor {
  /** ms; when it was evaluated. */
  readonly at: number
  /** How the partitions of each asset were numbered then. */
  readonly layouts: ReadonlyMap<string, Layout>
  readonly assets: ReadonlyMap<string, AssetCursor>
}

export interface AssetCursor {
  /** Tells one condition from another. */
  readonly condition: string
  readonly requested: KeptSet
  /** Where the clauses that remember were true. */
  readonly clauses: ReadonlyMap<string, KeptSet>
  /** Code versions seen, by asset. */
  readonly codeVersions: Readonly<Record<string, string>>
}

/** A set over the partitions of one asset as they were numbered then. */
export interface KeptSet {
  readonly asset: string
  readonly bits: Uint32Array
}

/** How partitions were numbered: enough to find them again once windows or keys came or went. */
export type Layout = readonly AxisLayout[]
type AxisLayout = { readonly name: string; readonly count: number } & (
  | { readonly keys: readonly string[] }
  /** The windows' cron expression and zone, and the start of the first in ms. */
  | { readonly cron: string; readonly timezone: string; readonly start: number }
)

const layouts = new WeakMap<Space, Layout>()

/** How the partitions of a space are numbered. */
export function layoutOf(space: Space): Layout {
  let layout = layouts.get(space)
  if (!layout) {
    layout = space.axes.map(axisLayout)
    layouts.set(space, layout)
  }
  return layout
}

/** A kept set among the partitions that exist now; `undefined` if they are cut in another way than then. */
export function recalled(bits: Uint32Array, was: Layout, space: Space): PartitionSet | undefined {
  const is = layoutOf(space)
  if (was === is) return { space, bits }
  if (was.length !== is.length) return undefined
  const moves: (number | readonly number[])[] = []
  for (const [at, axis] of space.axes.entries()) {
    const move = moveOf(was[at]!, is[at]!, axis)
    if (move === undefined) return undefined
    moves.push(move)
  }
  const set = noPartitions(space)
  const isLonger = moves.every((move, at) => move === 0 && (at === 0 || was[at]!.count === is[at]!.count))
  if (isLonger && was[0] && was[0].count <= is[0]!.count) {
    set.bits.set(bits)
    return set
  }
  const before = spaceLike(was, space)
  for (const ordinal of ordinals({ space: before, bits })) {
    const to = movedTo(ordinal, before, space, moves)
    if (to >= 0) add(set, to)
  }
  return set
}

/** The cursor as text: ranges of ordinals, so that a million partitions take as much room as they have gaps. */
export function printCursor(cursor: AutomationCursor): string {
  const kept = ({ asset, bits }: KeptSet) => [asset, printBits(cursor.layouts.get(asset)!, bits)]
  const assets = [...cursor.assets].map(([name, { condition, requested, clauses, codeVersions }]) => [
    name,
    {
      condition,
      requested: kept(requested),
      clauses: Object.fromEntries([...clauses].map(([id, set]) => [id, kept(set)])),
      codeVersions,
    },
  ])
  return JSON.stringify({
    at: cursor.at,
    layouts: Object.fromEntries(cursor.layouts),
    assets: Object.fromEntries(assets),
  })
}

/** Inverse of `printCursor`. */
export function parseCursor(text: string): AutomationCursor {
  const written = JSON.parse(text) as Written
  const layouts = new Map(Object.entries(written.layouts))
  const kept = ([asset, ranges]: WrittenSet): KeptSet => ({ asset, bits: parseBits(layouts.get(asset)!, ranges) })
  const assets = Object.entries(written.assets).map(([name, one]): [string, AssetCursor] => [
    name,
    {
      condition: one.condition,
      requested: kept(one.requested),
      clauses: new Map(Object.entries(one.clauses).map(([id, set]) => [id, kept(set)])),
      codeVersions: one.codeVersions,
    },
  ])
  return { at: written.at, layouts, assets: new Map(assets) }
}

type WrittenSet = readonly [asset: string, ranges: string]
interface Written {
  readonly at: number
  readonly layouts: Readonly<Record<string, Layout>>
  readonly assets: Readonly<
    Record<
      string,
      {
        readonly condition: string
        readonly requested: WrittenSet
        readonly clauses: Readonly<Record<string, WrittenSet>>
        readonly codeVersions: Readonly<Record<string, string>>
      }
    >
  >
}

function axisLayout({ name, dimension, count }: Axis): AxisLayout {
  if (dimension.kind === 'keys') {
    return { name, count, keys: Array.from({ length: count }, (_, index) => dimension.at(index) as string) }
  }
  const { cron, timezone, startOf } = dimension as TimeDimension
  return { name, count, cron, timezone, start: startOf(0) }
}

/** Where the indexes of an axis have gone: by how much they are moved, or one by one with -1 for what is no more. */
function moveOf(was: AxisLayout, is: AxisLayout, axis: Axis): number | readonly number[] | undefined {
  if (was.name !== is.name) return undefined
  if ('keys' in was) {
    if (!('keys' in is)) return undefined
    if (was.keys.length <= is.keys.length && was.keys.every((key, index) => key === is.keys[index])) return 0
    return was.keys.map((key) => axis.dimension.indexOf(key))
  }
  if ('keys' in is || was.cron !== is.cron || was.timezone !== is.timezone) return undefined
  return was.start === is.start ? 0 : (axis.dimension as TimeDimension).indexAtOrAfter(was.start)
}

function movedTo(ordinal: number, before: Space, space: Space, moves: readonly (number | readonly number[])[]): number {
  let to = 0
  for (const [at, { count, stride }] of space.axes.entries()) {
    const index = indexOn(before.axes[at]!, ordinal)
    const move = moves[at]!
    const moved = typeof move === 'number' ? index + move : move[index]!
    if (moved < 0 || moved >= count) return -1
    to += moved * stride
  }
  return to
}

/** The axes of a space with the counts of a layout. */
function spaceLike(layout: Layout, { axes }: Space): Space {
  let size = 1
  const sized: Axis[] = []
  for (let at = layout.length - 1; at >= 0; at--) {
    sized.unshift({ ...axes[at]!, count: layout[at]!.count, stride: size })
    size *= layout[at]!.count
  }
  return { axes: sized, size }
}

const bareSpace = (layout: Layout): Space => ({ axes: [], size: layout.reduce((all, { count }) => all * count, 1) })

const printBits = (layout: Layout, bits: Uint32Array): string =>
  rangesOf({ space: bareSpace(layout), bits })
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',')

function parseBits(layout: Layout, text: string): Uint32Array {
  const set = noPartitions(bareSpace(layout))
  for (const range of text === '' ? [] : text.split(',')) {
    const [first, last = first] = range.split('-').map(Number) as [number, number?]
    addRange(set, first, last)
  }
  return set.bits
}
