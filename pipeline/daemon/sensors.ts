import type { AnySensor } from '../define/automation.ts'
import { durationMs } from '../define/duration.ts'
import { listed } from '../plan/plan-run.ts'
import { changesInWords, keyChanges, withChanges } from '../run/dynamic-keys.ts'
import type { Engine } from '../run/engine.ts'
import { observationOf } from '../run/observe.ts'
import type { Observation } from '../store/port.ts'
import type { Decision, Tick, TickToSettle } from './tick.ts'
import { decisionOf, failed, inTime, settleTick } from './tick.ts'

/** What a poll asks for, with the cursor that it began at and the one that it would leave. */
export interface Polled extends Decision {
  /** It found nothing to run, changes no keys and said nothing. */
  readonly isQuiet: boolean
  readonly observed: readonly Observation[]
  readonly cursorBefore: string | null
  readonly cursorAfter: string | null
}

/** Calls a sensor; changes nothing of ours. Throws what it throws, and `tick.timeout`. */
export async function evaluateSensor(
  engine: Engine,
  sensor: AnySensor,
  now: number,
  signal: AbortSignal,
): Promise<Polled> {
  const cursorBefore = (await engine.store.cursor(sensor.name)) ?? null
  const resources: Record<string, unknown> = {}
  for (const name of Object.keys(sensor.resources)) resources[name] = await engine.resource(name)
  const cursor = cursorBefore === null ? undefined : sensor.cursor.parse(JSON.parse(cursorBefore))
  const answer = await inTime(sensor.name, sensor.tickTimeout, signal, (inner) =>
    sensor.poll({ at: new Date(now), cursor, resources, history: engine.store, signal: inner }),
  )
  const cursorAfter = answer.cursor === undefined ? cursorBefore : JSON.stringify(sensor.cursor.parse(answer.cursor))
  const decision = decisionOf(sensor, answer, now)
  const known = await engine.keys(now)
  const keys = keyChanges(engine.definitions, answer, known)
  const changes = changesInWords(keys)
  const isQuiet = decision.asks.length === 0 && answer.skip === undefined && changes === undefined
  const asOf = { now: new Date(now), keys: withChanges(known, keys) }
  const observed = (answer.observed ?? []).map(({ asset, ...seen }) =>
    observationOf(engine.definitions, asset.name, seen, asOf),
  )
  const looked = observed.length === 0 ? undefined : `saw ${listed([...new Set(observed.map(({ asset }) => asset))])}`
  const skip = decision.asks.length > 0 ? undefined : (answer.skip ?? changes ?? looked ?? decision.skip)
  return { ...decision, skip, keys, observed, isQuiet, cursorBefore, cursorAfter }
}

/**
 * Polls a sensor if its time has come; any number of daemons may try. A poll that finds nothing to run and says nothing
 * moves its cursor but leaves no tick, since a sensor may be called every second.
 */
export async function pollSensor(
  engine: Engine,
  sensor: AnySensor,
  on: { readonly now: number; readonly signal: AbortSignal },
): Promise<Tick | undefined> {
  if (!(await engine.store.claimPoll(sensor.name, on.now, durationMs(sensor.every)))) return undefined
  const row = { definition: sensor.name, scheduledAt: on.now, decidedAt: on.now }
  let settled: [tick: TickToSettle, decision: Decision]
  try {
    const polled = await evaluateSensor(engine, sensor, on.now, on.signal)
    const { cursorBefore, cursorAfter } = polled
    const seen = await observeAll(engine, polled.observed)
    if (polled.isQuiet && seen === undefined) {
      await engine.store.moveCursor({ ...row, cursorBefore, cursorAfter })
      return undefined
    }
    settled = [{ ...row, cursorBefore, cursorAfter }, polled.isQuiet ? { ...polled, skip: seen } : polled]
  } catch (error) {
    if (on.signal.aborted) return undefined
    settled = failed(row, 1, error)
  }
  return settleTick(engine, ...settled)
}

/** Takes down what was seen, and says of what it is another than before. */
async function observeAll(engine: Engine, observed: readonly Observation[]): Promise<string | undefined> {
  const changed = new Set<string>()
  for (const one of observed) if (await engine.store.observe(one)) changed.add(one.asset)
  return changed.size === 0 ? undefined : `saw a new version of ${listed([...changed])}`
}
