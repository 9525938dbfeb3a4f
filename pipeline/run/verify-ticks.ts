import { isOn } from '../daemon/switches.ts'
import { durationMs } from '../define/duration.ts'
import type { TickRow } from '../store/port.ts'
import { judgeOverdue, judgeTick } from './judge-ticks.ts'
import type { Tell, VerifyContext, VerifyLimits } from './verify-context.ts'

const page = 1_000

/** Holds the ticks of schedules against their crons, and the runs of ticks and run keys against the runs there are. */
export async function verifyTicks(on: VerifyContext, limits: VerifyLimits, tell: Tell): Promise<number> {
  const ticks = await verifyDecided(on, limits, tell)
  await verifyRunKeys(on, limits, tell)
  const now = on.clock()
  const isAttended = (await on.store.workers()).some(({ heartbeatAt }) => heartbeatAt >= now - limits.stuckMs)
  // Nobody decides while nobody is there.
  if (!isAttended) return ticks
  for (const row of await on.store.automations()) {
    const schedule = on.definitions.schedules.get(row.name)
    if (schedule && isOn(schedule, row)) tell(judgeOverdue(schedule, row, now - limits.stuckMs))
  }
  return ticks
}

async function verifyDecided(
  { definitions, store, clock }: VerifyContext,
  limits: VerifyLimits,
  tell: Tell,
): Promise<number> {
  const rows = new Map((await store.automations()).map((row) => [row.name, row]))
  const now = clock()
  // Nothing tells of the ticks before that: they may have been forgotten.
  const keptFrom = now - durationMs(definitions.retain.ticks ?? '30d')
  let last: Pick<TickRow, 'definition' | 'scheduledAt'> = { definition: '', scheduledAt: 0 }
  let before: TickRow | undefined
  let ticks = 0
  for (let isMore = true; isMore; ) {
    limits.signal.throwIfAborted()
    const found = await store.ticksAfter(last, page)
    for (const tick of found) {
      const { definition, scheduledAt } = tick
      if (before?.definition !== definition) before = undefined
      const [schedule, row] = [definitions.schedules.get(definition), rows.get(definition)]
      const isSure = before !== undefined || (row?.since ?? 0) > keptFrom
      if (schedule && row && isSure && scheduledAt >= now - limits.ticksMs) tell(judgeTick(schedule, row, before, tick))
      for (const run of tick.runs) {
        if (await store.run(run)) continue
        const where = `tick of ${definition} at ${new Date(scheduledAt).toISOString()}`
        const todo = 'make what it would have made: bullion backfill'
        tell([{ kind: 'tick-run-missing', where, expected: `run ${run}`, got: 'no such run', todo }])
      }
      before = tick
    }
    ticks += found.length
    last = found.at(-1) ?? last
    isMore = found.length === page
  }
  return ticks
}

async function verifyRunKeys({ store }: VerifyContext, limits: VerifyLimits, tell: Tell): Promise<void> {
  let last = { definition: '', runKey: '' }
  for (let isMore = true; isMore; ) {
    limits.signal.throwIfAborted()
    const found = await store.runKeysAfter(last, page)
    for (const { definition, runKey, run } of found) {
      if (await store.run(run)) continue
      const where = `run key "${runKey}" of ${definition}`
      const todo = 'it is used up; make what it would have made: bullion backfill'
      tell([{ kind: 'run-key-unfounded', where, expected: `run ${run}`, got: 'no such run', todo }])
    }
    last = found.at(-1) ?? last
    isMore = found.length === page
  }
}
