import type { Materialization } from '#pipeline'
import { verify, versioned } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openReader, openWriter } from './context.ts'
import { count, counted, print, printJson, size, styled, table } from './terminal.ts'

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
        // Runs were lost with the store.
        run: '',
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
    print(`${counted(found.length, 'file')} read, ${count(taken)} of them new to the catalogue`)
    for (const one of unreadable) print(`not readable: ${one}`)
  } finally {
    await context.close()
  }
}

/** Gives up what is beyond the rules of retention. */
export async function retain(options: GlobalOptions & { readonly dryRun?: boolean }): Promise<void> {
  const context = await openWriter(options)
  try {
    const isDry = options.dryRun === true
    const retained = await context.engine.retain({ dryRun: isDry })
    const { assets, events, ticks, failures } = retained
    if (failures.length > 0) process.exitCode = 1
    if (options.json) return printJson(retained)
    for (const { path, error } of failures) print(styled('red', `"${path}" could not be removed: ${error}`))
    if (assets.length === 0) print(`no file ${isDry ? 'would be' : 'was'} given up`)
    else {
      print(
        table(assets, [
          { title: 'asset', text: (row) => row.asset },
          { title: 'versions', text: (row) => count(row.versions), align: 'right' },
          { title: 'refused', text: (row) => count(row.rejected), align: 'right' },
          { title: 'lost', text: (row) => count(row.orphans), align: 'right' },
          { title: 'files', text: (row) => count(row.versions + row.rejected + row.orphans), align: 'right' },
          { title: 'size', text: (row) => size(row.bytes), align: 'right' },
        ]),
      )
    }
    print(isDry ? 'nothing was given up' : `${counted(events, 'event')} and ${counted(ticks, 'tick')} were forgotten`)
  } finally {
    await context.close()
  }
}

/** Holds catalogue, files and events against each other. Exit code 1 if something does not agree. */
export async function verifyLake(options: GlobalOptions & { readonly quick?: boolean }): Promise<void> {
  const context = await openReader(options)
  try {
    const { definitions, store } = context
    const io = await definitions.io.open()
    const verified = await verify({ definitions, store, io, clock: Date.now }, { quick: options.quick === true })
    const { partitions, files, runs, ticks, violations, more } = verified
    if (violations.length > 0) process.exitCode = 1
    if (options.json) return printJson(verified)
    for (const { kind, where, expected, got, todo } of violations) {
      print(`${styled('red', kind)}  ${where}: expected ${expected}, got ${got}`)
      print(`  ${todo}`)
    }
    if (more > 0) print(`… and ${count(more)} more`)
    const seen = [
      counted(partitions, 'partition'),
      counted(files, 'file'),
      counted(runs, 'run'),
      counted(ticks, 'tick'),
    ]
    const end =
      violations.length === 0 ? 'all of it agrees' : `${counted(violations.length + more, 'thing')} does not agree`
    print(`looked at ${seen.join(', ')}: ${violations.length + more > 1 ? end.replace('does', 'do') : end}`)
  } finally {
    await context.close()
  }
}
