import type { AnyAsset } from '../define/asset.ts'
import type { AnySchedule } from '../define/automation.ts'
import { finestTime } from './select-partitions.ts'

/** What the store tells of a schedule. */
export interface ScheduleState {
  /** When it was first seen or last switched on; a tick of this very instant counts. */
  readonly since: number
  readonly lastTick: { readonly scheduledAt: number; readonly status: string; readonly failures: number } | undefined
  /** When the daemon began: earlier ticks were missed. */
  readonly upSince: number
}

/**
 * The instants that a schedule has to decide at `now`, oldest first: what came due since it last did, as far as it
 * catches up, and a tick that failed and may be tried again.
 */
export function dueTicks(schedule: AnySchedule, { since, lastTick, upSince }: ScheduleState, now: number): number[] {
  const isOpen = lastTick?.status === 'failed' && lastTick.failures <= (schedule.tickRetries ?? 0)
  const undecided = lastTick === undefined ? since : lastTick.scheduledAt + (isOpen ? 0 : 1)
  const catchUp = catchUpOf(schedule)
  const from = Math.max(since, undecided, catchUp === 'none' && !isOpen ? upSince : Number.NEGATIVE_INFINITY)
  const most = catchUp === 'all' ? (schedule.catchUpMost ?? 5) : 1

  const due: number[] = []
  let tick = schedule.ticks.atOrBefore(now)
  while (tick !== undefined && tick >= from && due.length < most) {
    due.unshift(tick)
    tick = schedule.ticks.atOrBefore(tick - 1)
  }
  return due
}

const catchUpOf = ({ catchUp, job }: AnySchedule): 'all' | 'latest' | 'none' =>
  catchUp ?? (finestTime(job.assets as readonly AnyAsset[]) ? 'all' : 'latest')
