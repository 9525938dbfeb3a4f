import type { RunLimits } from '../define/run-limits.ts'

/** A run as the queue sees it. */
export interface QueuedRun {
  readonly id: string
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Higher first; 0 if absent or no number. */
  readonly priority?: number | undefined
}

/**
 * The ids of the queued runs that may start now, in the order in which they should: by priority, then as they are
 * listed, oldest first. Every limit that a run falls under must admit it; a run that has to wait holds up no other.
 */
export function admitRuns(
  queued: readonly QueuedRun[],
  inProgress: readonly Pick<QueuedRun, 'tags'>[],
  limits: RunLimits,
): readonly string[] {
  const most = limits.most ?? Number.POSITIVE_INFINITY
  const underWay = new Map<string, number>()
  const start = (run: Pick<QueuedRun, 'tags'>): void => {
    for (const { counter } of countersOf(run, limits)) underWay.set(counter, (underWay.get(counter) ?? 0) + 1)
  }
  for (const run of inProgress) start(run)

  const admitted: string[] = []
  for (const run of [...queued].sort((a, b) => priorityOf(b) - priorityOf(a))) {
    if (inProgress.length + admitted.length >= most) break
    if (!countersOf(run, limits).every(({ counter, most }) => (underWay.get(counter) ?? 0) < most)) continue
    start(run)
    admitted.push(run.id)
  }
  return admitted
}

/** The limits that a run falls under, each with the name under which it is counted. */
function countersOf({ tags = {} }: Pick<QueuedRun, 'tags'>, limits: RunLimits) {
  return (limits.tags ?? []).flatMap(({ key, value, perValue, most }, at) => {
    const own = tags[key]
    if (own === undefined || (value !== undefined && value !== own)) return []
    return [{ counter: perValue ? `${at} ${own}` : `${at}`, most }]
  })
}

const priorityOf = ({ priority = 0 }: QueuedRun): number => (Number.isFinite(priority) ? priority : 0)
