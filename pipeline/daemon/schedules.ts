import type { AnyAsset } from '../define/asset.ts'
import type { AnySchedule } from '../define/automation.ts'
import type { ScheduleState } from '../plan/due-ticks.ts'
import { dueTicks } from '../plan/due-ticks.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { finestTime } from '../plan/select-partitions.ts'
import type { Engine } from '../run/engine.ts'
import type { Decision, Tick, TickToSettle } from './tick.ts'
import { decisionOf, failed, inTime, runOptionsFor, settleTick } from './tick.ts'

/** When a schedule ticks next after `now`, in ms. */
export const nextTick = (schedule: AnySchedule, now: number): number | undefined => schedule.ticks.atOrAfter(now + 1)

/** What a schedule asks for by itself when it ticks at `at`; nothing if no window is complete by then. */
export function scheduledAsk(schedule: AnySchedule, at: number): RunAsk | undefined {
  const assets = schedule.job.assets as readonly AnyAsset[]
  const time = finestTime(assets)
  const ask = {
    assets: assets.map(({ name }) => name),
    mode: schedule.again ? ('sources' as const) : ('needed' as const),
    now: at,
    reason: `schedule ${schedule.name}`,
    ...runOptionsFor(schedule),
  }
  if (!time) return { ...ask, filter: { keys: {} } }
  const last = time.count(new Date(at)) - 1
  const spans = (schedule.windowsBack ?? [0])
    .filter((back) => back <= last)
    .map((back) => time.at(last - back))
    .map(({ start, end }) => ({ start: start.getTime(), end: end.getTime() }))
  return spans.length > 0 ? { ...ask, filter: { keys: {}, spans } } : undefined
}

/** What the tick of `at` asks for; changes nothing. Throws what `evaluate` throws, and `tick.timeout`. */
export async function evaluateSchedule(schedule: AnySchedule, at: number, signal: AbortSignal): Promise<Decision> {
  const { name, evaluate, tickTimeout } = schedule
  const call = (inner: AbortSignal) => evaluate?.({ at: new Date(at), signal: inner })
  const answer = evaluate && (await inTime(name, tickTimeout, signal, call))
  // The key of a request tells it from the others of its tick, not from those of another.
  if (answer) return decisionOf(schedule, answer, at, `${at} `)
  const ask = scheduledAsk(schedule, at)
  return ask ? { asks: [{ ask }], skip: undefined } : { asks: [], skip: 'no window is complete yet' }
}

/**
 * Decides the ticks of a schedule that are due at `now`, oldest first. A tick that fails ends it for now: the later ones
 * wait until it has been tried again or was given up.
 */
export async function decideSchedule(
  engine: Engine,
  schedule: AnySchedule,
  state: ScheduleState,
  on: { readonly now: number; readonly signal: AbortSignal },
): Promise<readonly Tick[]> {
  const ticks: Tick[] = []
  for (const at of dueTicks(schedule, state, on.now)) {
    const failures = state.lastTick?.scheduledAt === at ? state.lastTick.failures : 0
    const row = { definition: schedule.name, scheduledAt: at, decidedAt: on.now }
    // Only the author's function is on trial: where the store fails, nothing is written and the tick stays due.
    let settled: [tick: TickToSettle, decision: Decision]
    try {
      settled = [{ ...row, failures }, await evaluateSchedule(schedule, at, on.signal)]
    } catch (error) {
      // The process is going: the next one decides this tick.
      if (on.signal.aborted) return ticks
      settled = failed(row, failures + 1, error)
    }
    const tick = await settleTick(engine, ...settled)
    if (tick) ticks.push(tick)
    if (tick?.status === 'failed') return ticks
  }
  return ticks
}
