import type { Dimensions, PartitionKey } from '../define/partition.ts'
import type { Status, StatusBytes } from '../plan/partition-status.ts'
import { countByStatus, statusByte, statuses } from '../plan/partition-status.ts'
import type { Axis, Space } from '../plan/space.ts'
import { indexOn, keyAt, ordinalOf } from '../plan/space.ts'
import type { PartitionTally } from '../store/port.ts'

type Tally = Omit<PartitionTally, 'asset' | 'key' | 'status' | 'isReadable'> & { readonly byte: number }

/** Tallies of the partitions of an asset by ordinal, thirty bytes each, with their sums. */
export interface PartitionColumns {
  readonly space: Space
  set(row: PartitionTally): void
  /** Goes over to the partitions as they are at another instant. */
  relay(space: Space): void
  counts(): Readonly<Record<Status, number>>
  /** Of all that is published, also of partitions that do not exist any more. */
  sums(): { readonly rows: number; readonly bytes: number; readonly passed: number; readonly failed: number }
  /** ms; `undefined` if nothing is published. */
  lastPublishedAt(): number | undefined
  /** The partitions that exist and are published although a check failed, newest first. */
  withFailedChecks(limit: number): readonly { readonly key: PartitionKey; readonly at: number }[]
}

export function partitionColumns(dimensions: Dimensions, first: Space): PartitionColumns {
  let space = first
  let columns = columnsOf(space.size)
  /** What the store knows of partitions that do not exist, or not at this instant. */
  const outside = new Map<PartitionKey, Tally>()
  const sums = { rows: 0, bytes: 0, passed: 0, failed: 0 }
  let counts: Record<Status, number> | undefined
  let newest = 0
  let isNewestGone = false

  const put = (ordinal: number, key: PartitionKey, tally: Tally): void => {
    if (ordinal < 0) outside.set(key, tally)
    else writeAt(columns, ordinal, tally)
  }

  return {
    get space() {
      return space
    },
    set({ key, status, isReadable, rows, bytes, at, passed, failed }) {
      const ordinal = ordinalOf(space, dimensions, key)
      const before = ordinal < 0 ? (outside.get(key) ?? nothing) : readAt(columns, ordinal)
      put(ordinal, key, { byte: statusByte(statuses[status]!, isReadable === 1), rows, bytes, at, passed, failed })
      sums.rows += rows - before.rows
      sums.bytes += bytes - before.bytes
      sums.passed += passed - before.passed
      sums.failed += failed - before.failed
      if (ordinal >= 0 && counts) {
        counts[statuses[before.byte & 3]!]--
        counts[statuses[status]!]++
      }
      if (before.at === newest && at < newest) isNewestGone = true
      if (at >= newest) {
        newest = at
        isNewestGone = false
      }
    },
    relay(next) {
      const [before, held] = [space, columns]
      const moves = next.axes.map((axis, at) => placesOf(axis, before.axes[at]!))
      space = next
      columns = columnsOf(next.size)
      counts = undefined
      for (const column of columnNames) moveColumn(held[column], columns[column], before, next, moves)
      for (const ordinal of leftBehind(before, held.status, moves)) {
        outside.set(keyAt(before, ordinal), readAt(held, ordinal))
      }
      for (const [key, tally] of outside) {
        const ordinal = ordinalOf(next, dimensions, key)
        if (ordinal >= 0 && outside.delete(key)) put(ordinal, key, tally)
      }
    },
    counts() {
      counts ??= countByStatus(columns.status)
      return { ...counts }
    },
    sums: () => ({ ...sums }),
    lastPublishedAt() {
      if (isNewestGone) {
        newest = [...outside.values()].reduce((last, { at }) => Math.max(last, at), largest(columns.at))
        isNewestGone = false
      }
      return newest > 0 ? newest : undefined
    },
    withFailedChecks(limit) {
      const found: { ordinal: number; at: number }[] = []
      for (let ordinal = 0; ordinal < space.size; ordinal++) {
        if (columns.failed[ordinal]! > 0) found.push({ ordinal, at: columns.at[ordinal]! })
      }
      const chosen = found.sort((a, b) => b.at - a.at).slice(0, limit)
      return chosen.map(({ ordinal, at }) => ({ key: keyAt(space, ordinal), at }))
    },
  }
}

/** Whether the partitions of two instants are the same, in the same places. */
export const isSameSpace = (a: Space, b: Space): boolean =>
  a.axes.every(({ dimension, count }, at) => dimension === b.axes[at]!.dimension && count === b.axes[at]!.count)

interface Columns {
  readonly status: StatusBytes
  readonly rows: Float64Array
  readonly bytes: Float64Array
  readonly at: Float64Array
  readonly passed: Uint16Array
  readonly failed: Uint16Array
}

const columnNames = ['status', 'rows', 'bytes', 'at', 'passed', 'failed'] as const satisfies readonly (keyof Columns)[]
const nothing: Tally = { byte: 0, rows: 0, bytes: 0, at: 0, passed: 0, failed: 0 }

const columnsOf = (size: number): Columns => ({
  status: new Uint8Array(size),
  rows: new Float64Array(size),
  bytes: new Float64Array(size),
  at: new Float64Array(size),
  passed: new Uint16Array(size),
  failed: new Uint16Array(size),
})

const readAt = ({ status, rows, bytes, at, passed, failed }: Columns, ordinal: number): Tally => ({
  byte: status[ordinal]!,
  rows: rows[ordinal]!,
  bytes: bytes[ordinal]!,
  at: at[ordinal]!,
  passed: passed[ordinal]!,
  failed: failed[ordinal]!,
})

function writeAt(columns: Columns, ordinal: number, tally: Tally): void {
  columns.status[ordinal] = tally.byte
  columns.rows[ordinal] = tally.rows
  columns.bytes[ordinal] = tally.bytes
  columns.at[ordinal] = tally.at
  columns.passed[ordinal] = tally.passed
  columns.failed[ordinal] = tally.failed
}

/** For each place on an axis the place that it had before, -1 for a new one. */
function placesOf(axis: Axis, before: Axis): Int32Array {
  const isOrdered = axis.dimension === before.dimension || axis.dimension.kind === 'time'
  return Int32Array.from({ length: axis.count }, (_, at) => {
    const was = isOrdered ? at : before.dimension.indexOf(axis.dimension.at(at))
    return was < before.count ? was : -1
  })
}

function moveColumn(
  from: Columns[keyof Columns],
  to: Columns[keyof Columns],
  before: Space,
  next: Space,
  moves: readonly Int32Array[],
): void {
  const last = next.axes.length - 1
  const rows = (depth: number, source: number, target: number): void => {
    if (depth > last) {
      to[target] = from[source]!
      return
    }
    const [places, stride, width] = [moves[depth]!, before.axes[depth]!.stride, next.axes[depth]!.stride]
    for (let at = 0; at < places.length; at++) {
      const was = places[at]!
      if (was < 0) continue
      if (depth < last) rows(depth + 1, source + was * stride, target + at * width)
      else to[target + at] = from[source + was]!
    }
  }
  rows(0, 0, 0)
}

/** The ordinals of what was told of partitions that have no place any more. */
function* leftBehind(before: Space, status: StatusBytes, moves: readonly Int32Array[]): Generator<number> {
  const isKept = before.axes.map(({ count }, axis) => {
    const kept = new Uint8Array(count)
    for (const was of moves[axis]!) if (was >= 0) kept[was] = 1
    return kept
  })
  if (isKept.every((kept) => kept.every((one) => one === 1))) return
  for (let ordinal = 0; ordinal < before.size; ordinal++) {
    if (status[ordinal] === 0) continue
    if (before.axes.some((axis, at) => isKept[at]![indexOn(axis, ordinal)] === 0)) yield ordinal
  }
}

function largest(column: Float64Array): number {
  let most = 0
  for (let at = 0; at < column.length; at++) if (column[at]! > most) most = column[at]!
  return most
}
