import type { Engine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'

/** Runs a finished run again; it is followed by those who ask for it. */
export async function retryRun(engine: Engine, { run, what }: Asked<'retryRun'>): Promise<Answer<'retryRun'>> {
  const started = await engine.rerun(run, what)
  // It goes on when nobody waits for it any more; another process takes up what could not be led to its end here.
  started.result.catch((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)))
  return { run: started.id, size: started.plan.size }
}
