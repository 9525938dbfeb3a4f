import type { Dimensions, PartitionKey } from '../define/partition.ts'
import type { Status } from '../plan/partition-status.ts'
import { statusByte, statuses } from '../plan/partition-status.ts'
import type { Axis, Space } from '../plan/space.ts'
import { indexOn, keyAt, ordinalOf } from '../plan/space.ts'
import type { PartitionTally } from '../store/port.ts'

type Tally = Omit<PartitionTally, 'asset' | 'key' | 'status' | 'isReadable'> & { readonly status: number }

/**
 * Tallies of the partitions of an asset by ordinal, with their sums: thirty bytes for each one that was ever attempted and
 * for its neighbours, and nothing for stretches in which there is none.
 */
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
  let pages = new Map<number, Page>()
  /** What the store knows of partitions that do not exist, or not at this instant. */
  const outside = new Map<PartitionKey, Tally>()
  const sums = { rows: 0, bytes: 0, passed: 0, failed: 0 }
  /** By status; those that are missing are what is left of the space. */
  const counts = [0, 0, 0, 0]
  let newest = 0
  let isNewestGone = false

  function read(ordinal: number): Tally {
    const page = pages.get(Math.floor(ordinal / pageSize))
    return page ? readAt(page, ordinal % pageSize) : nothing
  }
  function write(ordinal: number, tally: Tally): void {
    const number = Math.floor(ordinal / pageSize)
    const page = pages.get(number) ?? newPage()
    pages.set(number, page)
    counts[page.status[ordinal % pageSize]! & 3]!--
    counts[tally.status & 3]!++
    writeAt(page, ordinal % pageSize, tally)
  }
  function move(next: Space): void {
    const [before, held] = [space, pages]
    const places = before.axes.map((axis, at) => placesOf(axis, next.axes[at]!))
    pages = new Map()
    counts.fill(0)
    for (const [number, page] of held) {
      for (let slot = 0; slot < pageSize; slot++) {
        if (page.status[slot] === 0) continue
        const ordinal = number * pageSize + slot
        const moved = movedTo(ordinal, before, next, places)
        if (moved < 0) outside.set(keyAt(before, ordinal), readAt(page, slot))
        else write(moved, readAt(page, slot))
      }
    }
  }

  return {
    get space() {
      return space
    },
    set({ key, status, isReadable, rows, bytes, at, passed, failed }) {
      const ordinal = ordinalOf(space, dimensions, key)
      const before = ordinal < 0 ? (outside.get(key) ?? nothing) : read(ordinal)
      const byte = statusByte(statuses[status]!, isReadable === 1)
      const tally = { status: byte, rows, bytes, at, passed, failed }
      if (ordinal < 0) outside.set(key, tally)
      else write(ordinal, tally)
      sums.rows += rows - before.rows
      sums.bytes += bytes - before.bytes
      sums.passed += passed - before.passed
      sums.failed += failed - before.failed
      if (before.at === newest && at < newest) isNewestGone = true
      if (at >= newest) {
        newest = at
        isNewestGone = false
      }
    },
    relay(next) {
      if (!keepsPlaces(space, next)) move(next)
      space = next
      for (const [key, tally] of outside) {
        const ordinal = ordinalOf(next, dimensions, key)
        if (ordinal < 0) continue
        outside.delete(key)
        write(ordinal, tally)
      }
    },
    counts() {
      const [, published = 0, failed = 0, rejected = 0] = counts
      return { missing: space.size - published - failed - rejected, published, failed, rejected }
    },
    sums: () => ({ ...sums }),
    lastPublishedAt() {
      if (isNewestGone) {
        newest = 0
        for (const { at } of outside.values()) newest = Math.max(newest, at)
        for (const { at } of pages.values()) newest = at.reduce((last, one) => (one > last ? one : last), newest)
        isNewestGone = false
      }
      return newest > 0 ? newest : undefined
    },
    withFailedChecks(limit) {
      const found: { ordinal: number; at: number }[] = []
      for (const [number, { failed, at }] of pages) {
        for (let slot = 0; slot < pageSize; slot++) {
          if (failed[slot]! > 0) found.push({ ordinal: number * pageSize + slot, at: at[slot]! })
        }
      }
      const chosen = found.sort((a, b) => b.at - a.at).slice(0, limit)
      return chosen.map(({ ordinal, at }) => ({ key: keyAt(space, ordinal), at }))
    },
  }
}

/** Whether the partitions of two instants are the same, in the same places. */
export const isSameSpace = (a: Space, b: Space): boolean =>
  a.axes.every(({ dimension, count }, at) => dimension === b.axes[at]!.dimension && count === b.axes[at]!.count)

/** Whether what was there stays in its place: only the first axis grew, at its end. */
const keepsPlaces = (before: Space, next: Space): boolean =>
  before.axes.every(({ dimension, count }, at) => {
    const axis = next.axes[at]!
    return dimension === axis.dimension && (at === 0 ? count <= axis.count : count === axis.count)
  })

/** For each place on an axis the one that it has now, -1 where it has none any more. */
function placesOf(before: Axis, now: Axis): Int32Array {
  const isOrdered = now.dimension === before.dimension || now.dimension.kind === 'time'
  return Int32Array.from({ length: before.count }, (_, at) => {
    const place = isOrdered ? at : now.dimension.indexOf(before.dimension.at(at))
    return place < now.count ? place : -1
  })
}

function movedTo(ordinal: number, before: Space, next: Space, places: readonly Int32Array[]): number {
  let moved = 0
  for (let axis = 0; axis < places.length; axis++) {
    const place = places[axis]![indexOn(before.axes[axis]!, ordinal)]!
    if (place < 0) return -1
    moved += place * next.axes[axis]!.stride
  }
  return moved
}

const pageSize = 1_024

interface Page {
  readonly status: Uint8Array
  readonly rows: Float64Array
  readonly bytes: Float64Array
  readonly at: Float64Array
  readonly passed: Uint16Array
  readonly failed: Uint16Array
}

const nothing: Tally = { status: 0, rows: 0, bytes: 0, at: 0, passed: 0, failed: 0 }

const newPage = (): Page => ({
  status: new Uint8Array(pageSize),
  rows: new Float64Array(pageSize),
  bytes: new Float64Array(pageSize),
  at: new Float64Array(pageSize),
  passed: new Uint16Array(pageSize),
  failed: new Uint16Array(pageSize),
})

const readAt = ({ status, rows, bytes, at, passed, failed }: Page, slot: number): Tally => ({
  status: status[slot]!,
  rows: rows[slot]!,
  bytes: bytes[slot]!,
  at: at[slot]!,
  passed: passed[slot]!,
  failed: failed[slot]!,
})

function writeAt(page: Page, slot: number, tally: Tally): void {
  page.status[slot] = tally.status
  page.rows[slot] = tally.rows
  page.bytes[slot] = tally.bytes
  page.at[slot] = tally.at
  page.passed[slot] = tally.passed
  page.failed[slot] = tally.failed
}
