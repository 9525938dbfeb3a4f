import type { AutomationState, Engine, TickRow } from '#pipeline'
import { automationNamed, automations, durationMs, nameOfCondition, nextTick } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { whenOf } from '../queries.ts'
import { numberIn } from './cursor.ts'

type Automation = Answer<'automations'>['items'][number]

/** Ticks that a strip shows. */
const mostRecent = 60
const mostUpcoming = 10
/** A process that was not heard of for longer is taken for dead. */
const leaseMs = 30_000

/** Schedules and sensors, the conditions of assets, and whether a process is there that ticks. */
export async function listAutomations(engine: Engine): Promise<Answer<'automations'>> {
  const { definitions, store } = engine
  const [states, workers] = await Promise.all([automations(definitions, store, engine.clock()), store.workers()])
  const now = await store.now()
  return {
    items: await Promise.all(states.map((state) => automationOf(engine, state))),
    conditions: [...definitions.assets.values()].flatMap(({ name, automation }) =>
      automation ? [{ asset: name, condition: nameOfCondition(automation) }] : [],
    ),
    isDaemonUp: workers.some(({ about, heartbeatAt }) => about?.ticks === true && now - heartbeatAt < leaseMs),
  }
}

/** One schedule or sensor. Throws `definition.unknown`. */
export async function oneAutomation(engine: Engine, name: string): Promise<Answer<'automation'>> {
  const { definitions, store } = engine
  const definition = automationNamed(definitions, name)
  const states = await automations(definitions, store, engine.clock())
  const state = states.find((one) => one.definition === definition)!
  return {
    ...(await automationOf(engine, state)),
    upcoming: upcomingOf(state, engine.clock()),
    cursor: (await store.cursor(name)) ?? null,
  }
}

/** Ticks of a schedule or sensor, newest first. Throws `definition.unknown`. */
export async function listTicks(
  { definitions, store }: Pick<Engine, 'definitions' | 'store'>,
  { name, status, cursor, limit }: Asked<'ticks'>,
): Promise<Answer<'ticks'>> {
  automationNamed(definitions, name)
  const rows = await store.ticksPage(name, { before: numberIn(cursor), status, limit: limit + 1 })
  const items = rows.slice(0, limit)
  return { items: items.map(tickOf), next: rows.length > limit ? String(items.at(-1)!.scheduledAt) : null }
}

async function automationOf({ store }: Engine, state: AutomationState): Promise<Automation> {
  const { definition, isOn, lastTick, nextTick: next } = state
  const isSchedule = definition.kind === 'schedule'
  const recent = await store.ticks(definition.name, mostRecent)
  return {
    name: definition.name,
    kind: definition.kind,
    description: definition.description ?? null,
    isOn,
    when: whenOf(definition),
    cron: isSchedule ? [definition.cron].flat() : null,
    timezone: isSchedule ? (definition.timezone ?? 'UTC') : null,
    everyMs: isSchedule ? null : durationMs(definition.every),
    makes: (definition.job.assets as readonly { readonly name: string }[]).map(({ name }) => name),
    lastTick: lastTick ? tickOf(lastTick) : null,
    nextTick: next ?? null,
    recent: recent.toReversed().map(({ scheduledAt: at, status, runs }) => ({ at, status, runs: runs.length })),
  }
}

function upcomingOf({ definition, isOn }: AutomationState, now: number): number[] {
  const upcoming: number[] = []
  if (!isOn || definition.kind !== 'schedule') return upcoming
  for (let at = nextTick(definition, now); at !== undefined; at = nextTick(definition, at)) {
    upcoming.push(at)
    if (upcoming.length === mostUpcoming) break
  }
  return upcoming
}

const tickOf = ({ definition: _, ...tick }: TickRow): Answer<'ticks'>['items'][number] => ({
  ...tick,
  runs: [...tick.runs],
})
