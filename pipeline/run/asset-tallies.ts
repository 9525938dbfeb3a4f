import type { Definitions } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { Status } from '../plan/partition-status.ts'
import { spaceOf } from '../plan/space.ts'
import type { RunStore, TallyCursor } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'
import type { PartitionColumns } from './partition-columns.ts'
import { isSameSpace, partitionColumns } from './partition-columns.ts'

/** How the partitions of an asset are, added up. */
export interface AssetTally {
  readonly asset: string
  /** Partitions that exist. */
  readonly total: number
  readonly statuses: Readonly<Record<Status, number>>
  /** Those that a worker holds. */
  readonly running: number
  /** Of all that is published, also of partitions that do not exist any more. */
  readonly rows: number
  readonly bytes: number
  readonly checks: { readonly passed: number; readonly failed: number }
  /** ms. */
  readonly lastPublishedAt: number | undefined
  /** When it was last made, unchanged or not; ms. */
  readonly madeAt: number | undefined
  /** The newest event of it that is known, or the one that was the newest when it was read at first. */
  readonly event: number
}

export interface AssetTallies {
  /** Of every asset at `now` (ms), up to the newest event. The first call reads every partition once. */
  read(now: number): Promise<{ readonly event: number; readonly tallies: ReadonlyMap<string, AssetTally> }>
  /** The partitions published last although a check failed, newest first, as of the last `read`. */
  withFailedChecks(
    limit: number,
  ): readonly { readonly asset: string; readonly key: PartitionKey; readonly at: number }[]
}

/** Rows of one look; the process does other things between two. */
const pageSize = 4_000
/** Events that are looked through at first for when assets were made and nothing had changed. */
const mostEvents = 500_000

/** Tallies of a store, in memory, kept up by its events. */
export function assetTallies({
  definitions,
  store,
}: {
  readonly definitions: Definitions
  readonly store: RunStore
}): AssetTallies {
  const known = new Map<string, Known>()
  let cursor: TallyCursor | undefined
  let laidAt = 0
  let keys: { readonly text: string; readonly byName: DynamicKeys } | undefined
  let underWay: Promise<unknown> = Promise.resolve()
  let next: ReturnType<AssetTallies['read']> | undefined

  async function keepUp(now: number): ReturnType<AssetTallies['read']> {
    await layOut(now)
    cursor ??= await readAll()
    for (let isMore = true; isMore; ) {
      const { upTo, newest, isGap, rows, made } = await store.tallyChanges(cursor, pageSize)
      if (isGap) {
        known.clear()
        cursor = undefined
        laidAt = 0
        return keepUp(now)
      }
      for (const row of rows) {
        known.get(row.asset)?.columns.set(row)
        touch(row.asset, upTo.event)
      }
      for (const { asset, at } of made) wasMade(asset, at)
      cursor = upTo
      isMore = upTo.event < newest
      if (isMore) await breath()
    }
    const held = new Map((await store.heldPartitions(now)).map(({ asset, count }) => [asset, count]))
    const tallies = [...known].map(([asset, one]) => [asset, tallyOf(asset, one, held.get(asset) ?? 0)] as const)
    return { event: cursor.event, tallies: new Map(tallies) }
  }

  /** Which partitions exist changes with whole seconds, and with the keys of dynamic dimensions. */
  async function layOut(now: number): Promise<void> {
    const byName = await keysAt({ definitions, store }, now)
    const text = JSON.stringify(byName)
    const second = Math.floor(now / 1_000)
    if (keys?.text === text && second === laidAt) return
    if (keys?.text !== text) keys = { text, byName }
    laidAt = second
    for (const { name, partitions } of definitions.assets.values()) {
      const space = spaceOf(partitions, { now: new Date(now), keys: keys!.byName })
      const one = known.get(name)
      if (!one) known.set(name, { columns: partitionColumns(partitions, space), madeAt: undefined, event: 0 })
      else if (!isSameSpace(one.columns.space, space)) one.columns.relay(space)
    }
  }

  async function readAll(): Promise<TallyCursor> {
    // What happens meanwhile is read again after, from here.
    const newest = await store.newestEvent()
    const { materializations } = await store.sizes()
    let after = 0
    for (let isMore = true; isMore; ) {
      const rows = await store.partitionTallies(after, pageSize)
      for (const row of rows) known.get(row.asset)?.columns.set(row)
      after = rows.at(-1)?.number ?? after
      isMore = rows.length === pageSize
      await breath()
    }
    for (const one of known.values()) one.event = newest
    if ([...definitions.assets.values()].some(({ freshness }) => freshness)) await readMade(newest)
    return { event: newest, materialization: materializations }
  }

  /** That nothing had changed is told by events alone. */
  async function readMade(newest: number): Promise<void> {
    for (let upTo = newest; upTo > Math.max(0, newest - mostEvents); upTo -= pageSize) {
      for (const { asset, at } of await store.madeBetween(upTo - pageSize, upTo)) wasMade(asset, at)
      await breath()
    }
  }

  function wasMade(asset: string, at: number): void {
    const one = known.get(asset)
    if (one) one.madeAt = Math.max(one.madeAt ?? 0, at)
  }

  function touch(asset: string, event: number): void {
    const one = known.get(asset)
    if (one) one.event = event
  }

  return {
    read(now) {
      // Who asks while a look is under way wants what came since it began: all of those share the next one.
      next ??= underWay.then(() => {
        next = undefined
        const look = keepUp(now)
        underWay = look.catch(() => undefined)
        return look
      })
      return next
    },
    withFailedChecks(limit) {
      const found = [...known].flatMap(([asset, { columns }]) =>
        columns.sums().failed === 0 ? [] : columns.withFailedChecks(limit).map((one) => ({ asset, ...one })),
      )
      return found.sort((a, b) => b.at - a.at).slice(0, limit)
    },
  }
}

interface Known {
  readonly columns: PartitionColumns
  madeAt: number | undefined
  event: number
}

function tallyOf(asset: string, { columns, madeAt, event }: Known, running: number): AssetTally {
  const { rows, bytes, passed, failed } = columns.sums()
  const lastPublishedAt = columns.lastPublishedAt()
  const last = Math.max(madeAt ?? 0, lastPublishedAt ?? 0)
  return {
    ...{ asset, total: columns.space.size, statuses: columns.counts(), running, rows, bytes, lastPublishedAt, event },
    checks: { passed, failed },
    // What was wiped was never made.
    madeAt: lastPublishedAt === undefined ? undefined : last,
  }
}

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
