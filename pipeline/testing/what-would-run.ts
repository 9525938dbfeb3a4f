import { scheduledAsk } from '../daemon/schedules.ts'
import { ticksBetween } from '../define/cron.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { isPipelineError } from '../define/errors.ts'
import type { PartitionKey } from '../define/partition.ts'
import { heldStates } from '../plan/partition-status.ts'
import type { Plan, PlannedStep, RunAsk } from '../plan/plan-run.ts'
import { planRun, stepsOf } from '../plan/plan-run.ts'
import { relationsOf } from '../plan/relation.ts'
import type { AsOf } from '../plan/space.ts'
import { keyAt, ordinalOf } from '../plan/space.ts'
import type { PartitionState } from '../plan/staleness.ts'
import { combinedVersion } from '../plan/staleness.ts'

/** One tick of a schedule and what it would have made. */
export interface WouldRun {
  readonly at: Date
  readonly schedule: string
  /** Upstream before downstream; none where everything was fresh. */
  readonly steps: readonly PlannedStep[]
}

/** More ticks than anybody reads. */
const mostTicks = 10_000

/**
 * What the schedules of a deployment would have run in (`from`, `to`]: no store, no files, no author's function is
 * called. Each step is taken to succeed with new rows, unless `fails` says otherwise; so the ticks that follow find it
 * fresh. Begins with nothing made; a schedule that evaluates its ticks by itself is taken to leave them as they are.
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
  const states = new Map([...all.assets.keys()].map((name) => [name, new Map<PartitionKey, PartitionState>()]))
  const { keys = {} } = span
  const ticks = [...all.schedules.values()]
    .flatMap((schedule) =>
      ticksBetween(schedule.ticks, span.from.getTime(), span.to.getTime(), mostTicks).map((at) => ({ at, schedule })),
    )
    .sort((a, b) => a.at - b.at)

  return ticks.map(({ at, schedule }, number) => {
    const ask = scheduledAsk(schedule, at)
    const plan = ask && planned(ask, all, states, keys)
    const steps = plan ? [...stepsOf(plan)] : []
    const broken = new Set<string>()
    for (const [place, step] of steps.entries()) {
      const isBlocked = step.blocked !== undefined || waitsFor(all, step, { now: new Date(at), keys }, broken)
      if (isBlocked || span.fails?.(step, new Date(at))) {
        broken.add(`${step.asset} ${step.key}`)
        if (!isBlocked) states.get(step.asset)!.set(step.key, failed(states.get(step.asset)!.get(step.key)))
      } else
        states
          .get(step.asset)!
          .set(step.key, made(all, step, { now: new Date(at), keys }, `tick ${number} step ${place}`, states))
    }
    return { at: new Date(at), schedule: schedule.name, steps }
  })
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
