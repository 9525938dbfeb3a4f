import type { AnyAsset } from '../define/asset.ts'
import type { AnySchedule, AnySensor } from '../define/automation.ts'
import { runOptionsOf } from '../define/automation.ts'
import { latestFiring, nextFiring } from '../define/cron.ts'
import { durationMs } from '../define/duration.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { finestTime } from '../plan/select-partitions.ts'
import type { Engine, StartedRun } from '../run/engine.ts'
import { newId } from '../run/identity.ts'
import { noCounts } from '../run/run-state.ts'
import { automationOf } from './automation.ts'

export interface Tick {
  readonly definition: string
  readonly scheduledAt: number
  readonly run: StartedRun | undefined
  readonly error: string | undefined
}

export interface Daemon {
  stop(): Promise<void>
}

/**
 * Decides the ticks of schedules and sensors, and what the conditions of assets ask for, while it lives. Any number of daemons may share a store: a tick belongs to
 * the first that writes it down, together with its run. After downtime only the newest missed tick of a schedule runs.
 */
export function startDaemon(
  engine: Engine,
  options: { readonly clock?: () => number; readonly everyMs?: number; readonly onTick?: (tick: Tick) => void } = {},
): Daemon {
  const clock = options.clock ?? Date.now
  const stop = new AbortController()
  const since = clock()
  const polled = new Map<string, number>()
  const tell = (tick: Tick) => options.onTick?.(tick)
  const automation = automationOf(engine)

  const round = async (): Promise<void> => {
    await guarded('runs', async () => {
      await engine.freeDead()
      await engine.resume()
    })
    for (const schedule of engine.definitions.schedules.values()) {
      await guarded(schedule.name, () => decideSchedule(engine, schedule, since, clock(), tell))
    }
    await guarded('automation', async () => {
      const run = await automation.decide(clock())
      if (run) tell({ definition: 'automation', scheduledAt: run.ask.now, run, error: undefined })
    })
    for (const sensor of engine.definitions.sensors.values()) {
      if (clock() - (polled.get(sensor.name) ?? Number.NEGATIVE_INFINITY) < durationMs(sensor.every)) continue
      polled.set(sensor.name, clock())
      await guarded(sensor.name, () => pollSensor(engine, sensor, clock(), stop.signal, tell))
    }
  }
  // A definition that fails is told of and tried again at the next round; it must not stop the others.
  const guarded = async (definition: string, decide: () => Promise<void>): Promise<void> => {
    try {
      await decide()
    } catch (error) {
      if (!stop.signal.aborted) tell({ definition, scheduledAt: clock(), run: undefined, error: String(error) })
    }
  }

  let rounds: Promise<void> = round()
  const timer = setInterval(() => {
    rounds = rounds.then(() => (stop.signal.aborted ? undefined : round()))
  }, options.everyMs ?? 1_000)
  return {
    async stop() {
      stop.abort()
      clearInterval(timer)
      await rounds
    },
  }
}

/** When a schedule fires next after `now`, in ms. */
export const nextTick = (schedule: AnySchedule, now: number): number | undefined =>
  nextFiring(schedule.cron, schedule.timezone ?? 'UTC', new Date(now))?.getTime()

/** What a schedule asks for when it fires at `at`. */
export function scheduledAsk(schedule: AnySchedule, at: number): RunAsk {
  const assets = schedule.job.assets as readonly AnyAsset[]
  const time = finestTime(assets)
  const ask = {
    assets: assets.map(({ name }) => name),
    mode: schedule.again ? ('sources' as const) : ('needed' as const),
    now: at,
    reason: `schedule ${schedule.name}`,
    ...runOptionsOf(schedule.job),
  }
  if (!time) return { ...ask, filter: { keys: {} } }
  const last = time.count(new Date(at)) - 1
  const spans = (schedule.windowsBack ?? [0])
    .filter((back) => back <= last)
    .map((back) => time.at(last - back))
    .map(({ start, end }) => ({ start: start.getTime(), end: end.getTime() }))
  return { ...ask, filter: { keys: {}, spans } }
}

async function decideSchedule(
  engine: Engine,
  schedule: AnySchedule,
  since: number,
  now: number,
  tell: (tick: Tick) => void,
): Promise<void> {
  const { store, worker } = engine
  const after = Math.max((await store.lastTick(schedule.name))?.scheduledAt ?? since, 0)
  const due = latestFiring(schedule.cron, schedule.timezone ?? 'UTC', new Date(after), new Date(now))?.getTime()
  if (due === undefined) return
  const ask = scheduledAsk(schedule, due)
  const run = { id: newId(now), ask, leader: worker }
  const tick = { definition: schedule.name, scheduledAt: due, decidedAt: now, run: run.id, note: null }
  if (!(await store.decideTick(tick, run))) return
  const started = await engine.lead({ id: run.id, ask, counts: noCounts })
  tell({ definition: schedule.name, scheduledAt: due, run: started, error: undefined })
}

async function pollSensor(
  engine: Engine,
  sensor: AnySensor,
  now: number,
  signal: AbortSignal,
  tell: (tick: Tick) => void,
): Promise<void> {
  const { store, worker } = engine
  const before = await store.cursor(sensor.name)
  const resources: Record<string, unknown> = {}
  for (const name of Object.keys(sensor.resources)) resources[name] = await engine.resource(name)
  const cursor = before === undefined ? undefined : sensor.cursor.parse(JSON.parse(before))
  const answer = await sensor.poll({ cursor, resources, signal })
  const next = JSON.stringify(sensor.cursor.parse(answer.cursor))
  if (next === before && answer.runs.length === 0) return
  const runs = answer.runs.map(({ partition, reason }: { partition: Record<string, unknown>; reason?: string }) => ({
    id: newId(now),
    leader: worker,
    ask: askFor(sensor, partition, reason ?? `sensor ${sensor.name}`, now),
  }))
  await store.moveCursor(sensor.name, next, runs, now)
  for (const run of runs) {
    const started = await engine.lead({ id: run.id, ask: run.ask, counts: noCounts })
    tell({ definition: sensor.name, scheduledAt: now, run: started, error: undefined })
  }
}

function askFor(sensor: AnySensor, partition: Record<string, unknown>, reason: string, now: number): RunAsk {
  const assets = sensor.job.assets as readonly AnyAsset[]
  const spans: { start: number; end: number }[] = []
  const keys: Record<string, readonly string[]> = {}
  for (const [name, value] of Object.entries(partition)) {
    if (typeof value === 'string') keys[name] = [value]
    else spans.push({ start: (value as { start: Date }).start.getTime(), end: (value as { end: Date }).end.getTime() })
  }
  const filter = spans.length > 0 ? { keys, spans } : { keys }
  return { assets: assets.map(({ name }) => name), filter, mode: 'sources', now, reason, ...runOptionsOf(sensor.job) }
}
