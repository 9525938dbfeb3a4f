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
  /** Whether the process that leads it is alive. */
  readonly isLed: boolean
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

/** What to do about one run now. A run that waits in the queue is left there, with or without a leader. */
export function nextOfRun(run: WatchedRun, facts: RunFacts, limits: MonitorLimits = monitorLimits): RunCare {
  const { now, isLed } = facts
  if (run.status !== 'running') {
    const isLate = run.status === 'queued' && run.admittedAt !== null && now - run.admittedAt > limits.startMs
    return isLate ? { type: 'fail', reason: `did not start within ${seconds(limits.startMs)}` } : { type: 'leave' }
  }
  const overMs = run.startedAt !== null && run.timeoutMs !== null ? now - run.startedAt - run.timeoutMs : 0
  if (overMs > 0) {
    const reason = `took longer than its timeout of ${seconds(run.timeoutMs!)}`
    if (run.stopping === null && isLed) return { type: 'stop', reason }
    if (!isLed || overMs > limits.stopMs) return { type: 'fail', reason: `${reason}, and did not stop when told to` }
    return { type: 'leave' }
  }
  if (isLed) return { type: 'leave' }
  if (run.resumes < limits.resumeMost) return { type: 'resume' }
  return { type: 'fail', reason: `its process died ${times(run.resumes + 1)}; it is not taken up again` }
}

const seconds = (ms: number): string => `${ms / 1_000} s`
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
