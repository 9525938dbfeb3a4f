import type { RunAccount, WorkerIdentity } from '../store/port.ts'
import { isFinal, total } from './run-state.ts'
import type { Violation } from './violation.ts'

export interface RunFactsToJudge {
  readonly now: number
  readonly stuckMs: number
  /** Those that the store knows, by id. */
  readonly workers: ReadonlyMap<string, WorkerIdentity & { readonly heartbeatAt: number }>
}

/** What is wrong with one run: its end, its counts, and whether somebody still takes it to its end. */
export function judgeRun(run: RunAccount, facts: RunFactsToJudge): readonly Violation[] {
  const where = `run ${run.id}`
  return isFinal[run.status] ? judgeFinished(run, where) : judgeUnfinished(run, facts, where)
}

function judgeFinished(run: RunAccount, where: string): readonly Violation[] {
  const found: Violation[] = []
  if (run.finishedAt === null || !run.isEnded) {
    const got = run.finishedAt === null ? 'no time of its end' : 'none'
    const todo = 'sensors of runs will not hear of it; run it again: bullion runs retry'
    found.push({ kind: 'run-end-missing', where, expected: 'one end', got, todo })
  }
  const { planned, ...ends } = run.counts
  const assets = new Set(Object.values(run.counts).flatMap((byAsset) => Object.keys(byAsset)))
  for (const asset of assets) {
    const ended = Object.values(ends).reduce((sum, byAsset) => sum + (byAsset[asset] ?? 0), 0)
    const wanted = planned[asset] ?? 0
    // What was ended from outside was counted as far as its leader had told.
    if (ended === wanted || (run.reason !== null && ended < wanted)) continue
    found.push({
      kind: 'run-counts-wrong',
      where,
      expected: `${wanted} ends of "${asset}", as planned`,
      got: `${ended}`,
      todo: 'what was published stays; to make the rest: bullion backfill',
    })
  }
  return [...found, ...judgePublished(run, where)]
}

function judgePublished(run: RunAccount, where: string): readonly Violation[] {
  const counted = total(run.counts.published)
  if (counted <= run.published) return []
  const todo = 'compare with a backup of the store, then make what is missing: bullion backfill'
  return [{ kind: 'run-counts-wrong', where, expected: `${counted} publications`, got: `${run.published}`, todo }]
}

function judgeUnfinished(
  run: RunAccount,
  { now, stuckMs, workers }: RunFactsToJudge,
  where: string,
): readonly Violation[] {
  const found: Violation[] = [...judgePublished(run, where)]
  if (run.finishedAt !== null || run.isEnded) {
    const todo = 'stop it: bullion cancel'
    found.push({ kind: 'run-end-early', where, expected: 'no end while it is under way', got: run.status, todo })
  }
  const leader = run.leader === null ? undefined : workers.get(run.leader)
  const isLed = leader !== undefined && leader.heartbeatAt >= now - stuckMs
  // Waiting for its turn is no standing still.
  const isWaiting = isLed && run.admittedAt === null
  const isHolding = (run.leasedUntil ?? 0) >= now - stuckMs
  const lastMove = Math.max(run.createdAt, run.admittedAt ?? 0, run.startedAt ?? 0, run.lastEventAt ?? 0)
  if (isWaiting || (isLed && isHolding) || lastMove >= now - stuckMs) return found
  const got = isLed
    ? `nothing since ${new Date(lastMove).toISOString()}`
    : `led by ${run.leader ? `${run.leader}, which is gone` : 'nobody'}`
  const todo = isLed ? 'stop it and run it again: bullion cancel, bullion runs retry' : 'bullion up takes it up'
  found.push({ kind: 'run-stuck', where, expected: 'a run that goes on', got, todo })
  return found
}
