import type { AnyAsset } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { PartitionFilter } from '../plan/select-partitions.ts'
import type { PartitionRow, RunStore } from '../store/port.ts'
import { attemptedPartitions, isHeld } from './attempted-partitions.ts'
import type { Past } from './past.ts'

export interface RollbackAsk {
  /** Names of assets. */
  readonly assets: readonly string[]
  readonly filter: PartitionFilter
  /** What was published at an instant, what a run published, or one materialization. */
  readonly to: Past
  /** Only tells what would be done. */
  readonly dryRun?: boolean
}

/**
 * What became of a partition. `current`: it is published already. Left alone are those that a worker is making (`held`),
 * whose file was given up (`removed`) or is not what it was (`damaged`), and those that nothing was published of (`absent`).
 */
export interface RolledBack {
  readonly asset: string
  readonly key: PartitionKey
  readonly outcome: 'rolled-back' | 'current' | 'held' | 'removed' | 'damaged' | 'absent'
  /** Ids of the materializations that was and is to be published. */
  readonly from: string | null
  readonly to: string | null
  /** What is wrong with a damaged file. */
  readonly why: string | null
}

export interface CorrectionContext {
  readonly definitions: Definitions
  readonly store: RunStore
  readonly io: () => Promise<IoManager>
  readonly clock: () => number
}

/** Events of a run that are looked at together. */
const page = 10_000

/**
 * Publishes again what was published of the chosen partitions, each in a transaction of its own. Throws `asset.unknown`,
 * and `rollback.nothing` if there is nothing of them to go back to.
 */
export async function rollback(on: CorrectionContext, ask: RollbackAsk): Promise<readonly RolledBack[]> {
  const targetsOf = await targetsBy(on.store, ask.to)
  const done: RolledBack[] = []
  for (const name of ask.assets) {
    const asset = assetNamed(on.definitions, name)
    const rows = await attemptedPartitions(on, asset, ask.filter, on.clock())
    const targets = await targetsOf(asset, rows)
    for (const row of rows) {
      const to = targets.get(row.key)
      if (to !== undefined) done.push(await putBack(on, asset, row, to, ask.dryRun === true))
    }
  }
  if (done.length > 0) return done
  throw new PipelineError('rollback.nothing', { assets: ask.assets.join(', '), to: textOf(ask.to) })
}

const textOf = (to: Past): string =>
  to.type === 'instant' ? new Date(to.at).toISOString() : to.type === 'run' ? to.run : to.id

/** By partition the id of what is to be published again; `null` where nothing was published then, but is now. */
type Targets = ReadonlyMap<PartitionKey, string | null>
type TargetsOf = (asset: AnyAsset, rows: readonly PartitionRow[]) => Targets | Promise<Targets>

async function targetsBy(store: RunStore, to: Past): Promise<TargetsOf> {
  switch (to.type) {
    case 'run': {
      const published = await publishedBy(store, to.run)
      return ({ name }) => published.get(name) ?? new Map()
    }
    case 'instant':
      return async ({ name }, rows) => {
        const now = rows.filter(({ file }) => file).map(({ key }) => [key, null] as const)
        const then = (await store.versionsAt(name, to.at)).map(({ key, id }) => [key, id] as const)
        return new Map<PartitionKey, string | null>([...now, ...then])
      }
    case 'materialization':
      return async ({ name }, rows) => {
        for (const { key } of rows) {
          const versions = await store.history(name, key)
          if (versions.some(({ id, status }) => id === to.id && status === 'published')) return new Map([[key, to.id]])
        }
        return new Map()
      }
    default:
      return to satisfies never
  }
}

/** By asset and partition the id of what a run published. */
async function publishedBy(store: RunStore, run: string): Promise<ReadonlyMap<string, Targets>> {
  if (!(await store.run(run))) throw new PipelineError('run.unknown', { run })
  const published = new Map<string, Map<PartitionKey, string>>()
  let after = 0
  for (let isMore = true; isMore; ) {
    const events = await store.events({ run, after, limit: page })
    for (const { id, type, asset, key, payload } of events) {
      after = id
      if (type !== 'published') continue
      if (!published.has(asset)) published.set(asset, new Map())
      published.get(asset)!.set(key, String(payload.materialization))
    }
    isMore = events.length === page
  }
  return published
}

async function putBack(
  on: CorrectionContext,
  asset: AnyAsset,
  row: PartitionRow,
  id: string | null,
  dryRun: boolean,
): Promise<RolledBack> {
  const versions = await on.store.history(asset.name, row.key)
  const from = versions.find(({ supersededAt }) => supersededAt === null)?.id ?? null
  const ended = (outcome: RolledBack['outcome'], why: string | null = null) =>
    ({ asset: asset.name, key: row.key, outcome, from, to: id, why }) satisfies RolledBack

  const version = versions.find((one) => one.id === id)
  if (!version) return ended('absent')
  if (version.id === from) return ended('current')
  if (version.removedAt !== null) return ended('removed')
  const damage = await (await on.io()).damage(asset, version)
  if (damage !== undefined) return ended('damaged', damage)
  if (isHeld(row, on.clock())) return ended('held')
  if (dryRun) return ended('rolled-back')
  const outcome = await on.store.rollback({
    asset: asset.name,
    key: row.key,
    materialization: version.id,
    now: on.clock(),
  })
  return ended(outcome === 'unknown' ? 'absent' : outcome)
}
