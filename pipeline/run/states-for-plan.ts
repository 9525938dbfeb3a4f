import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import type { PartitionSet } from '../plan/partition-set.ts'
import { ordinals, size, union } from '../plan/partition-set.ts'
import type { AssetStates } from '../plan/partition-status.ts'
import { heldStates, statusByte } from '../plan/partition-status.ts'
import type { CatalogueStates, RunAsk } from '../plan/plan-run.ts'
import { needsVersions, selectedBy } from '../plan/plan-run.ts'
import { relationsOf } from '../plan/relation.ts'
import type { AsOf } from '../plan/space.ts'
import { keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { RunStore } from '../store/port.ts'
import { readStatuses } from './read-statuses.ts'

/** An asset of so few partitions is read whole. */
const small = 2_000
/** So many partitions of a larger one are looked up by their keys. */
const mostByKey = 20_000

interface On {
  readonly definitions: Definitions
  readonly store: RunStore
}

/**
 * What is known of the assets of an ask and of those they read, as far as a plan of it looks: of a large asset of which a
 * part is asked for, the versions of that part. A run that is taken up again looks at all.
 */
export async function statesForPlan(
  on: On,
  ask: RunAsk,
  keys: DynamicKeys,
  { isResumed }: { readonly isResumed: boolean },
): Promise<CatalogueStates> {
  const { definitions, store } = on
  const asOf = { now: new Date(ask.now), keys }
  const names = new Set<string>()
  for (const name of ask.assets) {
    names.add(name)
    for (const [, dependency] of depsOf(assetNamed(definitions, name))) names.add(dependency.name)
  }
  const isByStatus = !isResumed && !needsVersions(ask)
  const looked = isByStatus ? undefined : lookedAt(definitions, ask, asOf)
  const entries = [...names].map(async (name): Promise<readonly [string, AssetStates]> => {
    const asset = assetNamed(definitions, name)
    const space = spaceOf(asset.partitions, asOf)
    if (isByStatus) {
      const bytes = await readStatuses(store, asset, space, true)
      return [name, { statuses: () => bytes, get: () => undefined }]
    }
    const part = looked?.get(name)
    const isPart = part !== undefined && space.size > small && size(part) <= Math.min(mostByKey, space.size / 4)
    return [name, isPart ? await statesOf(on, name, part, asOf) : heldStates(await store.states(name))]
  })
  return new Map(await Promise.all(entries))
}

/** By asset: the partitions whose versions a plan looks at, those asked for and those that they read. */
function lookedAt(definitions: Definitions, ask: RunAsk, asOf: AsOf): ReadonlyMap<string, PartitionSet> {
  const looked = new Map<string, PartitionSet>()
  const look = (name: string, set: PartitionSet) => {
    const known = looked.get(name)
    looked.set(name, known ? union(known, set) : set)
  }
  for (const [name, wanted] of selectedBy(ask, definitions, asOf)) {
    look(name, wanted)
    for (const { relation } of relationsOf(assetNamed(definitions, name), definitions, asOf).inputs) {
      look(relation.dependency.name, relation.allSourcesOf(wanted))
    }
  }
  return looked
}

async function statesOf(
  { definitions, store }: On,
  name: string,
  part: PartitionSet,
  asOf: AsOf,
): Promise<AssetStates> {
  const asset = assetNamed(definitions, name)
  const space = spaceOf(asset.partitions, asOf)
  const bytes = await readStatuses(store, asset, space, true)
  const wanted = Array.from(ordinals(part), (ordinal) => keyAt(space, ordinal))
  const rows = await store.partitionsOf(name, wanted)
  // Something may have happened between the two looks: of what is looked at closely the second one counts.
  for (const { key, state } of rows) {
    const ordinal = ordinalOf(space, asset.partitions, key)
    if (ordinal >= 0) bytes[ordinal] = statusByte(state.status, state.published !== undefined)
  }
  const states = new Map(rows.map(({ key, state }) => [key, state]))
  return { statuses: () => bytes, get: (key) => states.get(key) }
}
