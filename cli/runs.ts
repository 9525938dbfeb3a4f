import type { RunRow } from '#pipeline'
import { PipelineError, total } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { countsTable } from './report.ts'
import { clock, count, instant, print, printJson, styled, table } from './terminal.ts'

interface Options extends GlobalOptions {
  readonly limit: string
}

/** Events that `bullion runs ID` looks through for what went wrong. */
const mostEvents = 100_000

/** Lists the newest runs, or shows one with its failures and logs. */
export async function runs(id: string | undefined, options: Options): Promise<void> {
  const context = await openReader(options)
  try {
    if (id === undefined) return list(await context.store.runs(Number(options.limit)), options)
    const run = await context.store.run(id)
    if (!run) throw new PipelineError('run.unknown', { run: id })
    const events = await context.store.events({ run: id, limit: mostEvents })
    const told = events.filter(({ type }) => type === 'failed' || type === 'rejected' || type === 'log')
    if (options.json) return printJson({ ...described(run), ask: run.ask, events: told })
    print(`run ${styled('bold', run.id)}  ${statusText(run)}  ${run.ask.reason}`)
    print(`asked ${instant(run.createdAt)}, ended ${instant(run.finishedAt)}\n`)
    print(countsTable(run.counts))
    for (const event of told) {
      const text = event.type === 'log' ? event.payload.message : (event.payload.error ?? event.payload.why)
      print(`${styled('dim', instant(event.at))}  ${event.type}  ${event.asset} ${event.key}: ${text}`)
    }
  } finally {
    await context.close()
  }
}

function list(rows: readonly RunRow[], options: GlobalOptions): void {
  const runs = rows.map(described)
  if (options.json) return void printJson(runs)
  if (runs.length === 0) return void print('no run yet; start with: bullion demo')
  print(
    table(rows, [
      { title: 'run', text: (run) => run.id },
      { title: 'status', text: (run) => run.status, style: (run) => styles[run.status] },
      { title: 'asked', text: (run) => instant(run.createdAt) },
      {
        title: 'took',
        text: (run) => (run.finishedAt === null ? '-' : clock(run.finishedAt - run.createdAt)),
        align: 'right',
      },
      { title: 'planned', text: (run) => count(total(run.counts.planned)), align: 'right' },
      { title: 'published', text: (run) => count(total(run.counts.published)), align: 'right' },
      {
        title: 'failed',
        text: (run) => count(failedOf(run)),
        align: 'right',
        style: (run) => (failedOf(run) > 0 ? 'red' : undefined),
      },
      { title: 'reason', text: (run) => run.ask.reason },
    ]),
  )
}

const failedOf = ({ counts }: RunRow) => total(counts.failed) + total(counts.rejected) + total(counts.blocked)

const styles = { queued: 'dim', running: 'cyan', succeeded: 'green', failed: 'red', canceled: 'yellow' } as const

const statusText = (run: RunRow) => styled(styles[run.status], run.status)

const described = (run: RunRow) => ({
  run: run.id,
  status: run.status,
  reason: run.ask.reason,
  createdAt: run.createdAt,
  finishedAt: run.finishedAt,
  counts: run.counts,
})
