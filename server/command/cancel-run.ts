import type { Engine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { knownRun } from '../query/known-run.ts'

export async function cancelRun(engine: Engine, { run }: Asked<'cancelRun'>): Promise<Answer<'cancelRun'>> {
  await knownRun(engine.store, run)
  return { isCanceling: await engine.cancel(run) }
}
