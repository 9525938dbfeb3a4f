import type { AnyAsset } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import type { Dimensions, PartitionKey } from '../define/partition.ts'
import type { PartitionSet } from '../plan/partition-set.ts'
import { has, parseSet, size } from '../plan/partition-set.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { filtered } from '../plan/select-partitions.ts'
import type { AsOf, Space } from '../plan/space.ts'
import { indexOn, keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { RunEnd, RunRow, RunStore } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'

/** What may have become of a partition of a run, in the order in which cells count it. */
export const fates = ['made', 'skipped', 'rejected', 'failed', 'blocked', 'canceled', 'unended'] as const
export type Fate = (typeof fates)[number]

/** Of several ends of one partition the last of these counts: a job may come twice, and what failed is tried again. */
const rankNames = ['none', 'retried', 'canceled', 'skipped', 'failed', 'rejected', 'made'] as const
const fateOfRank = [undefined, 'unended', 'canceled', 'skipped', 'failed', 'rejected', 'made'] as const

/** What became of the partitions of a run up to an event; grows in place with what happens. */
export interface RunFates {
  upTo: number
  readonly assets: Map<string, AssetFates>
}

interface AssetFates {
  /** Absent where the asset is no longer defined. */
  readonly space: Space | undefined
  /** -1 of a partition that does not exist any more. */
  readonly ordinalAt: (key: PartitionKey) => number
  /** By ordinal; 0 of what has not ended. */
  readonly ranks: Uint8Array
  /** Of partitions that do not exist any more. */
  readonly strays: Map<PartitionKey, number>
}

/** Partitions in order of their places, of which `counts` are by `fates`; keys are empty where it is not known which. */
export interface FateCell {
  readonly first: string
  readonly last: string
  readonly counts: readonly number[]
}

export const noFates = (): RunFates => ({ upTo: 0, assets: new Map() })

/** Takes in what happened since. */
export async function followFates(
  on: { readonly definitions: Definitions; readonly store: RunStore },
  { id, ask, counts }: RunRow,
  known: RunFates,
): Promise<void> {
  const upTo = await on.store.newestEventOf(id)
  const asOf = { now: new Date(ask.now), keys: await keysAt(on, ask.now) }
  const fatesOf = (name: string): AssetFates => {
    const of = known.assets.get(name) ?? nothingOf(on.definitions.assets.get(name), asOf)
    known.assets.set(name, of)
    return of
  }
  for (const name of Object.keys(counts.planned)) fatesOf(name)
  if (upTo === known.upTo) return
  for (const end of await on.store.runEnds(id, known.upTo)) note(known.assets.get(end.asset) ?? fatesOf(end.asset), end)
  known.upTo = upTo
}

function nothingOf(asset: AnyAsset | undefined, asOf: AsOf): AssetFates {
  if (!asset) return { space: undefined, ordinalAt: () => -1, ranks: new Uint8Array(0), strays: new Map() }
  const space = spaceOf(asset.partitions, asOf)
  return { space, ordinalAt: ordinalsIn(space, asset.partitions), ranks: new Uint8Array(space.size), strays: new Map() }
}

/** As `ordinalOf`, for many keys that share their parts: each part is read once. */
function ordinalsIn(space: Space, dimensions: Dimensions): (key: PartitionKey) => number {
  const known = space.axes.map(() => new Map<string, number>())
  return (key) => {
    const parts = key.split('/')
    let sum = 0
    for (let at = 0; at < known.length; at++) sum += known[at]!.get(parts[at]!) ?? Number.NaN
    if (parts.length === known.length && sum >= 0) return sum
    const ordinal = ordinalOf(space, dimensions, key)
    if (ordinal < 0 || parts.length !== known.length) return ordinal
    for (const [at, axis] of space.axes.entries()) known[at]!.set(parts[at]!, indexOn(axis, ordinal) * axis.stride)
    return ordinal
  }
}

function note({ ordinalAt, ranks, strays }: AssetFates, { key, end, isRetried }: RunEnd): void {
  const isMade = end === 'published' || end === 'unchanged'
  const rank = rankNames.indexOf(isMade ? 'made' : isRetried ? 'retried' : end)
  const ordinal = ordinalAt(key)
  if (ordinal < 0) strays.set(key, Math.max(rank, strays.get(key) ?? 0))
  else ranks[ordinal] = Math.max(rank, ranks[ordinal]!)
}

/**
 * The partitions of one asset in at most `width` cells, in order of their places. What was planned and has no end of its
 * own is put in its place where what was asked for tells which it is, and after all others where it does not; of it,
 * blocked ones come before canceled ones, and these before those that have not ended.
 */
export function fateCells(
  asset: string,
  { ask, counts }: Pick<RunRow, 'ask' | 'counts'>,
  of: AssetFates,
  width: number,
): readonly FateCell[] {
  const { space, ranks, strays } = of
  const ended = countOf(ranks, (rank) => rank > 0) + strays.size
  const planned = counts.planned[asset] ?? 0
  const rest = restOf(planned - ended, counts.blocked[asset] ?? 0, (counts.canceled[asset] ?? 0) - canceledOf(of))
  const places = rest.length > 0 && space ? placesOf(ask, asset, space, planned) : undefined
  const cells = cellsOf(Math.ceil((ended + rest.length) / width))
  let used = 0
  for (let ordinal = 0; ordinal < ranks.length; ordinal++) {
    const isRest = ranks[ordinal] === 0 && places !== undefined && has(places, ordinal)
    const fate = isRest ? rest[used++] : fateOfRank[ranks[ordinal]!]
    if (fate !== undefined) cells.add(fate, () => keyAt(space!, ordinal))
  }
  for (const [key, rank] of strays) cells.add(fateOfRank[rank]!, () => key)
  for (const fate of rest.slice(used)) cells.add(fate, () => '')
  return cells.all()
}

const canceledOf = ({ ranks, strays }: AssetFates) => {
  const isCanceled = (rank: number) => fateOfRank[rank] === 'canceled'
  return countOf(ranks, isCanceled) + countOf([...strays.values()], isCanceled)
}

function countOf(list: ArrayLike<number>, isCounted: (rank: number) => boolean): number {
  let count = 0
  for (let at = 0; at < list.length; at++) if (isCounted(list[at]!)) count += 1
  return count
}

function restOf(count: number, blocked: number, canceled: number): readonly Fate[] {
  const rest: Fate[] = new Array(Math.max(0, count)).fill('unended')
  return rest.fill('canceled', 0, Math.max(0, blocked + canceled)).fill('blocked', 0, blocked)
}

/** The partitions that were planned, if it can be told without planning again. */
function placesOf(ask: RunAsk, asset: string, space: Space, planned: number): PartitionSet | undefined {
  if (ask.follow && !ask.sets) return undefined
  const wanted = ask.sets ? parseSet(space, ask.sets[asset] ?? '') : filtered(space, ask.filter)
  return size(wanted) === planned ? wanted : undefined
}

function cellsOf(most: number) {
  const cells: { first: string; last: () => string; counts: number[]; size: number }[] = []
  return {
    add(fate: Fate, key: () => string): void {
      let cell = cells.at(-1)
      if (!cell || cell.size === most) {
        cell = { first: key(), last: key, counts: fates.map(() => 0), size: 0 }
        cells.push(cell)
      }
      cell.last = key
      cell.size += 1
      cell.counts[fates.indexOf(fate)]! += 1
    },
    all: (): readonly FateCell[] => cells.map(({ first, last, counts }) => ({ first, last: last(), counts })),
  }
}
