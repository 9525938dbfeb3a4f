import { PipelineError } from '../define/errors.ts'
import type { Dimension } from '../define/partition.ts'
import type { Axis, Space } from './space.ts'
import { indexOn } from './space.ts'

/** Some of the partitions of a space: one bit each, so that a million of them take 125 kB and a union microseconds. */
export interface PartitionSet {
  readonly space: Space
  readonly bits: Uint32Array
}

/** Ordinals `first` to `last`, both included. */
export type OrdinalRange = readonly [first: number, last: number]

export const noPartitions = (space: Space): PartitionSet => ({
  space,
  bits: new Uint32Array(Math.ceil(space.size / 32)),
})

export function allPartitions(space: Space): PartitionSet {
  const set = noPartitions(space)
  if (space.size > 0) addRange(set, 0, space.size - 1)
  return set
}

export function setOf(space: Space, ordinals: Iterable<number>): PartitionSet {
  const set = noPartitions(space)
  for (const ordinal of ordinals) add(set, ordinal)
  return set
}

/** Adds one partition to a set that its owner is still building. */
export function add({ bits }: PartitionSet, ordinal: number): void {
  bits[ordinal >>> 5]! |= 1 << (ordinal & 31)
}

export function remove({ bits }: PartitionSet, ordinal: number): void {
  bits[ordinal >>> 5]! &= ~(1 << (ordinal & 31))
}

export function addRange({ bits }: PartitionSet, first: number, last: number): void {
  const [from, to] = [first >>> 5, last >>> 5]
  const [head, tail] = [-1 << (first & 31), -1 >>> (31 - (last & 31))]
  if (from === to) {
    bits[from]! |= head & tail
    return
  }
  bits[from]! |= head
  bits.fill(0xffff_ffff, from + 1, to)
  bits[to]! |= tail
}

export const has = ({ bits }: PartitionSet, ordinal: number): boolean =>
  ordinal >= 0 && ((bits[ordinal >>> 5]! >>> (ordinal & 31)) & 1) === 1

export const union = (a: PartitionSet, b: PartitionSet): PartitionSet => combined(a, b, (x, y) => x | y)
export const intersection = (a: PartitionSet, b: PartitionSet): PartitionSet => combined(a, b, (x, y) => x & y)
export const difference = (a: PartitionSet, b: PartitionSet): PartitionSet => combined(a, b, (x, y) => x & ~y)

export const isEmpty = ({ bits }: PartitionSet): boolean => bits.every((word) => word === 0)

export function isSame(a: PartitionSet, b: PartitionSet): boolean {
  return a.space.size === b.space.size && a.bits.every((word, at) => word === b.bits[at])
}

/** How many partitions are in the set. */
export function size({ bits }: PartitionSet): number {
  let total = 0
  for (let at = 0; at < bits.length; at++) total += ones(bits[at]!)
  return total
}

/** The ordinals of the set, ascending. */
export function* ordinals({ bits }: PartitionSet): Generator<number> {
  for (let at = 0; at < bits.length; at++) {
    for (let word = bits[at]!; word !== 0; word &= word - 1) yield at * 32 + 31 - Math.clz32(word & -word)
  }
}

/** The set as stretches of neighbouring ordinals, ascending. */
export function rangesOf({ space, bits }: PartitionSet): OrdinalRange[] {
  const ranges: OrdinalRange[] = []
  let first = -1
  for (let at = 0; at < bits.length; at++) {
    const word = bits[at]!
    if (word === 0 && first < 0) continue
    if (word === 0xffff_ffff && first >= 0) continue
    for (let bit = 0; bit < 32; bit++) {
      const isIn = (word >>> bit) & 1
      if (isIn && first < 0) first = at * 32 + bit
      else if (!isIn && first >= 0) {
        ranges.push([first, at * 32 + bit - 1])
        first = -1
      }
    }
  }
  if (first >= 0) ranges.push([first, space.size - 1])
  return ranges
}

/**
 * The set as text: `2024-01-01..2024-01-05,2024-01-09` for one dimension; `date=…/market=…` for several, each part a box
 * that may hold a range of the last dimension. Every partition is written as `*`, none as the empty text.
 */
export function printSet(set: PartitionSet): string {
  if (isWhole(set)) return '*'
  return Array.from(partsOf(set), ({ text }) => text).join(',')
}

/** The set for people, in about `most` characters: parts as `printSet` writes them, the rest counted; `all` for all. */
export function printSome(set: PartitionSet, most = 300): string {
  if (isWhole(set)) return 'all'
  let text = ''
  let left = size(set)
  for (const part of partsOf(set)) {
    if (text !== '' && text.length + part.text.length > most - 20) return `${text} and ${left} more`
    text += `${text && ', '}${part.text}`
    left -= part.count
  }
  return text
}

const isWhole = (set: PartitionSet): boolean => set.space.size > 0 && size(set) === set.space.size

function* partsOf(set: PartitionSet): Generator<{ readonly text: string; readonly count: number }> {
  const { axes } = set.space
  const last = axes.at(-1)
  if (!last) return
  const isBare = axes.length === 1
  for (const [first, end] of rangesOf(set)) {
    // A stretch of neighbours may run over the end of the last axis: each row of it is a part of its own.
    for (let at = first; at <= end; ) {
      const to = Math.min(end, at + (last.count - 1 - indexOn(last, at)))
      const span = spanText(last, indexOn(last, at), indexOn(last, to))
      const rest = axes.slice(0, -1).map((axis) => `${axis.name}=${valueText(axis, indexOn(axis, at))}`)
      yield { text: isBare ? span : [...rest, `${last.name}=${span}`].join('/'), count: to - at + 1 }
      at = to + 1
    }
  }
}

/**
 * Reads what `printSet` writes, and ranges of any dimension: parts joined by commas are united, dimensions joined by
 * slashes make a box, a dimension left out means all of it. Throws `partition.malformed`, `partition.unknown-key`,
 * `partition.unknown-dimension`, `partition.reversed` and `partition.not-yet`.
 */
export function parseSet(space: Space, text: string): PartitionSet {
  const set = noPartitions(space)
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue
    const spans = space.axes.map((axis): OrdinalRange => [0, axis.count - 1])
    if (part !== '*') {
      for (const side of part.split('/')) {
        const at = axisOf(space, side)
        spans[at] = parseSpan(space.axes[at]!, side.slice(side.indexOf('=') + 1))
      }
    }
    addBox(set, spans)
  }
  return set
}

/** Adds the product of one range an axis. */
export function addBox(set: PartitionSet, spans: readonly OrdinalRange[]): void {
  const { axes, size: most } = set.space
  if (most === 0 || spans.some(([first, last]) => last < first)) return
  const rows = (depth: number, base: number): void => {
    const [first, last] = spans[depth] ?? [0, 0]
    const stride = axes[depth]?.stride ?? 1
    // Where all axes below are whole, the rows lie side by side.
    const isWhole = axes.slice(depth + 1).every(({ count }, below) => {
      const [low, high] = spans[depth + 1 + below]!
      return low === 0 && high === count - 1
    })
    if (isWhole) addRange(set, base + first * stride, base + (last + 1) * stride - 1)
    else for (let index = first; index <= last; index++) rows(depth + 1, base + index * stride)
  }
  rows(0, 0)
}

function combined(a: PartitionSet, b: PartitionSet, combine: (x: number, y: number) => number): PartitionSet {
  if (a.space.size !== b.space.size) {
    throw new RangeError(`sets of ${a.space.size} and ${b.space.size} partitions can not be combined`)
  }
  const bits = new Uint32Array(a.bits.length)
  for (let at = 0; at < bits.length; at++) bits[at] = combine(a.bits[at]!, b.bits[at]!)
  return { space: a.space, bits }
}

/** How many bits of a word are set (Hacker's Delight, 5-2). */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555)
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333)
  x = (x + (x >>> 4)) & 0x0f0f_0f0f
  return (x * 0x0101_0101) >>> 24
}

const valueText = ({ dimension }: Axis, index: number): string => dimension.encode(dimension.at(index))

const spanText = (axis: Axis, first: number, last: number): string =>
  first === last ? valueText(axis, first) : `${valueText(axis, first)}..${valueText(axis, last)}`

function axisOf({ axes }: Space, side: string): number {
  const named = side.includes('=') ? side.slice(0, side.indexOf('=')) : undefined
  if (named === undefined && axes.length === 1) return 0
  const at = axes.findIndex(({ name }) => name === named)
  if (at >= 0) return at
  if (named === undefined) {
    const expected = axes.map(({ name }) => `${name}=…`).join('/') || 'no partition, since it is not cut'
    throw new PipelineError('partition.malformed', { key: side, expected })
  }
  const known = axes.map(({ name }) => name).join(', ') || 'none'
  throw new PipelineError('partition.unknown-dimension', { asset: 'this one', dimension: named, known })
}

function parseSpan({ dimension, count }: Axis, text: string): OrdinalRange {
  const [from, to = from] = text.split('..', 2) as [string, string | undefined]
  const [first, last] = [indexIn(dimension, count, from), indexIn(dimension, count, to)]
  if (first > last) throw new PipelineError('partition.reversed', { from, to })
  return [first, last]
}

function indexIn(dimension: Dimension<unknown>, count: number, text: string): number {
  const index = dimension.indexOf(dimension.decode(text))
  if (index >= 0 && index < count) return index
  const at = (one: number) => (count === 0 ? 'none yet' : dimension.encode(dimension.at(one)))
  throw new PipelineError('partition.not-yet', { key: text, asset: 'this one', first: at(0), last: at(count - 1) })
}
