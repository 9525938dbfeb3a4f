import type { Materialization } from '#pipeline'
import { versioned } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { count, print, printJson } from './terminal.ts'

/** Reads the catalogue back from the files of the lake: each says itself what it is. */
export async function reindex(options: GlobalOptions): Promise<void> {
  const context = await openWriter(options)
  try {
    const io = await context.engine.io()
    const found: Materialization[] = []
    const unreadable: string[] = []
    for await (const entry of io.scan()) {
      if ('error' in entry) {
        unreadable.push(`${entry.path}: ${entry.error}`)
        continue
      }
      const { file, identity, writtenAt } = entry
      found.push({
        ...versioned(file, identity.version),
        id: identity.materialization,
        asset: identity.asset,
        key: identity.key,
        run: identity.run,
        codeVersion: identity.codeVersion,
        inputs: identity.inputs,
        checks: [],
        metadata: { reindexed: true },
        at: Math.round(writtenAt),
      })
    }
    const taken = await context.store.reindex(found)
    if (unreadable.length > 0) process.exitCode = 1
    if (options.json) return printJson({ files: found.length, taken, unreadable })
    print(`${count(found.length)} files read, ${count(taken)} of them new to the catalogue`)
    for (const one of unreadable) print(`not readable: ${one}`)
  } finally {
    await context.close()
  }
}
