import type { AnySchedule, AnySensor } from '../define/automation.ts'
import { durationMs } from '../define/duration.ts'
import { dueTicks } from '../plan/due-ticks.ts'
import type { Engine } from '../run/engine.ts'
import type { AutomationRow } from '../store/port.ts'
import { automationOf } from './automation.ts'
import { decideSchedule, nextTick } from './schedules.ts'
import { pollSensor } from './sensors.ts'
import { isOn } from './switches.ts'
import type { Tick } from './tick.ts'

export interface Daemon {
  stop(): Promise<void>
}

export interface DaemonOptions {
  readonly clock?: () => number
  /** How often at least the store is looked at, for what other processes switched and decided. */
  readonly everyMs?: number
  /** How long a tick that failed waits to be tried again. */
  readonly retryMs?: number
  readonly onTick?: (tick: Tick) => void
}

const day = 86_400_000

/**
 * Decides the ticks of schedules and sensors, and what the conditions of assets ask for, while it lives, and takes up runs
 * that nobody leads. Each of these is by itself: a slow one holds up no other, and none overlaps itself. Any number of
 * daemons may share a store: a tick belongs to the first that writes it down.
 */
export function startDaemon(engine: Engine, options: DaemonOptions = {}): Daemon {
  const { clock = engine.clock, everyMs = 1_000, retryMs = 10_000, onTick } = options
  const stop = new AbortController()
  const upSince = clock()
  const underWay = new Map<string, Promise<void>>()
  const all = [...engine.definitions.schedules.values(), ...engine.definitions.sensors.values()]
  const conditions = automationOf(engine)
  let retainedAt = Number.NEGATIVE_INFINITY

  const round = async (now: number): Promise<void> => {
    if (now - retainedAt >= day) {
      retainedAt = now
      begin('retention', async () => {
        const { failures } = await engine.retain({ signal: stop.signal })
        if (failures.length === 0) return []
        throw new Error(
          `${failures.length} files could not be removed, e.g. "${failures[0]!.path}": ${failures[0]!.error}`,
        )
      })
    }
    begin('runs', async () => {
      await engine.freeDead()
      await engine.resume()
      return []
    })
    begin('automation', async () => [await conditions.decide(now)])
    const rows = await seen(engine, all, now)
    for (const definition of all) {
      const row = rows.get(definition.name)
      if (!row || !isOn(definition, row)) continue
      const state = { ...row, upSince }
      if (isDue(definition, state, now, retryMs)) begin(definition.name, () => decide(definition, state, now))
    }
  }

  const decide = async (
    definition: AnySchedule | AnySensor,
    state: AutomationRow & { readonly upSince: number },
    now: number,
  ): Promise<readonly (Tick | undefined)[]> => {
    const on = { now, signal: stop.signal }
    return definition.kind === 'schedule'
      ? decideSchedule(engine, definition, state, on)
      : [await pollSensor(engine, definition, on)]
  }

  const begin = (name: string, work: () => Promise<readonly (Tick | undefined)[]>): void => {
    if (underWay.has(name)) return
    const done = work().then(
      (ticks) => {
        for (const tick of ticks) if (tick) onTick?.(tick)
      },
      (error) => tellFailure(name, error),
    )
    underWay.set(
      name,
      done.finally(() => underWay.delete(name)),
    )
  }

  // The store may be out of reach for a while; the next round tries again.
  const tellFailure = (definition: string, error: unknown): void => {
    if (stop.signal.aborted) return
    onTick?.({ definition, scheduledAt: clock(), status: 'failed', runs: [], note: String(error) })
  }

  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const now = clock()
      await round(now).catch((error) => tellFailure('daemon', error))
      // From when the round looked: what came due meanwhile is late already.
      const next = Math.min(everyMs, ...all.map((one) => untilNext(one, now)))
      await wait(next - (clock() - now), stop.signal)
    }
  }

  const looping = loop()
  return {
    async stop() {
      stop.abort()
      await looping
      await Promise.all(underWay.values())
    },
  }
}

/** Rows of all definitions by name; those seen for the first time begin now. */
async function seen(
  engine: Engine,
  all: readonly (AnySchedule | AnySensor)[],
  now: number,
): Promise<ReadonlyMap<string, AutomationRow>> {
  const read = async () => new Map((await engine.store.automations()).map((row) => [row.name, row]))
  const rows = await read()
  const unseen = all.filter((one) => !rows.has(one.name) && one.defaultStatus !== 'stopped').map(({ name }) => name)
  if (unseen.length === 0) return rows
  await engine.store.seeAutomations(unseen, now)
  return read()
}

function isDue(
  definition: AnySchedule | AnySensor,
  state: AutomationRow & { readonly upSince: number },
  now: number,
  retryMs: number,
): boolean {
  if (definition.kind === 'sensor') {
    return state.polledAt === null || now - state.polledAt >= durationMs(definition.every)
  }
  const [first] = dueTicks(definition, state, now)
  if (first === undefined) return false
  return first !== state.lastTick?.scheduledAt || now - state.lastTick.decidedAt >= retryMs
}

const untilNext = (definition: AnySchedule | AnySensor, now: number): number =>
  definition.kind === 'sensor'
    ? durationMs(definition.every)
    : (nextTick(definition, now) ?? Number.POSITIVE_INFINITY) - now

/** Resolves after `ms`, or as soon as `signal` is aborted. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.max(1, ms))
    signal.addEventListener('abort', end, { once: true })
  })
}
