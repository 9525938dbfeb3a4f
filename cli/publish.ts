import { everyPartition } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { reportRun, runReport } from './report.ts'
import { count, print, printJson, size } from './terminal.ts'

/** Publishes the dataset as it is in the lake now. */
export async function publish(options: GlobalOptions): Promise<void> {
  const context = await openWriter(options)
  try {
    await context.engine.freeDead()
    const asset = 'gold_huggingface_release'
    const run = await context.engine.start({
      assets: [asset],
      filter: everyPartition,
      mode: 'all',
      now: Date.now(),
      reason: 'publish',
    })
    const result = await run.result
    if (result.state.status !== 'succeeded') {
      process.exitCode = 1
      const report = await runReport(context, result)
      return options.json ? printJson(report) : reportRun(report)
    }
    const [release] = await context.store.current(asset)
    const about = release!.metadata as Record<string, string | number>
    if (options.json) return printJson(about)
    const sent =
      about.outcome === 'unchanged'
        ? 'nothing had changed, nothing was sent'
        : `sent ${count(Number(about.sent_files))} files, ${size(Number(about.sent_bytes))}`
    print(`release ${about.release} is at ${about.location}: ${sent}, ${count(Number(about.kept_files))} kept`)
  } finally {
    await context.close()
  }
}
