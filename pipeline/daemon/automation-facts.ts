import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { PartitionKey } from '../define/partition.ts'
import { layoutOf, recalled } from '../plan/automation-cursor.ts'
import type { AutomationFacts, Update } from '../plan/evaluate-clause.ts'
import type { PartitionSet } from '../plan/partition-set.ts'
import { add, allPartitions, difference, noPartitions, union } from '../plan/partition-set.ts'
import type { AssetStates, StatusBytes } from '../plan/partition-status.ts'
import { heldStates, readablePartitions, withStatus } from '../plan/partition-status.ts'
import type { Plan, RunAsk } from '../plan/plan-run.ts'
import { upstreamOf } from '../plan/reachable-assets.ts'
import type { Space } from '../plan/space.ts'
import { ordinalOf } from '../plan/space.ts'
import type { EventRow, RunStore } from '../store/port.ts'

/** What is read of a store to decide automation, kept up by its event log. */
export interface StoreFacts {
  /** Reads on: facts as they are now, updates since the event `after`. The last event read is `upTo`. */
  read(after: number): Promise<{ readonly facts: AutomationFacts; readonly upTo: number }>
}

export interface FactsSource {
  readonly definitions: Definitions
  readonly store: RunStore
  plan(ask: RunAsk): Promise<Plan>
}

const page = 10_000

/** The facts about the assets with a condition and all that they read. */
export function storeFacts({ definitions, store, plan }: FactsSource): StoreFacts {
  const automated = [...definitions.assets.values()].filter(({ automation }) => automation).map(({ name }) => name)
  const watched = new Set<string>([...automated, ...upstreamOf(definitions, automated)])
  const states = new Map<string, AssetStates>()
  const revisions = new Map<string, number>()
  const plans = new Map<string, Plan>()
  let readUpTo: number | undefined
  // A run that can not be planned any more, since definitions have changed, makes nothing.
  const planOf = (ask: RunAsk) => plan(ask).catch((): Plan => ({ now: ask.now, assets: [], size: 0, fresh: {} }))

  return {
    async read(after) {
      const latest = new Map<string, Map<PartitionKey, EventRow>>()
      // Another process may have read further than this one: what is held is out of date from where this one stopped.
      let upTo = Math.min(after, readUpTo ?? after)
      for (let isMore = true; isMore; ) {
        const events = await store.events({ after: upTo, limit: page })
        for (const event of events) {
          upTo = event.id
          if (!watched.has(event.asset) || event.type === 'log') continue
          if (readUpTo === undefined || event.id > readUpTo) states.delete(event.asset)
          if (event.id <= after) continue
          if (event.type !== 'published' && event.type !== 'unchanged' && event.type !== 'observed') continue
          if (!latest.has(event.asset)) latest.set(event.asset, new Map())
          latest.get(event.asset)!.set(event.key, event)
        }
        isMore = events.length === page
      }
      upTo = Math.max(upTo, after)
      readUpTo = upTo
      const targets = new Map<string, ReadonlySet<string>>()
      for (const { run } of [...latest.values()].flatMap((events) => [...events.values()])) {
        if (!targets.has(run)) targets.set(run, new Set((await store.run(run))?.ask.assets))
      }
      for (const name of watched) {
        if (states.has(name)) continue
        states.set(name, heldStates(await store.states(name)))
        revisions.set(name, (revisions.get(name) ?? 0) + 1)
      }
      const underWay = await store.unfinishedRuns()
      for (const { id, ask } of underWay) if (!plans.has(id)) plans.set(id, await planOf(ask))
      for (const id of plans.keys()) if (!underWay.some((run) => run.id === id)) plans.delete(id)
      return { facts: factsNow({ definitions, states, revisions, plans, targets, latest }), upTo }
    },
  }
}

function factsNow(known: {
  readonly definitions: Definitions
  readonly states: ReadonlyMap<string, AssetStates>
  readonly revisions: ReadonlyMap<string, number>
  readonly plans: ReadonlyMap<string, Plan>
  readonly targets: ReadonlyMap<string, ReadonlySet<string>>
  readonly latest: ReadonlyMap<string, ReadonlyMap<PartitionKey, EventRow>>
}): AutomationFacts {
  const { definitions, states, revisions, plans, targets, latest } = known
  const partitionsOf = (name: string) => assetNamed(definitions, name).partitions
  const statuses = new Map<string, StatusBytes>()
  const bytesOf = (name: string, space: Space): StatusBytes => {
    const bytes = statuses.get(name) ?? states.get(name)!.statuses(space, partitionsOf(name))
    statuses.set(name, bytes)
    return bytes
  }
  const runsOf = new Map<string, string>()
  for (const [run, { assets }] of plans) {
    for (const { asset } of assets) runsOf.set(asset.name, `${runsOf.get(asset.name) ?? ''} ${run}`)
  }
  return {
    // Updates are seen once: an asset that has any is another than it was and will be.
    revision: (name) => `${revisions.get(name)}${runsOf.get(name) ?? ''}${latest.has(name) ? ' updated' : ''}`,
    missing: (name, space) => difference(allPartitions(space), readablePartitions(space, bytesOf(name, space))),
    failed: (name, space) => withStatus(space, bytesOf(name, space), ['failed', 'rejected']),
    inProgress(name, space) {
      let set = noPartitions(space)
      for (const { assets } of plans.values()) {
        const planned = assets.find(({ asset }) => asset.name === name)
        const todo = planned && recalled(planned.todo.bits, layoutOf(planned.space), space)
        if (todo) set = union(set, todo)
      }
      return set
    },
    updated(name, space) {
      const updates = new Map<string, { partitions: PartitionSet; changed: PartitionSet }>()
      for (const [key, { run, type, payload }] of latest.get(name) ?? []) {
        const ordinal = ordinalOf(space, partitionsOf(name), key)
        if (ordinal < 0) continue
        if (!updates.has(run)) updates.set(run, { partitions: noPartitions(space), changed: noPartitions(space) })
        const { partitions, changed } = updates.get(run)!
        add(partitions, ordinal)
        // Other rows under a version that their author says is the same are no change to who reads them.
        if (type !== 'unchanged' && payload.isSame !== true) add(changed, ordinal)
      }
      return Array.from(
        updates,
        ([run, sets]): Update => ({
          ...sets,
          isToMake: (asset) => targets.get(run)!.has(asset),
        }),
      )
    },
  }
}
