import { z } from 'zod'
import type { AnyAsset } from './asset.ts'
import type {
  Answer,
  AnyJob,
  DefaultStatus,
  EndedRun,
  History,
  Job,
  MadePartition,
  PartitionOfJob,
  RunOptions,
  Sensor,
  SensorAnswer,
} from './automation.ts'
import { defineSensor } from './automation.ts'
import type { Duration } from './duration.ts'
import type { DynamicKeys } from './dynamic.ts'
import { PipelineError } from './errors.ts'
import type { FreshnessState } from './freshness.ts'
import { freshnessRule } from './freshness.ts'

/** The job of a sensor that only tells. */
type NoJob = Job<'', readonly []>
export const noJob: NoJob = { kind: 'job', name: '', description: undefined, assets: [] }

interface SensorOptions<J extends AnyJob> extends Pick<RunOptions, 'tags' | 'priority'> {
  readonly name: string
  readonly description?: string
  /** What its answers ask for runs of; without it the sensor only tells. */
  readonly job?: J
  readonly every?: Duration
  readonly defaultStatus?: DefaultStatus
  readonly tickTimeout?: Duration
}

type Heard<J extends AnyJob> =
  | Answer<SensorAnswer<PartitionOfJob<J>>>
  | Promise<Answer<SensorAnswer<PartitionOfJob<J>>>>

/** Runs that one poll looks at. */
const mostRuns = 100
/** Partitions that one poll looks at. */
const mostMade = 1_000

type RunEnd = 'succeeded' | 'failed' | 'canceled'

/**
 * Calls `poll` for each run that ends so, in order of their ends, from when the sensor is first polled. One that throws is
 * told of the same run at the next poll. With `jobs` only of runs of exactly the assets of one of them, with `assets` only of
 * runs of any of these. Throws `duration.malformed`.
 */
export function defineRunSensor<J extends AnyJob = NoJob>(
  spec: SensorOptions<J> & {
    readonly on: RunEnd | readonly RunEnd[]
    readonly jobs?: readonly AnyJob[]
    readonly assets?: readonly AnyAsset[]
    readonly poll: (run: EndedRun, tick: { readonly signal: AbortSignal }) => Heard<J>
  },
): Sensor<J, z.ZodNumber, {}> {
  const { on, jobs, assets, poll, ...options } = spec
  const ends = [on].flat() as readonly string[]
  const ofJobs = jobs?.map((job) => namesOf(job.assets).sort().join())
  const wanted = assets && new Set(namesOf(assets))
  const isMeant = (run: EndedRun) =>
    ends.includes(run.status) &&
    (!ofJobs || ofJobs.includes(run.assets.toSorted().join())) &&
    (!wanted || run.assets.some((name) => wanted.has(name)))
  return defineSensor({
    ...sensorOf(options, '5s'),
    cursor: z.number(),
    async poll({ cursor, history, signal }) {
      if (cursor === undefined) return { cursor: (await history.endedRuns(undefined, 1)).upTo }
      const answers: SensorAnswer<PartitionOfJob<J>>[] = []
      let seen = cursor
      for (let looked = 0; looked < mostRuns; looked++) {
        // In turn on purpose: the cursor stands before the first run whose handler fails.
        const { runs, upTo } = await history.endedRuns(seen, 1)
        const [run] = runs
        if (!run) break
        try {
          if (isMeant(run)) answers.push((await poll(run, { signal })) ?? { skip: `saw run ${run.id}` })
        } catch (error) {
          if (seen === cursor) throw error
          break
        }
        seen = upTo
      }
      return { cursor: seen, ...joined(answers) }
    },
  })
}

const madeOnce = z.strictObject({
  asset: z.string(),
  key: z.string(),
  run: z.string(),
  isNew: z.boolean(),
  at: z.number(),
})
const assetCursor = z.strictObject({ upTo: z.number(), waiting: z.record(z.string(), madeOnce) })

/**
 * Calls `poll` with what was made of some assets since it last was, from when the sensor is first polled. With
 * `when: 'all'` only once each of them was made, and then with the last partition of each. Partitions that were made
 * again with the same rows do not count. Throws `duration.malformed`.
 */
export function defineAssetSensor<J extends AnyJob = NoJob>(
  spec: SensorOptions<J> & {
    readonly assets: readonly AnyAsset[]
    /** `any` if absent. */
    readonly when?: 'any' | 'all'
    readonly poll: (made: readonly MadePartition[], tick: { readonly signal: AbortSignal }) => Heard<J>
  },
): Sensor<J, typeof assetCursor, {}> {
  const { assets, when = 'any', poll, ...options } = spec
  const names = namesOf(assets)
  return defineSensor({
    ...sensorOf(options, '5s'),
    cursor: assetCursor,
    async poll({ cursor, history, signal }) {
      const { made, upTo } = await history.made(names, cursor?.upTo, mostMade)
      const fresh = made.filter(({ isNew }) => isNew)
      const waiting = { ...cursor?.waiting, ...Object.fromEntries(fresh.map((one) => [one.asset, one])) }
      const isDue = when === 'any' ? fresh.length > 0 : names.every((name) => name in waiting)
      if (!isDue) return { cursor: { upTo, waiting: when === 'all' ? waiting : {} } }
      const told = when === 'any' ? fresh : (names.map((name) => waiting[name]) as readonly MadePartition[])
      const answer = (await poll(told, { signal })) ?? { skip: `saw ${told.length} partitions` }
      return { cursor: { upTo, waiting: {} }, ...answer }
    },
  })
}

/** An asset that is something else than before. */
export interface FreshnessChange {
  readonly asset: string
  readonly from: FreshnessState
  readonly to: FreshnessState
  /** ms. */
  readonly madeAt: number | undefined
}

const freshnessCursor = z.strictObject({
  upTo: z.number(),
  madeAt: z.record(z.string(), z.number()),
  states: z.record(z.string(), z.enum(['fresh', 'late', 'unmade'])),
})

/**
 * Looks every minute, or as told, whether assets are as new as their `freshness` asks for. What became late or fresh is a
 * tick, and `poll` is called with it. Throws `sensor.freshness-missing` and `duration.malformed`.
 */
export function defineFreshnessSensor<J extends AnyJob = NoJob>(
  spec: SensorOptions<J> & {
    readonly assets: readonly AnyAsset[]
    readonly poll?: (changes: readonly FreshnessChange[], tick: { readonly signal: AbortSignal }) => Heard<J>
  },
): Sensor<J, typeof freshnessCursor, {}> {
  const { assets, poll, ...options } = spec
  const rules = assets.map(({ name, freshness }) => {
    if (!freshness) throw new PipelineError('sensor.freshness-missing', { sensor: spec.name, asset: name })
    return [name, freshnessRule(freshness)] as const
  })
  return defineSensor({
    ...sensorOf(options, '1m'),
    cursor: freshnessCursor,
    async poll({ at, cursor, history, signal }) {
      const { upTo, madeAt } = await lastMade(namesOf(assets), cursor, history)
      const states = Object.fromEntries(rules.map(([name, state]) => [name, state(madeAt[name], at.getTime())]))
      const changes = namesOf(assets)
        .map((asset) => ({ asset, from: cursor?.states[asset] ?? 'unmade', to: states[asset]!, madeAt: madeAt[asset] }))
        // An asset that is made for the first time, or found fresh at first, is as it should be.
        .filter(({ from, to }) => from !== to && !(from === 'unmade' && to === 'fresh'))
      const next = { cursor: { upTo, madeAt, states } }
      if (changes.length === 0) return next
      const answer = await poll?.(changes, { signal })
      return { ...next, ...(answer ?? { skip: changes.map(({ asset, to }) => `"${asset}" is ${to}`).join(', ') }) }
    },
  })
}

async function lastMade(
  names: readonly string[],
  cursor: z.output<typeof freshnessCursor> | undefined,
  history: History,
): Promise<{ readonly upTo: number; readonly madeAt: Readonly<Record<string, number>> }> {
  if (!cursor) {
    const { upTo } = await history.made(names, undefined, 1)
    const known = (await history.summaries()).filter(({ asset }) => names.includes(asset))
    const published = known.flatMap(({ asset, lastPublishedAt: at }) => (at === null ? [] : [[asset, at] as const]))
    return { upTo, madeAt: Object.fromEntries(published) }
  }
  const madeAt = { ...cursor.madeAt }
  let { upTo } = cursor
  for (let isMore = true; isMore; ) {
    const page = await history.made(names, upTo, mostMade)
    for (const { asset, at } of page.made) madeAt[asset] = at
    upTo = page.upTo
    isMore = page.made.length === mostMade
  }
  return { upTo, madeAt }
}

/** What `defineSensor` takes of the options; a sensor without a job has one of nothing. */
function sensorOf<J extends AnyJob>({ job, every, ...options }: SensorOptions<J>, usual: Duration) {
  return { ...options, job: job ?? (noJob as AnyJob as J), every: every ?? usual }
}

/** All requests together; why there are none, if there are none. */
function joined<P>(answers: readonly SensorAnswer<P>[]): SensorAnswer<P> {
  const runs = answers.flatMap((answer) => answer.runs ?? [])
  const whys = answers.flatMap(({ skip }) => (skip === undefined ? [] : [skip]))
  return {
    runs,
    addKeys: allKeys(answers.map(({ addKeys }) => addKeys)),
    removeKeys: allKeys(answers.map(({ removeKeys }) => removeKeys)),
    observed: answers.flatMap(({ observed }) => observed ?? []),
    ...(runs.length === 0 && whys.length > 0 && { skip: whys.join('; ') }),
  }
}

function allKeys(said: readonly (DynamicKeys | undefined)[]): DynamicKeys {
  const all: Record<string, readonly string[]> = {}
  for (const [name, keys] of said.flatMap((one) => Object.entries(one ?? {})))
    all[name] = [...(all[name] ?? []), ...keys]
  return all
}

const namesOf = (assets: readonly AnyAsset[]): string[] => assets.map(({ name }) => name)
