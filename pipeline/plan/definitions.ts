import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { AnyJob, AnySchedule, AnySensor } from '../define/automation.ts'
import type { Definitions } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import { refuseUnmapped } from '../define/mapping.ts'
import { observerOf } from '../define/observer.ts'
import type { RunParams } from '../define/params.ts'
import { refuseParams } from '../define/params.ts'
import type { Provider, Resource } from '../define/resource.ts'
import type { DeploymentRetention } from '../define/retention.ts'
import { checkedRetention } from '../define/retention.ts'
import type { RunLimits } from '../define/run-limits.ts'
import { checkedLimits } from '../define/run-limits.ts'
import type { CompileError, Intersection, Shown } from '../define/types.ts'
import { selectAssets } from './select-assets.ts'

/**
 * One provider for every resource that any owner names; owners that disagree ask for what no provider is.
 * Looked up key by key, since intersecting the needs of all owners is quadratic in their number.
 */
type Providers<Owner extends { readonly resources: any }> = Shown<{
  readonly [K in Owner extends unknown ? keyof Owner['resources'] & string : never]: Intersection<ProviderFor<Owner, K>>
}>

type ProviderFor<Owner, K extends string> = Owner extends {
  readonly resources: { readonly [_ in K]: Resource<infer T> }
}
  ? Provider<T>
  : never

type DependencyNames<A extends AnyAsset> = A extends unknown
  ? { [K in keyof A['deps']]: A['deps'][K]['name'] }[keyof A['deps']]
  : never

/** `unknown` if every asset's dependencies are listed too, an unsatisfiable type naming the absent ones otherwise. */
type Closed<A extends readonly AnyAsset[]> =
  Exclude<DependencyNames<A[number]>, A[number]['name']> extends infer Missing extends string
    ? [Missing] extends [never]
      ? unknown
      : CompileError<`"${Missing}" is read by an asset but not listed in assets`>
    : never

/**
 * Everything a deployment runs, checked as a whole. Throws `asset.duplicate`, `asset.dependency-missing`,
 * `resource.missing`, `definition.duplicate`, `job.asset-missing`, `asset.external` of a job and what `refuseUnmapped` throws: the compiler catches
 * the second and third first wherever the lists are literal.
 */
export function definitions<
  const A extends readonly AnyAsset[],
  const N extends readonly AnySensor[] = readonly [],
>(spec: {
  readonly assets: A & Closed<A>
  readonly jobs?: readonly AnyJob[]
  readonly schedules?: readonly AnySchedule[]
  readonly sensors?: N
  readonly resources: Providers<A[number] | N[number]>
  readonly io: Provider<IoManager>
  readonly pools?: Readonly<Record<string, number>>
  readonly runs?: RunLimits
  /** How long earlier versions, events and ticks are kept, where an asset does not say otherwise. */
  readonly retain?: DeploymentRetention
}): Definitions {
  const runs = checkedLimits(spec.runs ?? {})
  const retain = checkedRetention(spec.retain ?? {}, 'definitions')
  const schedules = byName('schedule', spec.schedules ?? [])
  const observers = spec.assets.flatMap((asset) => observerOf(asset) ?? [])
  const sensors = byName<AnySensor>('sensor', [...(spec.sensors ?? []), ...observers])
  // They share a table of ticks and a word on the command line.
  byName<AnySchedule | AnySensor>('automation', [...schedules.values(), ...sensors.values()])
  const assets = inOrder(assetsByName(spec.assets))
  const jobs = new Map(byName('job', spec.jobs ?? []))
  for (const { job } of [...schedules.values(), ...sensors.values()]) {
    // A sensor that only tells has a job of nothing.
    if (job.assets.length > 0 || job.select !== undefined) jobs.set(job.name, job)
  }
  const chosen = selectJobs(assets, jobs)
  const resources = spec.resources as Readonly<Record<string, Provider<unknown>>>
  for (const owner of [...assets.values(), ...sensors.values()]) {
    for (const key of Object.keys(owner.resources)) {
      if (!(key in resources)) throw new PipelineError('resource.missing', { asset: owner.name, resource: key })
    }
  }
  for (const job of chosen.values()) {
    for (const { name, external } of job.assets as readonly AnyAsset[]) {
      if (!assets.has(name)) throw new PipelineError('job.asset-missing', { job: job.name, asset: name })
      if (external) throw new PipelineError('asset.external', { asset: name })
    }
  }
  return {
    ...{ assets, jobs: chosen, schedules: ofJobs(schedules, chosen), sensors: ofJobs(sensors, chosen) },
    ...{ resources, io: spec.io, pools: spec.pools ?? {}, runs, retain },
  }
}

/** The jobs with the assets that their selections choose. They may name jobs that list theirs. */
function selectJobs(
  assets: ReadonlyMap<string, AnyAsset>,
  jobs: ReadonlyMap<string, AnyJob>,
): ReadonlyMap<string, AnyJob> {
  const listing = new Map([...jobs].filter(([, { select }]) => select === undefined))
  const chosen = Array.from(jobs.values(), (job): AnyJob => {
    if (job.select === undefined) return job
    const selected = selectAssets({ assets, jobs: listing }, job.select)
    refuseParams(selected, job.params as RunParams | undefined)
    return { ...job, assets: selected }
  })
  return new Map(chosen.map((job) => [job.name, job]))
}

function ofJobs<T extends AnySchedule | AnySensor>(
  automations: ReadonlyMap<string, T>,
  jobs: ReadonlyMap<string, AnyJob>,
): ReadonlyMap<string, T> {
  const chosen = (one: T): T => (one.job.select === undefined ? one : { ...one, job: jobs.get(one.job.name)! })
  return new Map(Array.from(automations, ([name, one]) => [name, chosen(one)]))
}

function assetsByName(list: readonly AnyAsset[]): ReadonlyMap<string, AnyAsset> {
  const assets = new Map<string, AnyAsset>()
  for (const asset of list) {
    if (assets.has(asset.name)) throw new PipelineError('asset.duplicate', { asset: asset.name })
    assets.set(asset.name, asset)
  }
  for (const asset of list) {
    for (const [, dependency] of depsOf(asset)) {
      const upstream = assets.get(dependency.name)
      if (!upstream) {
        throw new PipelineError('asset.dependency-missing', { asset: asset.name, dependency: dependency.name })
      }
      refuseUnmapped(asset, dependency, upstream)
    }
  }
  return assets
}

// A dependency is a value that existed before its reader, so no cycle can be written and this walk ends.
function inOrder(assets: ReadonlyMap<string, AnyAsset>): ReadonlyMap<string, AnyAsset> {
  const ordered = new Map<string, AnyAsset>()
  const visit = (asset: AnyAsset): void => {
    if (ordered.has(asset.name)) return
    for (const [, { name }] of depsOf(asset)) if (name !== asset.name) visit(assets.get(name)!)
    ordered.set(asset.name, asset)
  }
  for (const asset of assets.values()) visit(asset)
  return ordered
}

function byName<T extends { readonly name: string }>(kind: string, list: readonly T[]): ReadonlyMap<string, T> {
  const named = new Map<string, T>()
  for (const one of list) {
    if (named.has(one.name)) throw new PipelineError('definition.duplicate', { kind, name: one.name })
    named.set(one.name, one)
  }
  return named
}
