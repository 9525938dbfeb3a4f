import type { z } from 'zod'
import type { Check } from './check.ts'
import { columnsOf } from './columns.ts'
import type { Condition } from './condition.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import { PipelineError } from './errors.ts'
import type { Freshness } from './freshness.ts'
import { freshnessRule } from './freshness.ts'
import type { Isolation } from './isolation.ts'
import { checkedIsolation } from './isolation.ts'
import type { AnyDependency, Dependency } from './mapping.ts'
import { previousOf } from './mapping.ts'
import type { Metadata } from './metadata.ts'
import { nearest } from './nearest.ts'
import type { Observing } from './observing.ts'
import type { Dimensions, PartitionKey, PartitionOf } from './partition.ts'
import type { Resources, ValuesOf } from './resource.ts'
import type { Retention } from './retention.ts'
import { checkedRetention } from './retention.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { checkedRetry } from './retry-policy.ts'
import type { Rows, Table } from './table.ts'

export type RowOf<D extends { readonly output: z.ZodType }> = z.output<D['output']>

export type Layer = 'bronze' | 'silver' | 'gold'

/** What an author has to say while a step runs; kept with the run, to be read while it runs and later. */
export interface StepLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

type Inputs<I> = { readonly [K in keyof I]: I[K] extends { readonly output: z.ZodType } ? Table<RowOf<I[K]>> : never }

interface RunBasis<I, R extends Resources, P> {
  readonly inputs: Inputs<I>
  readonly resources: ValuesOf<R>
  /** What this run was given for the parameters of the asset, defaults filled in. */
  readonly params: P
  /** Aborted when the run is canceled, the step times out or its lease is lost. */
  readonly signal: AbortSignal
  /** The instant for which the run was planned. */
  readonly now: Date
  readonly log: StepLog
}

export interface Run<D extends Dimensions, I, R extends Resources, Row = any, P = {}> extends RunBasis<I, R, P> {
  readonly partition: PartitionOf<D>
  readonly key: PartitionKey
  /** The version that is published now, if any. */
  readonly published: Table<Row> | undefined
  /** The rows of the partition one window earlier, where the asset says `previous`; none for the first. */
  readonly previous: Table<Row>
  /** Adds to the metadata of the materialization being made. Throws `metadata.malformed`. */
  readonly metadata: (values: Metadata) => void
  /**
   * Gives the version of what is being made, in place of the hash of its rows: what reads it is stale only if that is
   * another. A generator says it before its first row. Throws `version.malformed` and `version.late`.
   */
  readonly version: (version: string) => void
}

/** One call that makes many partitions, neighbours along one dimension. */
export interface RangeRun<D extends Dimensions, I, R extends Resources, Row = any, P = {}> extends RunBasis<I, R, P> {
  /** In order, at least one. */
  readonly partitions: readonly PartitionOf<D>[]
  readonly published: (partition: PartitionOf<D>) => Table<Row> | undefined
}

/** One partition made by a range run; published as soon as it is yielded. */
export interface Made<P, Row> {
  readonly partition: P
  readonly rows: Rows<Row>
  readonly metadata?: Metadata
  /** In place of the hash of the rows: what reads it is stale only if this is another. */
  readonly version?: string
}

export interface AssetSpec<
  Name extends string,
  Shape extends z.core.$ZodLooseShape,
  D extends Dimensions,
  I extends Readonly<Record<string, Dependency<PartitionOf<D>>>>,
  R extends Resources,
  Over extends keyof D & string,
  P extends z.core.$ZodLooseShape,
> {
  /** A snake_case identifier: the asset's SQL view, its folder in the lake, its word in selections. */
  readonly name: Name
  readonly layer?: Layer
  /** Assets of one group are selected and shown together; the layer if absent, "default" without one. */
  readonly group?: string
  readonly description?: string
  readonly owners?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  readonly kinds?: readonly string[]
  readonly partitions?: D
  readonly deps?: I
  readonly resources?: R
  /** What a run may be given, with defaults; `run` gets it as `params`. */
  readonly params?: z.ZodObject<P>
  /** The schema of a row; strict, so that a column too many is refused. */
  readonly output: z.ZodObject<Shape>
  /** The columns that files are sorted by and that tell rows apart. */
  readonly key?: readonly (keyof Shape & string)[]
  /** The time dimension along which each partition reads the one before it, as `previous`. */
  readonly previous?: keyof D & string
  /** The dimension along which one call makes many partitions; `run` then yields one `{ partition, rows }` for each. */
  readonly range?: Over
  /** How many partitions one call of a range asset takes at most. */
  readonly rangeMax?: number
  readonly run: [Over] extends [never]
    ? (
        run: Run<D, I, R, z.output<z.ZodObject<Shape>>, NoInfer<z.output<z.ZodObject<P>>>>,
      ) => Rows<z.output<z.ZodObject<Shape>>> | Promise<Rows<z.output<z.ZodObject<Shape>>>>
    : (
        run: RangeRun<D, I, R, z.output<z.ZodObject<Shape>>, NoInfer<z.output<z.ZodObject<P>>>>,
      ) => AsyncIterable<Made<PartitionOf<D>, z.output<z.ZodObject<Shape>>>>
  readonly checks?: Readonly<Record<string, Check<z.output<z.ZodObject<Shape>>, Inputs<NoInfer<I>>>>>
  /** Change it when the function changes: what was made by another version is stale. */
  readonly codeVersion?: string
  readonly retry?: RetryPolicy
  readonly timeout?: Duration
  /**
   * Runs the function in a process of its own, with a limit on its memory: what kills or blocks that process hurts this
   * step only.
   */
  readonly isolate?: boolean | Isolation
  /** A named limit shared by all steps of this name. */
  readonly pool?: string
  /** Higher first, among steps that are ready; 0 if absent. */
  readonly priority?: number
  /** When partitions are to be made without being asked for: `eager()`, `onCron('0 6 * * *')`, `onMissing()`, or your own. */
  readonly automation?: Condition
  /** How new the asset has to be, for a freshness sensor to watch. */
  readonly freshness?: Freshness
  /** How long earlier versions are kept; the rule of `definitions({ retain })` if absent. */
  readonly retain?: Retention
}

/** An asset is plain data plus functions; making one does nothing. As a dependency it stands for "the same partition". */
export interface Asset<
  Name extends string,
  Shape extends z.core.$ZodLooseShape,
  D extends Dimensions,
  I extends Readonly<Record<string, Dependency<any>>>,
  R extends Resources,
  P extends z.core.$ZodLooseShape = any,
> extends Dependency<PartitionOf<D>> {
  readonly kind: 'asset'
  /** Made by others: it is read and observed, and no run makes it. */
  readonly external?: boolean
  /** How it is looked at, if it is. */
  readonly observing?: Observing | undefined
  readonly name: Name
  readonly layer: Layer | undefined
  readonly group: string
  readonly description: string | undefined
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly kinds: readonly string[]
  readonly output: z.ZodObject<Shape>
  readonly key: readonly (keyof Shape & string)[]
  readonly partitions: D
  readonly deps: I
  readonly resources: R
  readonly params: z.ZodObject<P> | undefined
  readonly previous: string | undefined
  readonly range: { readonly over: string; readonly most: number } | undefined
  /** Takes a `Run`, or a `RangeRun` where `range` is set. */
  readonly run: (run: Run<D, I, R, z.output<z.ZodObject<Shape>>>) => unknown
  readonly checks: Readonly<Record<string, Check<z.output<z.ZodObject<Shape>>>>>
  readonly codeVersion: string
  readonly retry: RetryPolicy
  readonly timeout: Duration
  readonly isolate: Required<Isolation> | undefined
  readonly pool: string | undefined
  readonly priority: number
  readonly automation: Condition | undefined
  readonly freshness: Freshness | undefined
  readonly retain: Retention | undefined
}

export type AnyAsset = Asset<any, any, any, any, any, any>

const options: ReadonlySet<string> = new Set([
  ...['name', 'layer', 'group', 'description', 'owners', 'tags', 'kinds', 'partitions', 'deps', 'resources', 'output'],
  ...['key', 'previous', 'range', 'rangeMax', 'run', 'checks', 'codeVersion', 'retry', 'timeout', 'pool', 'priority'],
  ...['automation', 'freshness', 'params', 'retain', 'isolate'],
])

/**
 * Declares an asset. Throws `asset.name-invalid`, `asset.option-unknown`, `column.unsupported`, `duration.malformed`,
 * `retry.malformed`, `retention.malformed`, `isolate.malformed`, and of its freshness `cron.malformed` and `timezone.unknown`. Unless said otherwise a step has 3 attempts, the wait between them growing from 1 s, and a timeout of 30 minutes.
 */
export function defineAsset<
  const Name extends string,
  Shape extends z.core.$ZodLooseShape,
  D extends Dimensions = {},
  I extends Readonly<Record<string, Dependency<PartitionOf<D>>>> = {},
  R extends Resources = {},
  Over extends keyof D & string = never,
  P extends z.core.$ZodLooseShape = {},
>(spec: AssetSpec<Name, Shape, D, I, R, Over, P>): Asset<Name, Shape, D, I, R, P> {
  if (!/^[a-z][a-z0-9_]*$/.test(spec.name)) throw new PipelineError('asset.name-invalid', { asset: spec.name })
  for (const option of Object.keys(spec)) {
    if (!options.has(option)) {
      throw new PipelineError('asset.option-unknown', { asset: spec.name, option, near: nearest(option, options) })
    }
  }
  columnsOf(spec.output)
  const partitions = spec.partitions ?? ({} as D)
  const retry = checkedRetry(spec.retry ?? { attempts: 3, backoff: '1s' }, spec.name)
  const timeout = spec.timeout ?? '30m'
  durationMs(timeout)
  if (spec.freshness) freshnessRule(spec.freshness)
  return {
    kind: 'asset',
    name: spec.name,
    layer: spec.layer,
    group: spec.group ?? spec.layer ?? 'default',
    description: spec.description,
    owners: spec.owners ?? [],
    tags: spec.tags ?? {},
    kinds: spec.kinds ?? [],
    output: spec.output,
    key: spec.key ?? [],
    partitions,
    deps: spec.deps ?? ({} as I),
    resources: spec.resources ?? ({} as R),
    range: spec.range === undefined ? undefined : { over: spec.range, most: spec.rangeMax ?? 1_000 },
    params: spec.params,
    run: spec.run as Asset<Name, Shape, D, I, R, P>['run'],
    checks: spec.checks ?? {},
    codeVersion: spec.codeVersion ?? '1',
    retry,
    timeout,
    isolate: checkedIsolation(spec.isolate, spec.name),
    pool: spec.pool,
    priority: spec.priority ?? 0,
    automation: spec.automation,
    freshness: spec.freshness,
    retain: spec.retain && checkedRetention(spec.retain, spec.name),
    previous: spec.previous,
    axes: {},
  }
}

/** The dependencies of an asset by the name under which it reads them. */
export function depsOf(asset: AnyAsset): readonly (readonly [string, AnyDependency])[] {
  const listed = Object.entries(asset.deps as Readonly<Record<string, AnyDependency>>)
  return asset.previous === undefined ? listed : [...listed, ['previous', previousOf(asset, asset.previous)]]
}
