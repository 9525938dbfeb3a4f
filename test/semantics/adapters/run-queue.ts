import type { QueuedRun, TagLimit } from '#pipeline'
import { admitRuns } from '#pipeline'
import type { Adapter } from '../case.ts'

export const run: Adapter = (one) => {
  const { maxConcurrentRuns: most = -1, tagLimits = [], queued = [], inProgress = 0, notQueued = [], ordered } = one
  const limits = { ...(most >= 0 && { most }), tags: tagLimits.map(limitOf) }
  const underWay = typeof inProgress === 'number' ? Array.from({ length: inProgress }, () => ({})) : inProgress
  const admitted = admitRuns(queued.map(runOf), underWay, limits)
  const stray = admitted.filter((id) => notQueued.includes(id))
  const expected = one.expectedLaunched
  if (typeof expected === 'number') {
    return [
      { what: 'number of runs that start', expected, got: admitted.length },
      { what: 'runs that start without having been queued', expected: [], got: stray },
    ]
  }
  const inOrder = (ids: readonly string[]) => (ordered === false ? [...ids].sort() : ids)
  return [{ what: 'runs that start', expected: inOrder(expected), got: inOrder(admitted) }]
}

function runOf({ id, tags = {} }: { id: string; tags?: Readonly<Record<string, string>> }): QueuedRun {
  const priority = tags['dagster/priority']
  return { id, tags, ...(priority !== undefined && { priority: Number(priority) }) }
}

function limitOf({ key, value, limit, perUniqueValue }: Readonly<Record<string, any>>): TagLimit {
  const isPerValue = perUniqueValue ?? value?.applyLimitPerUniqueValue ?? false
  return { key, most: limit, ...(typeof value === 'string' && { value }), ...(isPerValue && { perValue: true }) }
}
