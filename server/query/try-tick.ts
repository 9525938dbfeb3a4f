import type { Engine, Plan } from '#pipeline'
import { automationNamed, evaluateTick, isPipelineError, ordinals, size } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { Refusal } from '../served.ts'

/** How long an author's function may take here, whatever it may take otherwise. */
const mostMs = 60_000

/** How far ahead a tick is tried: what would be there by then is looked through. */
const mostAheadMs = 366 * 86_400_000

/** What a tick would ask for; writes nothing, but calls the author's function. Throws `definition.unknown`. */
export async function tryTick(
  engine: Engine,
  { name, at = engine.clock() }: Asked<'tryTick'>,
  signal: AbortSignal,
): Promise<Answer<'tryTick'>> {
  const definition = automationNamed(engine.definitions, name)
  if (at > engine.clock() + mostAheadMs) {
    throw new Refusal(400, 'request.invalid', `expected a tick within a year from now, got ${at} (ms since 1970 UTC)`)
  }
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
    const { asks, skip = null } = await evaluateTick(engine, definition, at, inTime)
    const runs = await Promise.all(
      asks.map(async ({ ask, runKey = null }) => {
        const plan = await engine.plan(ask)
        return { reason: ask.reason, runKey, size: plan.size, assets: assetsOf(plan) }
      }),
    )
    return { at, skip, error: null, runs }
  } catch (error) {
    if (isPipelineError(error, 'store.unreachable')) throw error
    return { at, skip: null, error: error instanceof Error ? error.message : String(error), runs: [] }
  }
}

function assetsOf({ assets }: Plan): Answer<'tryTick'>['runs'][number]['assets'] {
  return assets.flatMap(({ asset, todo, why, blockedBy }) => {
    const first = ordinals(todo).next()
    if (first.done) return []
    return [{ asset: asset.name, count: size(todo), why: blockedBy(first.value) ?? why(first.value) }]
  })
}
