import type { AnyAsset, Plan, RunAsk } from '#pipeline'
import { everyPartition, parsePartitions, selectAssets, stepsOf } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { showProgress } from './progress.ts'
import { reportRun, runReport } from './report.ts'
import { count, print, printJson, styled, table } from './terminal.ts'

interface MakeOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/** `bullion materialize`: makes the partitions now, fresh or not. */
export async function materialize(
  selection: string,
  options: MakeOptions & { readonly partition?: string; readonly all?: boolean },
): Promise<void> {
  await make(selection, options, (assets, now) => {
    const isCut = assets.some((asset) => Object.keys(asset.partitions).length > 0)
    if (options.partition === undefined && isCut && !options.all) {
      const name = assets.find((asset) => Object.keys(asset.partitions).length > 0)!.name
      throw new BadInput(`asset "${name}" is partitioned; say which partitions with --partition, or --all`)
    }
    const filter =
      options.partition === undefined ? everyPartition : parsePartitions(assets, options.partition, new Date(now))
    return { filter, mode: 'all', reason: `materialize ${selection}` }
  })
}

/** `bullion backfill`: makes what is missing, failed or stale in a span of time. */
export async function backfill(
  selection: string,
  options: MakeOptions & {
    readonly from: string
    readonly to: string
    readonly market: readonly string[]
    readonly again?: boolean
  },
): Promise<void> {
  await make(selection, options, (assets, now) => {
    const markets = options.market.map((market) => `,market=${market}`).join('')
    const filter = parsePartitions(assets, `${options.from}..${options.to}${markets}`, new Date(now))
    const mode = options.again ? 'sources' : 'needed'
    return { filter, mode, reason: `backfill ${selection} ${options.from}..${options.to}` }
  })
}

async function make(
  selection: string,
  options: MakeOptions,
  askOf: (assets: readonly AnyAsset[], now: number) => Pick<RunAsk, 'filter' | 'mode' | 'reason'>,
): Promise<void> {
  const context = await openWriter(options)
  try {
    const assets = selectAssets(context.definitions, selection)
    const now = Date.now()
    const ask: RunAsk = { assets: assets.map(({ name }) => name), now, ...askOf(assets, now) }
    if (options.dryRun) return printPlan(await context.engine.plan(ask), options)
    await context.engine.freeDead()
    const progress = options.json ? undefined : showProgress()
    const run = await context.engine.start(ask, progress)
    const result = await run.result
    progress?.end()
    const report = await runReport(context, result)
    if (options.json) printJson(report)
    else reportRun(report)
    if (result.state.status !== 'succeeded') process.exitCode = 1
  } finally {
    await context.close()
  }
}

function printPlan(plan: Plan, options: GlobalOptions): void {
  if (options.json) return void printJson({ now: plan.now, fresh: plan.fresh, steps: [...stepsOf(plan)] })
  print(
    table(
      [...firstOf(stepsOf(plan), 200)],
      [
        { title: 'asset', text: (step) => step.asset },
        { title: 'partition', text: (step) => step.key || '(whole)' },
        {
          title: 'why',
          text: (step) => step.blocked ?? step.why,
          style: (step) => (step.blocked === undefined ? undefined : 'red'),
        },
      ],
    ),
  )
  if (plan.size > 200) print(styled('dim', `and ${count(plan.size - 200)} more`))
  const fresh = Object.values(plan.fresh).reduce((sum, number) => sum + number, 0)
  print(`\n${count(plan.size)} partitions would be made, ${count(fresh)} are fresh`)
}

function* firstOf<T>(values: Iterable<T>, most: number): Generator<T> {
  let taken = 0
  for (const value of values) {
    if (taken++ >= most) return
    yield value
  }
}
