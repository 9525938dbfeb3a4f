import type { AnyAsset, AsOf, Engine, PartitionKey, PartitionRow, Space } from '#pipeline'
import {
  assetNamed,
  depsOf,
  heldStates,
  ordinalOf,
  ordinals,
  PipelineError,
  planRun,
  readStatuses,
  spaceOf,
  staleReasons,
  statusAt,
} from '#pipeline'
import { partitionStatuses } from '../contract/words.ts'

export type ShownStatus = (typeof partitionStatuses)[number]

/** The partitions of an asset as people are told of them, at one instant. */
export interface ShownPartitions {
  readonly asset: AnyAsset
  readonly space: Space
  readonly asOf: AsOf
  /** By ordinal: numbers of `partitionStatuses`. */
  readonly statuses: Uint8Array
  /** Whether stale is told from fresh. */
  readonly isStaleKnown: boolean
}

/** Partitions of an asset, and of it with all that it reads, up to which each is compared with what it would be made from. */
const mostCompared = 20_000
const mostRead = 60_000
/** Bytes of statuses that are remembered. */
const mostRemembered = 32_000_000

export const numberOf = Object.fromEntries(partitionStatuses.map((status, at) => [status, at])) as Record<
  ShownStatus,
  number
>
const fromStored = {
  published: numberOf.fresh,
  missing: numberOf.missing,
  failed: numberOf.failed,
  rejected: numberOf.rejected,
}

type Known = Pick<ShownPartitions, 'statuses' | 'isStaleKnown'>
interface Remembered {
  /** The same as long as nothing has happened and no partition has come into being. */
  readonly stamp: string
  readonly known: Promise<Known>
  readonly bytes: number
}
const rememberedBy = new WeakMap<object, Map<string, Remembered>>()

/** Throws `asset.unknown`. */
export async function shownPartitions(engine: Engine, name: string): Promise<ShownPartitions> {
  const asset = assetNamed(engine.definitions, name)
  const now = engine.clock()
  const [keys, { upTo }, held] = await Promise.all([
    engine.keys(now),
    engine.store.made([], undefined, 1),
    engine.store.heldOf(name),
  ])
  const asOf = { now: new Date(now), keys }
  const space = spaceOf(asset.partitions, asOf)
  const read = depsOf(asset).map(([, { name }]) => spaceOf(assetNamed(engine.definitions, name).partitions, asOf))
  const stamp = `${upTo} ${[space, ...read].map(({ size }) => size)} ${JSON.stringify(keys)}`
  const { statuses, isStaleKnown } = await remembered(engine, name, stamp, space.size, () =>
    isComparable(space, read) ? compared(engine, asset, space, asOf) : uncompared(engine, asset, space),
  )
  const running = held
    .filter(({ leasedUntil }) => leasedUntil > now)
    .map(({ key }) => ordinalOf(space, asset.partitions, key))
    .filter((ordinal) => ordinal >= 0)
  return { asset, space, asOf, isStaleKnown, statuses: running.length === 0 ? statuses : marked(statuses, running) }
}

const isComparable = (space: Space, read: readonly Space[]): boolean =>
  space.size <= mostCompared && read.reduce((sum, { size }) => sum + size, space.size) <= mostRead

function remembered(
  engine: Engine,
  name: string,
  stamp: string,
  bytes: number,
  look: () => Promise<Known>,
): Promise<Known> {
  const all = rememberedBy.get(engine) ?? new Map<string, Remembered>()
  rememberedBy.set(engine, all)
  const before = all.get(name)
  // What was asked for last is at the end, and what was not asked for the longest goes first.
  all.delete(name)
  const one = before?.stamp === stamp ? before : { stamp, bytes, known: look() }
  all.set(name, one)
  one.known.catch(() => all.get(name) === one && all.delete(name))
  let total = [...all.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  for (const [oldest, { bytes }] of all) {
    if (total <= mostRemembered || oldest === name) break
    all.delete(oldest)
    total -= bytes
  }
  return one.known
}

/** Each published partition is held against what it would be made from now. */
async function compared(engine: Engine, asset: AnyAsset, space: Space, asOf: AsOf): Promise<Known> {
  const { definitions, store } = engine
  const names = new Set([asset.name, ...depsOf(asset).map(([, { name }]) => name)])
  const states = await Promise.all(
    [...names].map(async (name) => [name, heldStates(await store.states(name))] as const),
  )
  const known = new Map(states)
  const statuses = shown(known.get(asset.name)!.statuses(space, asset.partitions))
  // What others make is as new as it was seen to be.
  if (asset.external || space.size === 0) return { statuses, isStaleKnown: true }
  const look = { assets: [asset.name], filter: { keys: {} }, mode: 'needed', now: asOf.now.getTime() } as const
  try {
    const plan = planRun({ ...look, reason: 'look' }, definitions, known, { keys: asOf.keys ?? {} })
    for (const ordinal of ordinals(plan.assets[0]!.todo)) {
      if (statuses[ordinal] === numberOf.fresh) statuses[ordinal] = numberOf.stale
    }
    return { statuses, isStaleKnown: true }
  } catch (error) {
    // One partition needs what can not exist: that is for whoever wants to make it.
    if (error instanceof PipelineError) return { statuses, isStaleKnown: false }
    throw error
  }
}

async function uncompared({ store }: Engine, asset: AnyAsset, space: Space): Promise<Known> {
  const statuses = shown(await readStatuses(store, asset, space, true))
  return { statuses, isStaleKnown: asset.external === true }
}

function shown(stored: Uint8Array): Uint8Array {
  const byByte = Uint8Array.from({ length: 256 }, (_, byte) => fromStored[statusAt(Uint8Array.of(byte), 0)])
  const statuses = new Uint8Array(stored.length)
  for (let at = 0; at < stored.length; at++) statuses[at] = byByte[stored[at]!]!
  return statuses
}

function marked(statuses: Uint8Array, running: readonly number[]): Uint8Array {
  const all = statuses.slice()
  for (const ordinal of running) all[ordinal] = numberOf.running
  return all
}

/** A partition for a list. */
export interface ShownPartition {
  readonly key: PartitionKey
  readonly status: ShownStatus
  readonly why: string | undefined
  readonly row: PartitionRow | undefined
}

/** Some partitions with their rows. Those that are published are compared even where there are too many to do so with all. */
export async function withRows(
  engine: Engine,
  { asset, asOf }: ShownPartitions,
  some: readonly { readonly key: PartitionKey; readonly status: ShownStatus }[],
): Promise<readonly ShownPartition[]> {
  const found = await engine.store.partitionsOf(
    asset.name,
    some.map(({ key }) => key),
  )
  const rows = new Map(found.map((row) => [row.key, row]))
  const published = some.flatMap(({ key, status }) => {
    const row = rows.get(key)
    return row && (status === 'fresh' || status === 'stale') ? [row] : []
  })
  const reasons = await staleReasons(engine, asset, published, asOf)
  return some.map(({ key, status }) => {
    const row = rows.get(key)
    const stale = reasons.get(key)
    if (status === 'failed' || status === 'rejected') return { key, status, row, why: row?.error ?? undefined }
    if (status === 'fresh' && stale !== undefined) return { key, status: 'stale', row, why: stale }
    return {
      key,
      status,
      row,
      why: status === 'stale' ? (stale ?? 'an earlier partition that it reads is made first') : undefined,
    }
  })
}
