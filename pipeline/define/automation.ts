import type { z } from 'zod'
import type { AnyAsset } from './asset.ts'
import type { Cron } from './cron.ts'
import { cronOf } from './cron.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import type { DynamicKeys } from './dynamic.ts'
import { PipelineError } from './errors.ts'
import type { SeenAsset } from './observing.ts'
import type { ParamsOf, RunParams } from './params.ts'
import { refuseParams } from './params.ts'
import type { PartitionKey, PartitionOf } from './partition.ts'
import type { Resources, ValuesOf } from './resource.ts'
import type { Intersection } from './types.ts'

/** Every dimension that any asset of the job has. */
export type PartitionOfJob<J extends AnyJob> = Intersection<PartitionOf<J['assets'][number]['partitions']>>

/** What may be said of a run as a whole: by the job that asks for it, or by a person. */
export interface RunOptions {
  /** What limits on runs and people tell runs apart by. */
  readonly tags?: Readonly<Record<string, string>>
  /** Higher first, among queued runs; 0 if absent. */
  readonly priority?: number
  /** By asset: what it is given for its parameters. */
  readonly params?: RunParams
  /** How often a run that failed is run again from where it failed, by itself; 0 if absent. */
  readonly runRetries?: number
  /** How long the run may take from its start; then it is stopped and has failed. */
  readonly timeout?: Duration
}

/** The run options alone of whatever may hold more. */
export function runOptionsOf({ tags, priority, params, runRetries, timeout }: RunOptions): RunOptions {
  return {
    ...(tags && { tags }),
    ...(priority !== undefined && { priority }),
    ...(params && { params }),
    ...(runRetries !== undefined && { runRetries }),
    ...(timeout !== undefined && { timeout }),
  }
}

/** A named selection of assets. Selection is by value: renaming an asset can not break a job. */
export interface Job<Name extends string, A extends readonly AnyAsset[]> extends RunOptions {
  readonly kind: 'job'
  readonly name: Name
  readonly description: string | undefined
  readonly assets: A
  /** The selection that `definitions()` chooses the assets by, where they are not listed. */
  readonly select?: string
}
export type AnyJob = Job<any, any>

interface JobSpec<Name extends string> extends RunOptions {
  readonly name: Name
  readonly description?: string
}

/**
 * Declares a job of assets that are listed, or of those that a selection chooses among all of the deployment: `select:
 * 'layer:gold and not tag:slow'`. Throws `duration.malformed`, `params.invalid` and `params.unexpected`.
 */
export function defineJob<const Name extends string, const A extends readonly AnyAsset[]>(
  spec: Omit<JobSpec<Name>, 'params'> & {
    readonly assets: A
    /** By asset: what its parameters are in runs of this job. */
    readonly params?: ParamsOf<A>
  },
): Job<Name, A>
export function defineJob<const Name extends string>(
  spec: JobSpec<Name> & { readonly select: string },
): Job<Name, readonly AnyAsset[]>
export function defineJob(
  spec: JobSpec<string> & { readonly assets?: readonly AnyAsset[]; readonly select?: string },
): Job<string, readonly AnyAsset[]> {
  if (spec.timeout !== undefined) durationMs(spec.timeout)
  const { name, description, assets, select } = spec
  if (assets) refuseParams(assets, spec.params)
  const chosen = select === undefined ? {} : { select }
  return { kind: 'job', name, description, assets: assets ?? [], ...chosen, ...runOptionsOf(spec) }
}

/** Which runs a tick asks for, or why it asks for none. */
export interface TickAnswer<P> {
  readonly runs?: readonly RunRequest<P>[]
  readonly skip?: string
}

/** What a sensor answers: besides runs, what it has learned before these are planned. */
export interface SensorAnswer<P> extends TickAnswer<P> {
  /** By the name of a dynamic dimension: keys that it has from now on, where they are not there yet. */
  readonly addKeys?: DynamicKeys
  /** Keys that it has no more. One that is to be added, too, is there. */
  readonly removeKeys?: DynamicKeys
  /** What was seen of external assets. */
  readonly observed?: readonly (SeenAsset & { readonly asset: { readonly name: string } })[]
}

export interface RunRequest<P> {
  readonly partition: P
  /** Shown as the cause of the run. */
  readonly reason?: string
  /** Makes the request once: with a key that the sensor, or this tick of the schedule, has used before it asks for nothing. */
  readonly runKey?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly priority?: number
  /** By asset, beside those of the job and of the schedule or sensor. */
  readonly params?: RunParams
}

/** Answers a tick: nothing is to be run, and why. */
export const skip = (why: string): { readonly skip: string } => ({ skip: why })

/** Whether an automation runs in a deployment where nobody has switched it on or off. */
export type DefaultStatus = 'running' | 'stopped'

export interface ScheduleSpec<J extends AnyJob> {
  readonly name: string
  readonly description?: string
  readonly job: J
  /** Five fields: minute, hour, day of month, month, day of week. With several it ticks whenever one of them does. */
  readonly cron: string | readonly string[]
  /** IANA name; `UTC` if absent, whatever the zone of the machine. */
  readonly timezone?: string
  /** Which windows of the time dimension, counted back from the last one complete by the tick; `[0]` if absent. */
  readonly windowsBack?: readonly number[]
  /** Makes the partitions again even where they are fresh. */
  readonly again?: boolean
  /** Decides the tick of the instant `at` in place of `windowsBack`; answering nothing leaves it at those. */
  readonly evaluate?: (tick: {
    readonly at: Date
    readonly signal: AbortSignal
  }) => Answer<TickAnswer<PartitionOfJob<J>>> | Promise<Answer<TickAnswer<PartitionOfJob<J>>>>
  /** Of its runs, beside those of the job; a request may add to them. */
  readonly tags?: Readonly<Record<string, string>>
  readonly priority?: number
  /** By asset, beside those of the job. */
  readonly params?: ParamsOf<J['assets']>
  /** `running` if absent. */
  readonly defaultStatus?: DefaultStatus
  /**
   * What becomes of the ticks that came due while no daemon ran: `all` makes the newest `catchUpMost` of them, `latest`
   * one, `none` none. `all` if absent and the job has a time dimension, `latest` otherwise.
   */
  readonly catchUp?: 'all' | 'latest' | 'none'
  /** 5 if absent. */
  readonly catchUpMost?: number
  /** How often a tick that failed is tried again before it is given up; 0 if absent. */
  readonly tickRetries?: number
  /** How long `evaluate` may take; a minute if absent. */
  readonly tickTimeout?: Duration
}

/** An answer that may be left out. */
export type Answer<T> = T | undefined | void

/** Asks for runs of a job whenever its cron ticks. */
export interface Schedule<J extends AnyJob> extends ScheduleSpec<J> {
  readonly kind: 'schedule'
  /** The instants of all its crons together. */
  readonly ticks: Pick<Cron, 'atOrAfter' | 'atOrBefore'>
}
export type AnySchedule = Schedule<any>

/** Declares a schedule. Throws `cron.malformed`, `timezone.unknown`, `duration.malformed` and `schedule.malformed`. */
export function defineSchedule<J extends AnyJob>(spec: ScheduleSpec<J>): Schedule<J> {
  if (spec.tickTimeout !== undefined) durationMs(spec.tickTimeout)
  for (const [option, least] of [
    ['catchUpMost', 1],
    ['tickRetries', 0],
  ] as const) {
    const got = spec[option]
    if (got !== undefined && !(Number.isInteger(got) && got >= least)) {
      throw new PipelineError('schedule.malformed', {
        schedule: spec.name,
        option,
        expected: `a whole number from ${least}`,
        got,
      })
    }
  }
  const crons = [spec.cron].flat().map((cron) => cronOf(cron, spec.timezone ?? 'UTC'))
  if (crons.length === 0) {
    throw new PipelineError('schedule.malformed', {
      schedule: spec.name,
      option: 'cron',
      expected: 'at least one',
      got: 0,
    })
  }
  return { kind: 'schedule', ...spec, ticks: unionOf(crons) }
}

function unionOf(crons: readonly Cron[]): Schedule<AnyJob>['ticks'] {
  const found = (ticks: readonly (number | undefined)[]) => ticks.filter((tick) => tick !== undefined)
  const pick = (ticks: readonly number[], best: (...ticks: number[]) => number) =>
    ticks.length > 0 ? best(...ticks) : undefined
  return {
    atOrAfter: (ms) => pick(found(crons.map((cron) => cron.atOrAfter(ms))), Math.min),
    atOrBefore: (ms) => pick(found(crons.map((cron) => cron.atOrBefore(ms))), Math.max),
  }
}

/** A run that is over. */
export interface EndedRun {
  readonly id: string
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled'
  readonly assets: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** What asked for it. */
  readonly asked: string
  /** Why it was ended, if that was not its own doing. */
  readonly why: string | null
  /** ms. */
  readonly endedAt: number
}

/** A partition that was made; `isNew` tells whether its rows are others than before. */
export interface MadePartition {
  readonly asset: string
  readonly key: PartitionKey
  readonly run: string
  readonly isNew: boolean
  /** ms. */
  readonly at: number
}

/** What has happened in a deployment, in order; each list goes on where the last one ended, at `upTo`. */
export interface History {
  endedRuns(
    after: number | undefined,
    limit: number,
  ): Promise<{ readonly runs: readonly EndedRun[]; readonly upTo: number }>
  made(
    assets: readonly string[],
    after: number | undefined,
    limit: number,
  ): Promise<{ readonly made: readonly MadePartition[]; readonly upTo: number }>
  summaries(): Promise<readonly { readonly asset: string; readonly lastPublishedAt: number | null }[]>
}

/** Looks at the outside world every so often and asks for runs. `cursor` is what it has already seen. */
export interface Sensor<J extends AnyJob, C extends z.ZodType, R extends Resources> {
  readonly kind: 'sensor'
  readonly name: string
  readonly description?: string
  readonly job: J
  /** The least time between the starts of two polls. */
  readonly every: Duration
  readonly cursor: C
  readonly resources: R
  /** Of its runs, beside those of the job; a request may add to them. */
  readonly tags?: Readonly<Record<string, string>>
  readonly priority?: number
  /** By asset, beside those of the job. */
  readonly params?: ParamsOf<J['assets']>
  /** `running` if absent. */
  readonly defaultStatus?: DefaultStatus
  /** How long a poll may take; a minute if absent. */
  readonly tickTimeout?: Duration
  /** One that throws leaves the cursor where it was. Without a cursor in its answer it stays, too. */
  readonly poll: (tick: {
    readonly at: Date
    readonly cursor: z.output<C> | undefined
    readonly resources: ValuesOf<R>
    readonly history: History
    readonly signal: AbortSignal
  }) => Promise<SensorAnswer<PartitionOfJob<J>> & { readonly cursor?: z.input<C> }>
}
export type AnySensor = Sensor<any, any, any>

/** Declares a sensor. Throws `duration.malformed`. */
export function defineSensor<J extends AnyJob, C extends z.ZodType, R extends Resources = {}>(
  spec: Omit<Sensor<J, C, R>, 'kind' | 'resources'> & { readonly resources?: R },
): Sensor<J, C, R> {
  durationMs(spec.every)
  if (spec.tickTimeout !== undefined) durationMs(spec.tickTimeout)
  return { kind: 'sensor', ...spec, resources: spec.resources ?? ({} as R) }
}
