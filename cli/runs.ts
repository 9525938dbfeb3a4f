import type { RunRow } from '#pipeline'
import { total } from '#pipeline'
import { describeRun, runDetails } from '../server/queries.ts'
import type { GlobalOptions } from './context.ts'
import { firstCommand, openReader } from './context.ts'
import { countsTable } from './report.ts'
import { tagsFrom } from './run-tags.ts'
import { clock, count, instant, print, printJson, styled, table } from './terminal.ts'

/** Runs among which one with a tag is looked for. */
const mostRuns = 100_000

/** Lists the newest runs. */
export async function listRuns(
  options: GlobalOptions & { readonly limit: string; readonly tag?: string },
): Promise<void> {
  const context = await openReader(options)
  try {
    const wanted = Object.entries(tagsFrom(options.tag === undefined ? [] : [options.tag]))
    // Tags are looked at here, so that more is read than is listed.
    const rows = await context.store.runs(wanted.length > 0 ? mostRuns : Number(options.limit))
    const tagged = rows.filter(({ ask }) => wanted.every(([key, value]) => ask.tags?.[key] === value))
    list(tagged.slice(0, Number(options.limit)), options)
  } finally {
    await context.close()
  }
}

/** Shows one run with its chain of reruns, its parameters and its failures. */
export async function showRun(id: string, options: GlobalOptions): Promise<void> {
  const context = await openReader(options)
  try {
    const run = await runDetails(context, id)
    if (options.json) return printJson(run)
    print(`run ${styled('bold', run.run)}  ${styled(styles[run.status], run.status)}  ${run.reason}`)
    print(`asked ${instant(run.createdAt)}, started ${instant(run.startedAt)}, ended ${instant(run.finishedAt)}`)
    for (const line of circumstances(run)) print(line)
    print(`\n${countsTable(run.counts)}`)
    for (const event of run.events) {
      const text = event.payload.error ?? event.payload.why
      const again = event.payload.retryAt ? ', tried again' : ''
      print(`${styled('dim', instant(event.at))}  ${event.type}${again}  ${event.asset} ${event.key}: ${text}`)
    }
    if (run.hasLog) print(styled('dim', `\nwhat its steps said: bullion runs logs ${id}`))
  } finally {
    await context.close()
  }
}

/** What there is to say of this run beyond its counts, a line each. */
function circumstances(run: Awaited<ReturnType<typeof runDetails>>): readonly string[] {
  const { ask, resumes, reruns, stoppedBecause } = run
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`)
  const lines: readonly (readonly [boolean, string])[] = [
    [stoppedBecause !== null, `why      ${stoppedBecause}`],
    [tags.length > 0, `tags     ${tags.join(', ')}`],
    [ask.params !== undefined, `params   ${JSON.stringify(ask.params)}`],
    [run.priority !== 0, `priority ${run.priority}`],
    [ask.rerunOf !== undefined, `again    ${ask.rerunOf}${ask.keeps ? ', from where it failed' : ', all of it'}`],
    [reruns.length > 0, `reruns   ${reruns.join(', ')}`],
    [resumes > 0, `resumed  ${resumes === 1 ? 'once' : `${resumes} times`}, after its process died`],
  ]
  return lines.filter(([isSaid]) => isSaid).map(([, line]) => line)
}

function list(rows: readonly RunRow[], options: GlobalOptions & { readonly tag?: string }): void {
  if (options.json) return void printJson(rows.map(describeRun))
  if (rows.length === 0) {
    const none = `no run yet; start with: ${firstCommand(options)}`
    return void print(options.tag === undefined ? none : `no run has the tag "${options.tag}"`)
  }
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
