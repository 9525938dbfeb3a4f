import { serveStep } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'

/** `bullion make-step`: what an engine starts for a step that is isolated. It writes files of the lake, never the store. */
export async function makeStep(options: GlobalOptions): Promise<void> {
  const { definitions } = await openReader(options)
  await serveStep(definitions)
}
