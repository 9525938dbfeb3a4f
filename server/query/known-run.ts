import type { RunRow, RunStore } from '#pipeline'
import { PipelineError } from '#pipeline'

/** Throws `run.unknown`. */
export async function knownRun(store: RunStore, id: string): Promise<RunRow> {
  const run = await store.run(id)
  if (!run) throw new PipelineError('run.unknown', { run: id })
  return run
}
