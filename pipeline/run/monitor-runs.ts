import type { RunStatus } from './run-state.ts'

/** A run that is not finished, as the one who watches over runs sees it. Instants are in ms. */
export interface WatchedRun {
  readonly status: RunStatus
  /** When it was let out of the queue. */
  readonly admittedAt: number | null
  /** When its first step could start. */
  readonly startedAt: number | null
  /** How often another process has taken it up. */
  readonly resumes: number
  /** Why it is being stopped, if it is. */
  readonly stopping: string | null
  /** How long it may take, in ms. */
  readonly timeoutMs: number | null
}

export interface RunFacts {
  readonly now: number
  /** The process that leads it; `none` if it left in order. */
  readonly leader: 'alive' | 'dead' | 'none'
}

export interface MonitorLimits {
  /** How often a run is taken up again after its leader died. */
  readonly resumeMost: number
  /** How long a run that was let out of the queue may take to start, in ms. */
  readonly startMs: number
  /** How long a run that was told to stop may take to do so, in ms. */
  readonly stopMs: number
}

export const monitorLimits: MonitorLimits = { resumeMost: 3, startMs: 180_000, stopMs: 30_000 }

export type RunCare =
  | { readonly type: 'leave' }
  | { readonly type: 'resume' }
  /** Tell its leader to stop it. */
  | { readonly type: 'stop'; readonly reason: string }
  /** Write it down as failed, whatever its leader does: that one has had its time, or is gone. */
  | { readonly type: 'fail'; readonly reason: string }

/** What to do about one run now. One that waits in the queue, or has no leader and made nothing yet, loses nothing. */
export function nextOfRun(run: WatchedRun, facts: RunFacts, limits: MonitorLimits = monitorLimits): RunCare {
  const { now, leader } = facts
  if (run.status !== 'running') {
    const isTaken = leader === 'alive' && run.status === 'queued' && run.admittedAt !== null
    const isLate = isTaken && now - run.admittedAt > limits.startMs
    return isLate ? { type: 'fail', reason: `did not start within ${seconds(limits.startMs)}` } : { type: 'leave' }
  }
  const overMs = run.startedAt !== null && run.timeoutMs !== null ? now - run.startedAt - run.timeoutMs : 0
  if (overMs > 0) {
    const reason = `took longer than its timeout of ${seconds(run.timeoutMs!)}`
    if (leader !== 'alive') return { type: 'fail', reason }
    if (run.stopping === null) return { type: 'stop', reason }
    if (overMs > limits.stopMs) return { type: 'fail', reason: `${reason}, and did not stop when told to` }
    return { type: 'leave' }
  }
  if (leader === 'alive') return { type: 'leave' }
  if (leader === 'none' || run.resumes < limits.resumeMost) return { type: 'resume' }
  return { type: 'fail', reason: `its process died ${times(run.resumes + 1)}; it is not taken up again` }
}

const seconds = (ms: number): string => `${ms / 1_000} s`
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
