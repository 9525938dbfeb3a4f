import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import { partitionOf } from '../define/partition.ts'
import type { TableFile } from '../define/table.ts'
import { listed } from '../plan/plan-run.ts'
import type { AssetRelations } from '../plan/relation.ts'
import { keyAt, ordinalOf } from '../plan/space.ts'
import { combinedVersion, staleReason } from '../plan/staleness.ts'
import type { StepJob, StepReport } from '../queue/port.ts'
import type { Claimed, Lease, RunStore, SourceFile, Unpublished } from '../store/port.ts'
import type { Leftovers } from './leftovers.ts'
import type { OpenResources } from './open-resources.ts'
import type { StepProgram } from './step-program.ts'

export interface StepContext {
  readonly definitions: Definitions
  readonly store: RunStore
  readonly io: () => Promise<IoManager>
  readonly resources: OpenResources
  readonly worker: string
  /** The name that attempts made here are known by. */
  readonly workerName: string
  readonly leaseMs: number
  readonly clock: () => number
  readonly random: () => number
  /** Hears of a partition whose lease the store did not take back. */
  readonly giveUp: (held: Leftovers) => void
  /** Hears of what people should know and what stops nothing. */
  readonly onTrouble: (trouble: Error) => void
  readonly relations: (asset: AnyAsset, now: number) => Promise<AssetRelations>
  /** How to start a process for one step, if the deployment says. */
  readonly isolation: StepProgram | undefined
}

/** What it takes to make one partition. */
export interface ToMake {
  readonly key: PartitionKey
  readonly partition: Record<string, unknown>
  readonly published: TableFile | undefined
  readonly files: Readonly<Record<string, readonly SourceFile[]>>
  readonly versions: Readonly<Record<string, string>>
  readonly absent: Metadata
}

/** One partition that this attempt holds. */
export interface Held extends ToMake {
  readonly lease: Lease
  /** How many processes died over it of late. */
  readonly deaths: number
  /** Files that this attempt made and that it has neither published nor removed so far. */
  readonly staged: Set<string>
}

/** Ends an attempt at a partition without a new version, and says so. `false`: another worker has the partition by now. */
export type Settle = (held: Held, outcome: Unpublished, said: StepReport) => Promise<boolean>

const madeByThisRun = 'this run made it already'

/**
 * How often processes may die over one partition before it is what they die of. Where steps can be isolated a second try
 * takes no process along, so that more deaths than that are others' fault for a while.
 */
const mostDeaths = { isolated: 10, together: 3 }

/**
 * Takes the leases, all of which are then in `open` until they are settled, and leaves out what another run made, what is
 * fresh after all, and what lacks an input.
 */
export async function claim(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  open: Map<PartitionKey, Held>,
  report: (report: StepReport) => void,
  settle: Settle,
): Promise<void> {
  const partitions = new Map(
    job.keys.map((key) => [key, partitionOf(asset.partitions, key) as Record<string, unknown>]),
  )
  const dependencies = depsOf(asset)
  const inputs = dependencies.length === 0 ? [] : inputKeys(await on.relations(asset, job.now), asset, job.keys)
  const ask = { run: job.run, worker: on.worker, asset: asset.name, keys: job.keys, leaseMs: on.leaseMs, inputs }
  const attempt = { by: on.workerName, begunAt: on.clock(), number: job.attempt }
  const claimed = await on.store.claim({ ...ask, now: attempt.begunAt }).catch((error: unknown) => {
    // It may have been carried out although nobody heard.
    for (const key of job.keys) on.giveUp({ asset: asset.name, key, staged: [] })
    throw error
  })
  for (const one of claimed) {
    if (one.token === undefined) continue
    const lease = { asset: asset.name, key: one.key, token: one.token, attempt }
    open.set(one.key, heldOf(lease, one, partitions.get(one.key)!))
  }
  for (const one of claimed) {
    const mine = open.get(one.key)
    if (!mine) {
      // Someone else is making it: look again soon, and at the latest when that lease runs out.
      report({ key: one.key, outcome: 'retry', at: Math.min(one.heldUntil, on.clock() + 500) + 1, error: undefined })
      continue
    }
    const fresh = freshness(asset, job, one, mine.versions)
    const missing = missingInput(on.definitions, asset, one, inputs)
    if (fresh === madeByThisRun) {
      // A job that came twice, or whose report was lost.
      await settle(mine, { type: 'skipped', why: fresh }, { key: one.key, outcome: 'published' })
    } else if (one.deaths >= mostDeaths[on.isolation ? 'isolated' : 'together']) {
      const details = { asset: asset.name, key: one.key, times: one.deaths }
      const error = new PipelineError('run.process-died', details).message
      const outcome = { type: 'failed', error, attempt: job.attempt, retryAt: null } as const
      await settle(mine, outcome, { key: one.key, outcome: 'failed', error })
    } else if (fresh) await settle(mine, { type: 'skipped', why: fresh }, { key: one.key, outcome: 'skipped' })
    else if (missing) {
      const outcome = { type: 'failed', error: missing, attempt: job.attempt, retryAt: null } as const
      await settle(mine, outcome, { key: one.key, outcome: 'failed', error: missing })
    } else open.set(one.key, { ...mine, absent: absentInputs(one, inputs) })
  }
}

/** What each partition reads, by input. */
function inputKeys({ space, inputs }: AssetRelations, asset: AnyAsset, keys: readonly PartitionKey[]): StepInputs {
  return keys.flatMap((key) => {
    const ordinal = ordinalOf(space, asset.partitions, key)
    return inputs.map(({ name, relation }) => ({
      key,
      name,
      asset: relation.dependency.name,
      keys: ordinal < 0 ? [] : relation.sourcesOf(ordinal).map((source) => keyAt(relation.source, source)),
    }))
  })
}

type StepInputs = readonly {
  readonly key: PartitionKey
  readonly name: string
  readonly asset: string
  readonly keys: readonly PartitionKey[]
}[]

function heldOf(lease: Lease, one: Claimed, partition: Record<string, unknown>): Held {
  const versions = Object.entries(one.inputs).map(([name, files]) => [name, combinedVersion(files)])
  return {
    key: one.key,
    partition,
    lease,
    deaths: one.deaths,
    published: one.published,
    files: one.inputs,
    versions: Object.fromEntries(versions),
    absent: {},
    staged: new Set(),
  }
}

// Since the plan was made, an input may have turned out unchanged, or another run may have made the partition.
function freshness(
  asset: AnyAsset,
  job: StepJob,
  one: Claimed,
  inputs: Readonly<Record<string, string>>,
): string | undefined {
  if (one.state.published?.run === job.run && one.state.status === 'published') return madeByThisRun
  const isSource = depsOf(asset).length === 0
  if (job.mode === 'all' || (job.mode === 'sources' && isSource)) return undefined
  const why = staleReason(one.state, { codeVersion: asset.codeVersion, inputs })
  return why === undefined ? 'fresh: code and inputs are those it was made with' : undefined
}

function missingInput(all: Definitions, asset: AnyAsset, one: Claimed, inputs: StepInputs): string | undefined {
  for (const [name, dependency] of depsOf(asset)) {
    const keys = inputs.find((input) => input.key === one.key && input.name === name)!.keys
    const found = one.inputs[name] ?? []
    if (dependency.optional || found.length === keys.length || assetNamed(all, dependency.name).external) continue
    const has = new Set(found.map((file) => file.key))
    const absent = listed(keys.filter((key) => !has.has(key)))
    return new PipelineError('run.input-missing', {
      asset: asset.name,
      key: one.key,
      dependency: dependency.name,
      keys: absent,
    }).message
  }
  return undefined
}

function absentInputs(one: Claimed, inputs: StepInputs): Metadata {
  const absent: Record<string, { count: number; partitions: string }> = {}
  for (const input of inputs) {
    const found = one.inputs[input.name]
    if (input.key !== one.key || !found || found.length === input.keys.length) continue
    const has = new Set(found.map((file) => file.key))
    const keys = input.keys.filter((key) => !has.has(key))
    absent[input.name] = { count: keys.length, partitions: listed(keys, 10) }
  }
  return Object.keys(absent).length > 0 ? { absent_inputs: absent } : {}
}
