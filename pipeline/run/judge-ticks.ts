import type { AnySchedule } from '../define/automation.ts'
import { dueTicks } from '../plan/due-ticks.ts'
import type { AutomationRow, TickRow } from '../store/port.ts'
import type { Violation } from './violation.ts'

/**
 * The instants that one tick of a schedule left out although they were due before it: `before` is the tick that was
 * decided last until then. What its rule of catching up gives up is not missing; nor is anything where that rule depends
 * on when a daemon began.
 */
export function judgeTick(
  schedule: AnySchedule,
  { since }: Pick<AutomationRow, 'since'>,
  before: TickRow | undefined,
  tick: TickRow,
): readonly Violation[] {
  if (schedule.catchUp === 'none' || tick.scheduledAt < since) return []
  const lastTick = before && { ...before, status: 'succeeded' }
  const [first] = dueTicks(schedule, { since, lastTick, upSince: since }, Math.max(tick.decidedAt, tick.scheduledAt))
  if (first === undefined || first >= tick.scheduledAt) return []
  return [
    {
      kind: 'tick-missing',
      where: `schedule ${schedule.name}`,
      expected: `a decision about ${new Date(first).toISOString()}`,
      got: `none, and the next about ${new Date(tick.scheduledAt).toISOString()}`,
      todo: 'make what it would have made: bullion backfill; if its cron was changed since, ignore this',
    },
  ]
}

/** Whether instants of a schedule wait that a daemon should have decided: those older than `until` (ms). */
export function judgeOverdue(
  schedule: AnySchedule,
  { since, lastTick }: Pick<AutomationRow, 'since' | 'lastTick'>,
  until: number,
): readonly Violation[] {
  if (schedule.catchUp === 'none') return []
  const [first] = dueTicks(schedule, { since, lastTick, upSince: since }, until)
  if (first === undefined) return []
  return [
    {
      kind: 'tick-overdue',
      where: `schedule ${schedule.name}`,
      expected: `a decision about ${new Date(first).toISOString()}`,
      got: 'none yet',
      todo: 'start a daemon: bullion up; if one runs, see what it says of this schedule: bullion ticks',
    },
  ]
}
