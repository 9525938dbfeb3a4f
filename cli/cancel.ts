import { PipelineError, sqliteStore } from '#pipeline'
import { BadInput } from '../config.ts'
import { storeFile } from '../home.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { print } from './terminal.ts'

/** Asks the process that leads a run to stop it; it hears within a second. */
export async function cancel(id: string, options: GlobalOptions): Promise<void> {
  const { home, store: reader } = await openReader(options)
  const run = await reader.run(id)
  await reader.close()
  if (!run) throw new PipelineError('run.unknown', { run: id })
  const store = sqliteStore(storeFile(home))
  try {
    if (!(await store.requestCancel(id))) throw new BadInput(`run "${id}" is over: it has ${run.status}`)
    print(`run ${id} is asked to stop; what it published stays`)
  } finally {
    await store.close()
  }
}
