import type { z } from 'zod'
import type { AnyAsset } from './asset.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import type { PartitionOf } from './partition.ts'
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
  /** How often a run that failed is run again from where it failed, by itself; 0 if absent. */
  readonly runRetries?: number
  /** How long the run may take from its start; then it is stopped and has failed. */
  readonly timeout?: Duration
}

/** The run options alone of whatever may hold more. */
export function runOptionsOf({ tags, priority, runRetries, timeout }: RunOptions): RunOptions {
  return {
    ...(tags && { tags }),
    ...(priority !== undefined && { priority }),
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
}
export type AnyJob = Job<any, any>

/** Declares a job. Throws `duration.malformed`. */
export function defineJob<const Name extends string, const A extends readonly AnyAsset[]>(
  spec: {
    readonly name: Name
    readonly description?: string
    readonly assets: A
  } & RunOptions,
): Job<Name, A> {
  if (spec.timeout !== undefined) durationMs(spec.timeout)
  const { name, description, assets } = spec
  return { kind: 'job', name, description, assets, ...runOptionsOf(spec) }
}

/** Runs a job's latest complete partitions whenever `cron` fires. */
export interface Schedule<J extends AnyJob> {
  readonly kind: 'schedule'
  readonly name: string
  readonly job: J
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** IANA name; `UTC` if absent. */
  readonly timezone?: string
  /** Which windows of the time dimension, counted back from the last complete one; `[0]` if absent. */
  readonly windowsBack?: readonly number[]
  /** Makes the partitions again even where they are fresh. */
  readonly again?: boolean
}
export type AnySchedule = Schedule<any>

/** Declares a schedule. */
export function defineSchedule<J extends AnyJob>(spec: Omit<Schedule<J>, 'kind'>): Schedule<J> {
  return { kind: 'schedule', ...spec }
}

export interface RunRequest<P> {
  readonly partition: P
  /** Shown as the cause of the run. */
  readonly reason?: string
}

/** Looks at the outside world every so often and asks for runs. `cursor` is what it has already seen. */
export interface Sensor<J extends AnyJob, C extends z.ZodType, R extends Resources> {
  readonly kind: 'sensor'
  readonly name: string
  readonly job: J
  readonly every: Duration
  readonly cursor: C
  readonly resources: R
  readonly poll: (tick: {
    readonly cursor: z.output<C> | undefined
    readonly resources: ValuesOf<R>
    readonly signal: AbortSignal
  }) => Promise<{ readonly cursor: z.input<C>; readonly runs: readonly RunRequest<PartitionOfJob<J>>[] }>
}
export type AnySensor = Sensor<any, any, any>

/** Declares a sensor. Throws `duration.malformed`. */
export function defineSensor<J extends AnyJob, C extends z.ZodType, R extends Resources = {}>(
  spec: Omit<Sensor<J, C, R>, 'kind' | 'resources'> & { readonly resources?: R },
): Sensor<J, C, R> {
  durationMs(spec.every)
  return { kind: 'sensor', ...spec, resources: spec.resources ?? ({} as R) }
}
