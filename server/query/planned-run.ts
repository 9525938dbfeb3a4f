import type { Engine, Plan, PlannedAsset, PlannedStep } from '#pipeline'
import { printSome, size, stepsOf } from '#pipeline'
import { runAskOf } from '../command/run-ask.ts'
import type { Answer, Asked } from '../contract/contract.ts'
import { stepTimes } from './step-times.ts'

const mostSteps = 200

/** What would be made, in which order, why, and about how long that would take. */
export async function plannedRun(engine: Engine, asked: Asked<'plan'>): Promise<Answer<'plan'>> {
  const { ask } = await runAskOf(engine, asked)
  const plan = await engine.plan(ask)
  const todo = plan.assets.filter((planned) => size(planned.todo) > 0)
  const times = await stepTimes(
    engine,
    todo.map(({ asset }) => asset.name),
  )
  const ranks = ranksOf(plan)
  return {
    size: plan.size,
    blocked: plan.assets.reduce((sum, { blocked }) => sum + size(blocked), 0),
    fresh: Object.values(plan.fresh).reduce((sum, count) => sum + count, 0),
    estimateMs: await estimateOf(engine, todo, times),
    assets: todo.map((planned) => ({
      asset: planned.asset.name,
      count: size(planned.todo),
      blocked: size(planned.blocked),
      partitions: printSome(planned.todo),
      stepMs: times.get(planned.asset.name) ?? null,
      rank: ranks.get(planned)!,
    })),
    steps: firstSteps(plan).map(({ asset, key, why, blocked }) => ({ asset, key, why, blocked: blocked ?? null })),
  }
}

function firstSteps(plan: Plan): readonly PlannedStep[] {
  const steps: PlannedStep[] = []
  for (const step of stepsOf(plan)) {
    steps.push(step)
    if (steps.length === mostSteps) break
  }
  return steps
}

/** 0 for what reads nothing of the plan, otherwise one more than the highest of what is read. */
function ranksOf({ assets }: Plan): ReadonlyMap<PlannedAsset, number> {
  const ranks = new Map<PlannedAsset, number>()
  for (const planned of assets) {
    const read = planned.inputs
      .map(({ planned: at }) => assets[at])
      .filter((one) => one !== undefined && one !== planned)
    ranks.set(planned, Math.max(0, ...read.map((one) => ranks.get(one!)! + 1)))
  }
  return ranks
}

/** Asset by asset, with as many steps at once as the workers and the pool of the asset allow. */
async function estimateOf(
  engine: Engine,
  planned: readonly PlannedAsset[],
  times: ReadonlyMap<string, number>,
): Promise<number | null> {
  if (times.size === 0) return null
  const workers = (await engine.store.workers()).flatMap(({ about }) =>
    about && about.role !== 'daemon' ? [about] : [],
  )
  const slots = Math.max(
    1,
    workers.reduce((sum, { concurrency }) => sum + concurrency, 0),
  )
  const all = planned.reduce((sum, { asset, todo }) => {
    const count = size(todo)
    const pool = asset.pool === undefined ? slots : (engine.definitions.pools[asset.pool] ?? slots)
    return sum + (count * (times.get(asset.name) ?? 0)) / Math.max(1, Math.min(slots, pool, count))
  }, 0)
  return Math.round(all)
}
