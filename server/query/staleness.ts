import type { Engine, PartitionKey, PartitionSet } from '#pipeline'
import { add, keyAt, noPartitions, ordinalOf, printSome, size } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { partitionStatuses } from '../contract/words.ts'
import { numberOf, shownPartitions, withRows } from './shown-partitions.ts'

/** Partitions of an asset that has more than can be compared in passing. */
const mostOfMany = 2_000
const mostReasons = 50

/** How many published partitions are stale, and why; of very many partitions the newest are compared. */
export async function stalenessOf(engine: Engine, ask: Asked<'staleness'>): Promise<Answer<'staleness'>> {
  const shown = await shownPartitions(engine, ask.asset)
  const { asset, space, statuses, isStaleKnown } = shown
  const most = isStaleKnown ? space.size : mostOfMany
  const chosen: { key: PartitionKey; status: 'fresh' | 'stale' }[] = []
  let fresh = 0
  let compared = 0
  for (let at = space.size - 1; at >= 0 && compared < most; at--) {
    const isStale = statuses[at] === numberOf.stale
    if (!isStale && statuses[at] !== numberOf.fresh) continue
    compared += 1
    // Where stale is told from fresh already, only the reasons are left to find.
    if (isStale || !isStaleKnown)
      chosen.push({ key: keyAt(space, at), status: partitionStatuses[statuses[at]!] as 'fresh' })
    else fresh += 1
  }
  const byReason = new Map<string, PartitionSet>()
  for (const { key, status, why } of await withRows(engine, shown, chosen)) {
    if (status === 'fresh') fresh += 1
    else {
      const reason = why ?? 'it is not known why'
      const set = byReason.get(reason) ?? noPartitions(space)
      byReason.set(reason, set)
      add(set, ordinalOf(space, asset.partitions, key))
    }
  }
  const reasons = [...byReason].map(([why, set]) => ({ why, count: size(set), partitions: printSome(set) }))
  return {
    stale: reasons.reduce((sum, { count }) => sum + count, 0),
    fresh,
    compared,
    reasons: reasons.sort((a, b) => b.count - a.count).slice(0, mostReasons),
  }
}
