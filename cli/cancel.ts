import { PipelineError } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openEditor } from './context.ts'
import { print } from './terminal.ts'

/** Asks the process that leads a run to stop it; it hears within a second. */
export async function cancel(id: string, options: GlobalOptions): Promise<void> {
  const { store, close } = await openEditor(options)
  try {
    const run = await store.run(id)
    if (!run) throw new PipelineError('run.unknown', { run: id })
    if (!(await store.requestCancel(id))) throw new BadInput(`run "${id}" is over: it has ${run.status}`)
    print(`run ${id} is asked to stop; what it published stays`)
  } finally {
    await close()
  }
}
