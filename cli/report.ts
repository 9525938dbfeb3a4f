import type { RunCounts, RunResult } from '#pipeline'
import { total } from '#pipeline'
import type { Context } from './context.ts'
import { count, print, styled, table } from './terminal.ts'

export interface RunReport {
  readonly run: string
  readonly status: string
  readonly counts: RunCounts
  readonly failures: readonly { readonly asset: string; readonly partition: string; readonly error: string }[]
  readonly assets: readonly {
    readonly asset: string
    readonly rows: number
    readonly files: number
    readonly bytes: number
  }[]
}

/** What a run came to, and what its assets hold now. */
export async function runReport(context: Context, result: RunResult): Promise<RunReport> {
  const names = Object.keys(result.state.counts.planned)
  const summaries = (await context.store.summaries()).filter(({ asset }) => names.includes(asset))
  return {
    run: result.id,
    status: result.state.status,
    counts: result.state.counts,
    failures: result.failures.map(({ asset, key, error }) => ({ asset, partition: key, error })),
    assets: summaries.map(({ asset, rows, published, bytes }) => ({ asset, rows, files: published, bytes })),
  }
}

/** How many partitions of each asset ended how, for people. */
export function countsTable(counts: RunCounts): string {
  const number = (part: Readonly<Record<string, number>>) => (asset: string) => count(part[asset] ?? 0)
  const red = (part: Readonly<Record<string, number>>) => (asset: string) =>
    (part[asset] ?? 0) > 0 ? ('red' as const) : undefined
  return table(Object.keys(counts.planned), [
    { title: 'asset', text: (asset) => asset },
    { title: 'planned', text: number(counts.planned), align: 'right' },
    { title: 'published', text: number(counts.published), align: 'right' },
    { title: 'unchanged', text: number(counts.unchanged), align: 'right' },
    { title: 'fresh', text: number(counts.skipped), align: 'right' },
    { title: 'failed', text: number(counts.failed), align: 'right', style: red(counts.failed) },
    { title: 'rejected', text: number(counts.rejected), align: 'right', style: red(counts.rejected) },
    { title: 'blocked', text: number(counts.blocked), align: 'right', style: red(counts.blocked) },
    { title: 'canceled', text: number(counts.canceled), align: 'right' },
  ])
}

export function reportRun(report: RunReport): void {
  if (total(report.counts.planned) === 0) {
    print('nothing of the selection is to be made (bullion materialize makes what is fresh, too)')
    return
  }
  print(`\n${countsTable(report.counts)}\n`)
  for (const { asset, partition, error } of report.failures.slice(0, 20)) {
    print(`${styled('red', 'failed')} ${asset} ${partition}: ${error}`)
  }
  if (report.failures.length > 20)
    print(`and ${count(report.failures.length - 20)} more; see: bullion runs show ${report.run}`)
  const mark = report.status === 'succeeded' ? styled('green', report.status) : styled('red', report.status)
  print(`run ${report.run} ${mark}`)
}
