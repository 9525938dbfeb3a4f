/** What the command answers with `--json`. Read from the store, in plain values. */

import type {
  AnyAsset,
  AnySchedule,
  AnySensor,
  AssetSummary,
  AutomationState,
  Definitions,
  RunRow,
  RunStore,
  WorkerAbout,
} from '#pipeline'
import { PipelineError } from '#pipeline'

/** What queries are about. */
export interface Queried {
  readonly definitions: Definitions
  readonly store: RunStore
}

export function describeAsset(asset: AnyAsset, summary: AssetSummary | undefined) {
  return {
    asset: asset.name,
    layer: asset.layer ?? null,
    isExternal: asset.external === true,
    description: asset.description ?? null,
    dimensions: Object.keys(asset.partitions),
    published: summary?.published ?? 0,
    failed: summary?.failed ?? 0,
    rejected: summary?.rejected ?? 0,
    running: summary?.running ?? 0,
    rows: summary?.rows ?? 0,
    bytes: summary?.bytes ?? 0,
    lastPublishedAt: summary?.lastPublishedAt ?? null,
  }
}

export const describeRun = (run: RunRow) => ({
  run: run.id,
  status: run.status,
  reason: run.ask.reason,
  tags: run.ask.tags ?? {},
  priority: run.ask.priority ?? 0,
  rerunOf: run.ask.rerunOf ?? null,
  resumes: run.resumes,
  stoppedBecause: run.reason,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  counts: run.counts,
})

/** Events of one run that are looked through for what went wrong. */
const mostEvents = 100_000

/** One run with what failed in it. Throws `run.unknown`. */
export async function runDetails({ store }: Queried, id: string) {
  const run = await store.run(id)
  if (!run) throw new PipelineError('run.unknown', { run: id })
  const events = await store.events({ run: id, limit: mostEvents })
  const reruns = (await store.rerunsOf(id)).map((again) => again.id)
  return {
    ...describeRun(run),
    ask: run.ask,
    reruns,
    events: events.filter(({ type }) => type === 'failed' || type === 'rejected'),
    hasLog: events.some(({ type }) => type === 'log'),
  }
}

/** The processes that share the store, what each is there for, and whose code differs from ours. */
export async function listWorkers({ definitions, store }: Queried) {
  const now = await store.now()
  const [all, unfinished] = await Promise.all([store.workers(), store.unfinishedRuns()])
  const inOrder = all.toSorted((a, b) => rankOf(a.about) - rankOf(b.about))
  return inOrder.map(({ about, heartbeatAt, ...worker }) => ({
    ...worker,
    host: worker.host.split('/', 1)[0]!,
    role: about?.role ?? null,
    version: about?.version ?? null,
    pools: about?.pools ?? [],
    concurrency: about?.concurrency ?? null,
    leads: unfinished.filter(({ leader }) => leader === worker.id).map(({ id }) => id),
    silentMs: Math.max(0, now - heartbeatAt),
    differs: about ? differences(about, definitions) : [],
  }))
}

const rankOf = (about: WorkerAbout | undefined) => ['worker', 'daemon', 'command'].indexOf(about?.role ?? 'command')

/** What a worker of other code does not make, as it is defined here. */
function differences({ code }: WorkerAbout, { assets }: Definitions): readonly string[] {
  const own = [...assets.values()].filter(({ external }) => !external)
  const lacks = own.filter(({ name }) => !(name in code)).map(({ name }) => name)
  const other = own.filter(({ name, codeVersion }) => name in code && code[name] !== codeVersion)
  return [
    ...(lacks.length > 0 ? [`lacks ${lacks.join(', ')}`] : []),
    ...other.map(({ name, codeVersion }) => `${name} is ${code[name]}, here ${codeVersion}`),
  ]
}

export const describeSchedule = ({ definition, isOn, lastTick, nextTick }: AutomationState) => ({
  name: definition.name,
  kind: definition.kind,
  isOn,
  when: whenOf(definition),
  lastTick: lastTick ?? null,
  nextTick: nextTick ?? null,
})

export function whenOf(definition: AnySchedule | AnySensor): string {
  if (definition.kind === 'sensor') return `every ${definition.every}`
  return `${[definition.cron].flat().map(inWords).join(' and ')} ${definition.timezone ?? 'UTC'}`
}

/** `30 1 * * *` as `daily at 01:30`; what is not as simple stays as it is. */
function inWords(cron: string): string {
  const [, every] = /^\*(?:\/(\d{1,2}))? \* \* \* \*$/.exec(cron.replace(/^\* /, '*/1 ')) ?? []
  // Where it does not divide an hour, the last stretch of each hour is shorter.
  if (every !== undefined && 60 % Number(every) === 0) return every === '1' ? 'every minute' : `every ${every} minutes`
  const [, minute, hour, day] = /^(\d{1,2}) (\d{1,2}|\*) \* \* ([0-7]|\*)$/.exec(cron) ?? []
  if (minute === undefined || hour === undefined) return cron
  const two = (text: string) => text.padStart(2, '0')
  if (day !== '*') return hour === '*' ? cron : `${weekdays[Number(day)]} at ${two(hour)}:${two(minute)}`
  return hour === '*' ? `hourly at :${two(minute)}` : `daily at ${two(hour)}:${two(minute)}`
}

const weekdays = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']
