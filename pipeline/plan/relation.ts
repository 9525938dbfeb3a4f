import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { AnyDependency, AxisMapping } from '../define/mapping.ts'
import { mappingOf } from '../define/mapping.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { TimeDimension } from '../define/time-windows.ts'
import type { PartitionSet } from './partition-set.ts'
import { add, addBox, noPartitions, ordinals, rangesOf } from './partition-set.ts'
import type { AsOf, Axis, Space } from './space.ts'
import { indexOn, spaceOf } from './space.ts'

/** Which partitions of one asset read which of another, both ways, as of one instant. */
export interface Relation {
  readonly dependency: AnyDependency
  readonly reader: Space
  readonly source: Space
  /** Every partition reads the one of the same number. */
  readonly isIdentity: boolean
  /** The partitions that a reader reads, ascending. */
  sourcesOf(reader: number): readonly number[]
  /** The keys a reader needs that do not exist; empty where the mapping leaves such out. */
  nonexistent(reader: number): readonly PartitionKey[]
  /** The first of the readers that needs what does not exist, if there is one. */
  firstInVain(readers: PartitionSet): number | undefined
  /** The partitions that read a source, ascending. */
  readersOf(source: number): readonly number[]
  allSourcesOf(readers: PartitionSet): PartitionSet
  allReadersOf(sources: PartitionSet): PartitionSet
}

/** What one asset reads, as of one instant. */
export interface AssetRelations {
  readonly space: Space
  readonly inputs: readonly { readonly name: string; readonly relation: Relation }[]
}

/** Follows every dependency of an asset. */
export function relationsOf(asset: AnyAsset, all: Pick<Definitions, 'assets'>, asOf: AsOf): AssetRelations {
  const space = spaceOf(asset.partitions, asOf)
  const inputs = depsOf(asset).map(([name, dependency]) => {
    const source = dependency.name === asset.name ? space : spaceOf(assetNamed(all, dependency.name).partitions, asOf)
    return { name, relation: relationOf(dependency, space, source) }
  })
  return { space, inputs }
}

/** Indexes `first` to `last`; there may be none (`last < first`), and some of them may not exist. */
type Span = readonly [first: number, last: number]

interface AxisRelation {
  /** Number of the reader's axis it follows from; -1: it is the same for every reader. */
  readonly of: number
  /** What a reader's index reads; clipped to what exists unless `needed`. */
  toSource(reader: number): readonly Span[]
  toReader(source: number): readonly Span[]
  /** Where two readers lack nothing, neither does one between them. */
  readonly isGapless: boolean
  /** Texts of the values a reader's index needs that do not exist. */
  absent(reader: number): readonly string[]
}

/** Follows a dependency, which `refuseUnmapped` let pass, between two spaces. */
export function relationOf(dependency: AnyDependency, reader: Space, source: Space): Relation {
  const axes = source.axes.map((axis) => axisRelation(dependency, reader, axis))
  const isIdentity =
    reader.size === source.size &&
    reader.axes.length === source.axes.length &&
    source.axes.every((axis, at) => {
      const mapping = mappingOf(dependency, axis.name)
      const isPlain = mapping.kind === 'same' && !mapping.shift && mapping.of === reader.axes[at]!.name
      return isPlain && axis.dimension === reader.axes[at]!.dimension
    })
  const indexesOf = (space: Space, ordinal: number) => space.axes.map((axis) => indexOn(axis, ordinal))

  const sourceSpans = (ordinal: number) => {
    const at = indexesOf(reader, ordinal)
    return axes.map((axis) => axis.toSource(axis.of < 0 ? 0 : at[axis.of]!))
  }
  const readerSpans = (ordinal: number) => {
    const at = indexesOf(source, ordinal)
    return reader.axes.map(({ count }, own) => {
      let spans: readonly Span[] = [[0, count - 1]]
      for (const [theirs, axis] of axes.entries()) {
        if (axis.of === own) spans = overlaps(spans, axis.toReader(at[theirs]!))
      }
      return spans
    })
  }
  const constants = axes.map((axis, theirs) => [axis, theirs] as const).filter(([axis]) => axis.of < 0)
  // A mapping that takes only some values of a dimension leaves the others without readers.
  const isRead = (ordinal: number) =>
    constants.every(([axis, theirs]) => {
      const index = indexOn(source.axes[theirs]!, ordinal)
      return axis.toSource(0).some(([first, last]) => index >= first && index <= last)
    })

  return {
    dependency,
    reader,
    source,
    isIdentity,
    sourcesOf: (ordinal) => (isIdentity ? [ordinal] : product(source, sourceSpans(ordinal))),
    readersOf(ordinal) {
      if (isIdentity) return [ordinal]
      return isRead(ordinal) ? product(reader, readerSpans(ordinal)) : []
    },
    nonexistent(ordinal) {
      if (isIdentity) return []
      const at = indexesOf(reader, ordinal)
      const absent = axes.map((axis) => axis.absent(axis.of < 0 ? 0 : at[axis.of]!))
      if (absent.every((texts) => texts.length === 0)) return []
      const found = source.axes.map((axis, theirs) =>
        expanded(axes[theirs]!.toSource(axes[theirs]!.of < 0 ? 0 : at[axes[theirs]!.of]!)).map((index) =>
          axis.dimension.encode(axis.dimension.at(index)),
        ),
      )
      // A key is absent if any of its values is.
      return keysOf(source, absent, found)
    },
    firstInVain(readers) {
      if (isIdentity) return undefined
      const inVain = axes.flatMap((axis) => {
        if (axis.of < 0) return axis.absent(0).length > 0 ? [() => true] : []
        const own = reader.axes[axis.of]!
        // Windows that exist follow one another, so that only the ends can be without.
        const needed = axis.isGapless ? endsOn(own, readers) : Array.from({ length: own.count }, (_, index) => index)
        if (needed.every((index) => axis.absent(index).length === 0)) return []
        const known = new Map<number, boolean>()
        return [(ordinal: number) => isAbsent(known, axis, indexOn(own, ordinal))]
      })
      if (inVain.length === 0) return undefined
      for (const ordinal of ordinals(readers)) if (inVain.some((isSo) => isSo(ordinal))) return ordinal
      return undefined
    },
    allSourcesOf: (readers) => mapSet(readers, source, isIdentity, sourceSpans),
    allReadersOf: (sources) =>
      mapSet(sources, reader, isIdentity, (ordinal) => (isRead(ordinal) ? readerSpans(ordinal) : [[]])),
  }
}

function axisRelation(dependency: AnyDependency, reader: Space, source: Axis): AxisRelation {
  const mapping = mappingOf(dependency, source.name)
  const whole: Span = [0, source.count - 1]
  if (mapping.kind === 'all') return fixed([whole])
  if (mapping.kind === 'latest') return fixed(source.count > 0 ? [[whole[1], whole[1]]] : [])
  if (mapping.kind === 'keys') return fixedKeys(source, mapping.keys)

  const of = reader.axes.findIndex((axis) => axis.name === mapping.of)
  const axis = reader.axes[of]!
  if (mapping.kind === 'map') return byTable(of, axis, source, mapping.map)
  return source.dimension.kind === 'time' ? byTime(of, axis, source, mapping) : byKey(of, axis, source)
}

const fixed = (spans: readonly Span[]): AxisRelation => ({
  of: -1,
  toSource: () => spans,
  toReader: () => [],
  isGapless: true,
  absent: () => [],
})

function fixedKeys(source: Axis, keys: readonly string[]): AxisRelation {
  const indexes = keys.map((key) => indexOfText(source, key))
  const found = [...new Set(indexes)].filter((index) => index >= 0)
  return {
    ...fixed(found.map((index) => [index, index])),
    absent: () => keys.filter((_, at) => indexes[at]! < 0),
  }
}

/** Keys of two lists answer to each other by their text. */
function byKey(of: number, reader: Axis, source: Axis): AxisRelation {
  const single = (from: Axis, to: Axis) => (index: number) => {
    const found = from.dimension === to.dimension ? index : to.dimension.indexOf(from.dimension.at(index))
    return found >= 0 && found < to.count ? [[found, found] as const] : []
  }
  const toSource = single(reader, source)
  return {
    of,
    toSource,
    toReader: single(source, reader),
    isGapless: false,
    absent: (index) => (toSource(index).length > 0 ? [] : [source.dimension.encode(reader.dimension.at(index))]),
  }
}

/** Windows answer to each other by overlap; a shift is counted in windows of the reader. */
function byTime(
  of: number,
  reader: Axis,
  source: Axis,
  { shift: [from, to] = [0, 0], partial = false }: Extract<AxisMapping, { kind: 'same' }>,
): AxisRelation {
  const [ours, theirs] = [reader.dimension as TimeDimension, source.dimension as TimeDimension]
  const isSame = ours === theirs
  const overlap = (over: TimeDimension, first: number, last: number, under: TimeDimension): Span => {
    const start = over.startOf(first)
    return [under.indexAtOrAfter(start + 1) - 1, under.indexAtOrAfter(over.startOf(last + 1)) - 1]
  }
  const wanted = (index: number): Span =>
    isSame ? [index + from, index + to] : overlap(ours, index + from, index + to, theirs)
  // What is reached by the shift alone may lie beyond the ends; what overlaps the reader itself may not.
  const bounded = ([first, last]: Span): Span => [
    from < 0 ? Math.max(first, 0) : first,
    to > 0 ? Math.min(last, source.count - 1) : last,
  ]
  const toSource = (index: number): readonly Span[] => {
    const [first, last] = wanted(index)
    return clipped([first, last], source.count)
  }
  return {
    of,
    toSource,
    toReader(index) {
      const [first, last] = isSame ? [index, index] : overlap(theirs, index, index, ours)
      return clipped([first - to, last - from], reader.count)
    },
    isGapless: true,
    absent(index) {
      if (partial) return []
      const [first, last] = bounded(wanted(index))
      const texts: string[] = []
      for (let at = first; at <= last; at++) {
        if (at < 0 || at >= source.count) texts.push(theirs.encode(theirs.at(at)))
      }
      return texts
    },
  }
}

/** A table from the source's keys to the reader's. */
function byTable(
  of: number,
  reader: Axis,
  source: Axis,
  map: Readonly<Record<string, readonly string[]>>,
): AxisRelation {
  const toReader = new Map<number, Span[]>()
  const toSource = new Map<number, Span[]>()
  for (const [from, to] of Object.entries(map)) {
    const theirs = indexOfText(source, from)
    for (const text of new Set(to)) {
      const ours = indexOfText(reader, text)
      if (ours < 0 || theirs < 0) continue
      toReader.set(theirs, [...(toReader.get(theirs) ?? []), [ours, ours]])
      toSource.set(ours, [...(toSource.get(ours) ?? []), [theirs, theirs]])
    }
  }
  return {
    of,
    toSource: (index) => toSource.get(index) ?? [],
    toReader: (index) => toReader.get(index) ?? [],
    isGapless: true,
    absent: () => [],
  }
}

function isAbsent(known: Map<number, boolean>, axis: AxisRelation, index: number): boolean {
  const answer = known.get(index) ?? axis.absent(index).length > 0
  known.set(index, answer)
  return answer
}

/** The lowest and the highest index that a set has on one axis. */
function endsOn(axis: Axis, set: PartitionSet): readonly number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [first, last] of rangesOf(set)) {
    const isWhole = last - first + 1 >= axis.stride * axis.count
    const [from, to] = [indexOn(axis, first), indexOn(axis, last)]
    // A stretch that runs over the end of the axis and begins again touches both ends.
    const wraps =
      isWhole || Math.floor(first / (axis.stride * axis.count)) !== Math.floor(last / (axis.stride * axis.count))
    low = Math.min(low, wraps ? 0 : from)
    high = Math.max(high, wraps ? axis.count - 1 : to)
  }
  return low > high ? [] : [low, high]
}

function indexOfText({ dimension, count }: Axis, text: string): number {
  const index = dimension.indexOf(text)
  return index < count ? index : -1
}

const clipped = ([first, last]: Span, count: number): readonly Span[] => {
  const [from, to] = [Math.max(first, 0), Math.min(last, count - 1)]
  return from <= to ? [[from, to]] : []
}

const overlaps = (a: readonly Span[], b: readonly Span[]): readonly Span[] =>
  a.flatMap(([low, high]) =>
    b.flatMap(([first, last]): Span[] => {
      const [from, to] = [Math.max(low, first), Math.min(high, last)]
      return from <= to ? [[from, to]] : []
    }),
  )

const expanded = (spans: readonly Span[]): number[] =>
  spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at))

function product({ axes }: Space, spans: readonly (readonly Span[])[]): readonly number[] {
  let found = [0]
  for (const [at, { stride }] of axes.entries()) {
    const indexes = expanded(spans[at]!)
    found =
      found.length === 1 && found[0] === 0
        ? indexes.map((index) => index * stride)
        : found.flatMap((base) => indexes.map((index) => base + index * stride))
  }
  return found.sort((a, b) => a - b)
}

/** Keys that have an absent value on at least one axis. */
function keysOf(
  { axes }: Space,
  absent: readonly (readonly string[])[],
  found: readonly (readonly string[])[],
): readonly PartitionKey[] {
  let keys: { text: string; isAbsent: boolean }[] = [{ text: '', isAbsent: false }]
  for (const [at, { name }] of axes.entries()) {
    const values = [
      ...absent[at]!.map((value) => ({ value, isAbsent: true })),
      ...found[at]!.map((value) => ({ value, isAbsent: false })),
    ]
    keys = keys.flatMap((key) =>
      values.map(({ value, isAbsent }) => ({
        text: `${key.text}${key.text && '/'}${name}=${value}`,
        isAbsent: key.isAbsent || isAbsent,
      })),
    )
  }
  return keys.filter((key) => key.isAbsent).map((key) => key.text as PartitionKey)
}

function mapSet(
  from: PartitionSet,
  to: Space,
  isIdentity: boolean,
  spansOf: (ordinal: number) => readonly (readonly Span[])[],
): PartitionSet {
  if (isIdentity) return { space: to, bits: from.bits.slice() }
  const set = noPartitions(to)
  for (const ordinal of ordinals(from)) {
    const spans = spansOf(ordinal)
    if (spans.some((axis) => axis.length === 0)) continue
    if (spans.length === 0) add(set, 0)
    else for (const box of boxes(spans)) addBox(set, box)
  }
  return set
}

/** Every choice of one span an axis. */
function boxes(spans: readonly (readonly Span[])[]): readonly (readonly Span[])[] {
  let found: Span[][] = [[]]
  for (const axis of spans) found = found.flatMap((box) => axis.map((span) => [...box, span]))
  return found
}
