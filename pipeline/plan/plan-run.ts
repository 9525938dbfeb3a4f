import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { Dimension, PartitionKey } from '../define/partition.ts'
import { partitionOf } from '../define/partition.ts'
import type { PartitionFilter } from './select-partitions.ts'
import { partitionsIn } from './select-partitions.ts'
import type { PartitionState } from './staleness.ts'
import { combinedVersion, staleReason } from './staleness.ts'

/** A request to make partitions; plain data, kept with the run so that a restart plans the same again. */
export interface RunAsk {
  /** Names of assets. */
  readonly assets: readonly string[]
  readonly filter: PartitionFilter
  /**
   * `needed`: what is missing, failed or stale. `sources`: also whatever of the selection reads nothing of the
   * selection. `all`: everything selected.
   */
  readonly mode: 'needed' | 'sources' | 'all'
  /** ms; which partitions exist is decided as of this instant. */
  readonly now: number
  readonly reason: string
}

/** One partition to make. Numbered by its place in `Plan.steps`. */
export interface PlannedStep {
  readonly asset: string
  readonly key: PartitionKey
  readonly why: string
  /** Said of a step that can not run, because a required input neither exists nor is planned. */
  readonly blocked: string | undefined
}

export interface Plan {
  readonly now: number
  /** Upstream before downstream. */
  readonly steps: readonly PlannedStep[]
  /** For each step, the numbers of the steps that read it. */
  readonly readers: readonly (readonly number[])[]
  /** For each step, how many planned steps it reads. */
  readonly pending: Int32Array
  /** Selected partitions that are fresh, by asset. */
  readonly fresh: Readonly<Record<string, number>>
}

export type CatalogueStates = ReadonlyMap<string, ReadonlyMap<PartitionKey, PartitionState>>

/**
 * Which partitions to make so that everything asked for is as it should be, and what waits for what.
 * `states` holds the selected assets and what they read; `resumed` is the run that is taken up again, whose own work is
 * not repeated. Throws `asset.unknown`, `selection.empty` and
 * `partition.upstream-nonexistent`.
 */
export function planRun(ask: RunAsk, all: Definitions, states: CatalogueStates, resumed?: string): Plan {
  const now = new Date(ask.now)
  const names = new Set(ask.assets.map((name) => assetNamed(all, name).name))
  const steps: PlannedStep[] = []
  const readers: number[][] = []
  const pending: number[] = []
  const fresh: Record<string, number> = {}
  const planned = new Map<string, Map<PartitionKey, number>>()
  let selected = 0

  for (const asset of all.assets.values()) {
    if (!names.has(asset.name)) continue
    const own = new Map<PartitionKey, number>()
    planned.set(asset.name, own)
    const isSource = !depsOf(asset).some(([, { name }]) => names.has(name))
    const always = ask.mode === 'all' || (ask.mode === 'sources' && isSource)
    const keys = partitionsIn(asset, ask.filter, now)
    selected += keys.length
    for (const key of keys) {
      const inputs = inputsOf(asset, key, all, planned, states, now)
      const state = states.get(asset.name)?.get(key)
      const isOwn = resumed !== undefined && state?.status === 'published' && state.published?.run === resumed
      const why = always && !isOwn ? 'asked for' : (inputs.why ?? staleReason(state, inputs))
      if (why === undefined) {
        fresh[asset.name] = (fresh[asset.name] ?? 0) + 1
        continue
      }
      own.set(key, steps.length)
      for (const upstream of inputs.steps) readers[upstream]!.push(steps.length)
      steps.push({ asset: asset.name, key, why, blocked: inputs.blocked })
      readers.push([])
      pending.push(inputs.steps.length)
    }
  }
  if (selected === 0) {
    throw new PipelineError('selection.empty', {
      selection: ask.assets.join(', '),
      why: 'no partition of it exists there',
    })
  }
  return { now: ask.now, steps, readers, pending: Int32Array.from(pending), fresh }
}

interface StepInputs {
  readonly codeVersion: string
  readonly inputs: Record<string, string>
  /** Numbers of the planned steps that this one reads. */
  readonly steps: readonly number[]
  readonly why: string | undefined
  readonly blocked: string | undefined
}

function inputsOf(
  asset: AnyAsset,
  key: PartitionKey,
  all: Definitions,
  planned: ReadonlyMap<string, ReadonlyMap<PartitionKey, number>>,
  states: CatalogueStates,
  now: Date,
): StepInputs {
  const inputs: Record<string, string> = {}
  const steps: number[] = []
  let why: string | undefined
  let blocked: string | undefined
  const dependencies = depsOf(asset)
  const partition = dependencies.length === 0 ? undefined : partitionOf(asset.partitions, key)
  for (const [input, dependency] of dependencies) {
    const files: { key: PartitionKey; version: string }[] = []
    const absent: PartitionKey[] = []
    const ours = planned.get(dependency.name)
    for (const upstream of dependency.upstream(partition, now)) {
      const step = ours?.get(upstream)
      const published = states.get(dependency.name)?.get(upstream)?.published
      if (step !== undefined) steps.push(step)
      else if (published) files.push({ key: upstream, version: published.version })
      else absent.push(upstream)
    }
    if (steps.length > 0) why ??= `reads "${dependency.name}", which is made first`
    if (absent.length > 0 && !dependency.optional) {
      refuseNonexistent(asset, key, all.assets.get(dependency.name)!, absent, now)
      blocked ??= new PipelineError('run.input-missing', {
        asset: asset.name,
        key,
        dependency: dependency.name,
        keys: listed(absent),
      }).message
    }
    inputs[input] = combinedVersion(files)
  }
  return { codeVersion: asset.codeVersion, inputs, steps, why, blocked }
}

function refuseNonexistent(
  asset: AnyAsset,
  key: PartitionKey,
  upstream: AnyAsset,
  keys: readonly PartitionKey[],
  now: Date,
): void {
  const never = keys.filter((one) => !existsAt(upstream, one, now))
  if (never.length === 0) return
  throw new PipelineError('partition.upstream-nonexistent', {
    asset: asset.name,
    key,
    dependency: upstream.name,
    keys: listed(never),
  })
}

function existsAt(asset: AnyAsset, key: PartitionKey, now: Date): boolean {
  const partition = partitionOf(asset.partitions, key)
  return Object.entries(asset.partitions as Record<string, Dimension<unknown>>).every(([name, axis]) => {
    const index = axis.indexOf(partition[name])
    return index >= 0 && index < axis.count(now)
  })
}

/** A few keys as text, and how many more there are. */
export function listed(keys: readonly string[], most = 3): string {
  const shown = keys.slice(0, most).map((key) => `"${key}"`)
  return keys.length > most ? `${shown.join(', ')} and ${keys.length - most} more` : shown.join(', ')
}
