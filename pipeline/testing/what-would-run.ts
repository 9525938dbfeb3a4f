import { automationAsk } from '../daemon/automation.ts'
import { scheduledAsk } from '../daemon/schedules.ts'
import { ticksBetween } from '../define/cron.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { isPipelineError } from '../define/errors.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { AutomationCursor } from '../plan/automation-cursor.ts'
import type { AutomationFacts } from '../plan/evaluate-clause.ts'
import { evaluateConditions } from '../plan/evaluate-conditions.ts'
import { allPartitions, difference, noPartitions, setOf } from '../plan/partition-set.ts'
import { heldStates, readablePartitions, statusBytes, withStatus } from '../plan/partition-status.ts'
import type { Plan, PlannedStep, RunAsk } from '../plan/plan-run.ts'
import { planRun, stepsOf } from '../plan/plan-run.ts'
import { relationsOf } from '../plan/relation.ts'
import type { AsOf, Space } from '../plan/space.ts'
import { keyAt, ordinalOf } from '../plan/space.ts'
import type { PartitionState } from '../plan/staleness.ts'
import { combinedVersion } from '../plan/staleness.ts'

/** What was asked for at one instant. */
export interface WouldRun {
  readonly at: Date
  /** The schedule that ticked, or "automation": the conditions of assets. */
  readonly by: string
  /** Upstream before downstream; none where everything was fresh. */
  readonly steps: readonly PlannedStep[]
}

/** More ticks of a schedule than anybody reads. */
const mostTicks = 10_000
const minute = 60_000
/** Evaluations of the conditions that follow each other at one instant; more would be a circle. */
const mostRounds = 100

/**
 * What the schedules and conditions of a deployment would have run in (`from`, `to`]: no store, no files, no author's
 * function is called. Each step is taken to succeed with new rows at once, unless `fails` says otherwise; so what follows
 * finds it fresh. Begins with nothing made. Conditions are evaluated every minute, and again until they ask for nothing.
 * A schedule that evaluates its ticks by itself is taken to leave them as they are; sensors look at the outside world,
 * and are left out.
 */
export function whatWouldRun(
  all: Definitions,
  span: {
    readonly from: Date
    readonly to: Date
    readonly fails?: (step: PlannedStep, at: Date) => boolean
    /** What dynamic dimensions are taken to have, all the time. */
    readonly keys?: DynamicKeys
  },
): readonly WouldRun[] {
  const world = worldOf(all, span.keys ?? {}, span.fails ?? (() => false))
  const ran: WouldRun[] = []
  const [from, to] = [span.from.getTime(), span.to.getTime()]
  const ticks = [...all.schedules.values()]
    .flatMap((schedule) => ticksBetween(schedule.ticks, from, to, mostTicks).map((at) => ({ at, schedule })))
    .sort((a, b) => a.at - b.at)

  const evaluateUntil = (end: number): void => {
    if (!world.hasConditions) return
    for (; evaluated + minute <= end; ) {
      evaluated += minute
      for (let round = 0; round < mostRounds; round++) {
        const steps = world.automate(evaluated)
        if (steps.length === 0) break
        ran.push({ at: new Date(evaluated), by: 'automation', steps })
      }
    }
  }
  let evaluated = Math.floor(from / minute) * minute
  for (const { at, schedule } of ticks) {
    // At the instant of a tick the schedule comes first, as in a daemon.
    evaluateUntil(at - minute)
    const ask = scheduledAsk(schedule, at)
    ran.push({ at: new Date(at), by: schedule.name, steps: ask ? world.make(ask) : [] })
  }
  evaluateUntil(to)
  return ran
}

/** Assets with nothing made yet, and what becomes of them. */
function worldOf(all: Definitions, keys: DynamicKeys, fails: (step: PlannedStep, at: Date) => boolean) {
  const states = new Map([...all.assets.keys()].map((name) => [name, new Map<PartitionKey, PartitionState>()]))
  const revisions = new Map<string, number>()
  /** What was made since the conditions were last evaluated: by whom, and of which assets. */
  let updates: { readonly asset: string; readonly key: PartitionKey; readonly run: ReadonlySet<string> }[] = []
  let cursor: AutomationCursor | undefined
  let runs = 0

  const make = (ask: RunAsk): readonly PlannedStep[] => {
    const plan = planned(ask, all, states, keys)
    const asOf = { now: new Date(ask.now), keys }
    const steps = plan ? [...stepsOf(plan)] : []
    const broken = new Set<string>()
    const run = new Set(ask.assets)
    runs += 1
    for (const [place, step] of steps.entries()) {
      const own = states.get(step.asset)!
      const isBlocked = step.blocked !== undefined || waitsFor(all, step, asOf, broken)
      if (isBlocked || fails(step, asOf.now)) {
        broken.add(`${step.asset} ${step.key}`)
        if (!isBlocked) own.set(step.key, failed(own.get(step.key)))
      } else {
        own.set(step.key, made(all, step, asOf, `run ${runs} step ${place}`, states))
        updates.push({ asset: step.asset, key: step.key, run })
      }
      revisions.set(step.asset, runs)
    }
    return steps
  }

  const facts = (): AutomationFacts => {
    const seen = updates
    const statuses = (name: string, space: Space) =>
      statusBytes(space, assetNamed(all, name).partitions, states.get(name)!)
    return {
      revision: (name) => `${revisions.get(name)}${seen.some(({ asset }) => asset === name) ? ' updated' : ''}`,
      missing: (name, space) => difference(allPartitions(space), readablePartitions(space, statuses(name, space))),
      failed: (name, space) => withStatus(space, statuses(name, space), ['failed', 'rejected']),
      inProgress: (_, space) => noPartitions(space),
      updated: (name, space) =>
        seen.flatMap(({ asset, key, run }) => {
          const ordinal = asset === name ? ordinalOf(space, assetNamed(all, name).partitions, key) : -1
          const partitions = setOf(space, ordinal < 0 ? [] : [ordinal])
          return ordinal < 0 ? [] : [{ partitions, changed: partitions, isToMake: (other: string) => run.has(other) }]
        }),
    }
  }

  return {
    hasConditions: [...all.assets.values()].some(({ automation }) => automation),
    make,
    /** Evaluates the conditions at `now` and makes what they ask for. */
    automate(now: number): readonly PlannedStep[] {
      const evaluation = evaluateConditions(all, facts(), cursor, { now: new Date(now), keys })
      cursor = evaluation.cursor
      updates = []
      const ask = automationAsk(evaluation, now)
      return ask ? make(ask) : []
    },
  }
}

type States = ReadonlyMap<string, Map<PartitionKey, PartitionState>>

function planned(ask: RunAsk, all: Definitions, states: States, keys: DynamicKeys): Plan | undefined {
  try {
    return planRun(ask, all, new Map(Array.from(states, ([name, known]) => [name, heldStates(known)])), { keys })
  } catch (error) {
    // Before the first window has ended there is nothing to make.
    if (isPipelineError(error, 'selection.empty')) return undefined
    throw error
  }
}

const failed = (before: PartitionState | undefined): PartitionState => ({
  status: 'failed',
  published: before?.published,
})

/** What a step reads, by input. */
function inputsOf(all: Definitions, { asset, key }: PlannedStep, asOf: AsOf) {
  const author = assetNamed(all, asset)
  const { space, inputs } = relationsOf(author, all, asOf)
  const ordinal = ordinalOf(space, author.partitions, key)
  return inputs.map(({ name, relation }) => ({
    name,
    dependency: relation.dependency,
    keys: relation.sourcesOf(ordinal).map((source) => keyAt(relation.source, source)),
  }))
}

const waitsFor = (all: Definitions, step: PlannedStep, asOf: AsOf, broken: ReadonlySet<string>): boolean =>
  inputsOf(all, step, asOf).some(
    ({ dependency, keys }) => !dependency.optional && keys.some((key) => broken.has(`${dependency.name} ${key}`)),
  )

function made(all: Definitions, step: PlannedStep, asOf: AsOf, version: string, states: States): PartitionState {
  const inputs = inputsOf(all, step, asOf).map(({ name, dependency, keys }) => {
    const files = keys.flatMap((key) => {
      const published = states.get(dependency.name)?.get(key)?.published
      return published ? [{ key, version: published.version }] : []
    })
    return [name, combinedVersion(files)]
  })
  const { codeVersion } = assetNamed(all, step.asset)
  return { status: 'published', published: { codeVersion, version, inputs: Object.fromEntries(inputs), run: version } }
}
