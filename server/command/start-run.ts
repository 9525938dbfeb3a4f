import type { Engine, Plan, RunMode } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { Refusal } from '../served.ts'
import { runAskOf } from './run-ask.ts'

/** Starts what a person asks for, and answers as soon as it is accepted. */
export async function startRun(engine: Engine, asked: Asked<'startRun'>): Promise<Answer<'startRun'>> {
  const { ask } = await runAskOf(engine, asked)
  const plan = await engine.plan(ask)
  if (plan.size === 0) throw new Refusal(409, 'run.nothing', nothingIn(plan, ask.mode))
  const { id, result } = await engine.startPlanned(ask, plan)
  // It goes on when nobody waits for it any more; another process takes up what could not be led to its end here.
  result.catch((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)))
  return { run: id, size: plan.size }
}

function nothingIn({ fresh }: Plan, mode: RunMode): string {
  const left = Object.values(fresh).reduce((sum, count) => sum + count, 0)
  const selected = `${left.toLocaleString('en-US')} ${left === 1 ? 'partition' : 'partitions'} selected`
  if (mode === 'needed')
    return `there is nothing to make: of ${selected} all are fresh; to make them again, ask for all`
  return `there is nothing to make: of ${selected} none is ${mode}`
}
