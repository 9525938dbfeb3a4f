import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { PartitionSet } from '../plan/partition-set.ts'
import { add, difference, has, noPartitions, rangesOf, size, union } from '../plan/partition-set.ts'
import { heldStates } from '../plan/partition-status.ts'
import { planRun } from '../plan/plan-run.ts'
import type { PartitionFilter } from '../plan/select-partitions.ts'
import { filtered } from '../plan/select-partitions.ts'
import { keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { PartitionRow, RunStore } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'

export const shownStatuses = ['fresh', 'stale', 'missing', 'failed', 'rejected', 'running'] as const
/** What people are told of a partition. */
export type ShownStatus = (typeof shownStatuses)[number]

export interface ListedPartition {
  readonly key: PartitionKey
  readonly status: ShownStatus
  /** Of one that is stale, failed or rejected. */
  readonly why: string | undefined
  /** Absent if it was never attempted. */
  readonly row: PartitionRow | undefined
}

/**
 * The newest partitions of an asset that pass and have `status`, at most `limit` of them, in order, and how many there
 * are of each status. What was never made costs a bit each. Throws `asset.unknown`.
 */
export async function listPartitions(
  { definitions, store }: { readonly definitions: Definitions; readonly store: RunStore },
  ask: {
    readonly asset: string
    readonly filter: PartitionFilter
    readonly status?: ShownStatus | undefined
    readonly limit: number
    /** ms. */
    readonly now: number
  },
): Promise<{
  readonly counts: Readonly<Record<ShownStatus, number>>
  /** How many have `status`, or all of them. */
  readonly matching: number
  readonly listed: readonly ListedPartition[]
}> {
  const asset = assetNamed(definitions, ask.asset)
  const keys = await keysAt({ definitions, store }, ask.now)
  const space = spaceOf(asset.partitions, { now: new Date(ask.now), keys })
  const wanted = filtered(space, ask.filter)
  const none = { fresh: 0, stale: 0, missing: 0, failed: 0, rejected: 0, running: 0 }
  if (size(wanted) === 0) return { counts: none, matching: 0, listed: [] }

  const names = [asset.name, ...depsOf(asset).map(([, dependency]) => dependency.name)]
  const states = names.map(async (name) => [name, heldStates(await store.states(name))] as const)
  const look = { assets: [asset.name], filter: ask.filter, mode: 'needed' as const, now: ask.now, reason: 'look' }
  const known = new Map(await Promise.all(states))
  // What others make is as new as it was seen to be.
  const plan = asset.external ? undefined : planRun(look, definitions, known, { keys }).assets[0]!
  const todo = plan?.todo ?? noPartitions(space)

  const rows = new Map<number, PartitionRow>()
  const sets = Object.fromEntries(shownStatuses.map((status) => [status, noPartitions(space)])) as Sets
  for (const row of await store.partitions(asset.name)) {
    const ordinal = ordinalOf(space, asset.partitions, row.key)
    if (ordinal < 0 || !has(wanted, ordinal)) continue
    rows.set(ordinal, row)
    add(sets[statusOf(row, has(todo, ordinal), ask.now)], ordinal)
  }
  const attempted = shownStatuses.map((status) => sets[status]).reduce(union)
  sets.missing = union(sets.missing, difference(wanted, attempted))

  const chosen = ask.status === undefined ? wanted : sets[ask.status]
  const listed = lastOf(chosen, ask.limit).map((ordinal): ListedPartition => {
    const row = rows.get(ordinal)
    const status = shownStatuses.find((one) => has(sets[one], ordinal))!
    const isToldWhy = status === 'stale' || status === 'failed' || status === 'rejected'
    const why = isToldWhy ? (row?.error ?? (has(todo, ordinal) ? plan?.why(ordinal) : undefined)) : undefined
    return { key: keyAt(space, ordinal), status, why, row }
  })
  const counts = Object.fromEntries(shownStatuses.map((status) => [status, size(sets[status])]))
  return { counts: counts as typeof none, matching: size(chosen), listed }
}

type Sets = Record<ShownStatus, PartitionSet>

function statusOf({ leasedUntil, state }: PartitionRow, isToDo: boolean, now: number): ShownStatus {
  if ((leasedUntil ?? 0) > now) return 'running'
  if (state.status === 'published') return isToDo ? 'stale' : 'fresh'
  return state.status
}

function lastOf(set: PartitionSet, limit: number): readonly number[] {
  const found: number[] = []
  for (const [first, last] of rangesOf(set).reverse()) {
    for (let ordinal = last; ordinal >= first && found.length < limit; ordinal--) found.push(ordinal)
    if (found.length >= limit) break
  }
  return found.reverse()
}
