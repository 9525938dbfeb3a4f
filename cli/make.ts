import type { AnyAsset, DynamicKeys, Plan, RunAsk, RunListener, StartedRun } from '#pipeline'
import { everyPartition, parsePartitions, selectAssets, stepsOf } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { showProgress } from './progress.ts'
import { reportRun, runReport } from './report.ts'
import { paramsFrom } from './run-params.ts'
import { tagsFrom } from './run-tags.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { count, counted, print, printJson, styled, table } from './terminal.ts'

interface MakeOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/** `bullion materialize`: makes the partitions now, fresh or not. */
export async function materialize(
  selection: string,
  options: MakeOptions & {
    readonly partition?: string
    readonly all?: boolean
    readonly only?: 'missing' | 'failed' | 'stale' | 'needed'
    readonly tag: readonly string[]
    readonly param: readonly string[]
    readonly priority: string
  },
): Promise<void> {
  const told = {
    tags: tagsFrom(options.tag),
    ...(options.param.length > 0 && { params: paramsFrom(options.param) }),
    priority: Number(options.priority),
  }
  if (!Number.isFinite(told.priority))
    throw new BadInput(`expected --priority to be a number, got "${options.priority}"`)
  await make(selection, options, (assets, now, keys) => {
    const isCut = assets.some((asset) => Object.keys(asset.partitions).length > 0)
    if (options.partition === undefined && isCut && !options.all) {
      const name = assets.find((asset) => Object.keys(asset.partitions).length > 0)!.name
      throw new BadInput(`asset "${name}" is partitioned; say which partitions with --partition, or --all`)
    }
    const filter =
      options.partition === undefined ? everyPartition : parsePartitions(assets, options.partition, new Date(now), keys)
    return { filter, mode: options.only ?? 'all', reason: `materialize ${selection}`, ...told }
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
  for (const [name, text] of [['--from', options.from] as const, ['--to', options.to] as const]) {
    if (!/^\d{4}-\d{2}/.test(text))
      throw new BadInput(`expected ${name} to be a date such as 2024-01-31, got "${text}"`)
  }
  await make(selection, options, (assets, now, keys) => {
    const markets = options.market.map((market) => `,market=${market}`).join('')
    const filter = parsePartitions(assets, `${options.from}..${options.to}${markets}`, new Date(now), keys)
    const mode = options.again ? 'sources' : 'needed'
    return { filter, mode, reason: `backfill ${selection} ${options.from}..${options.to}` }
  })
}

async function make(
  selection: string,
  options: MakeOptions,
  askOf: (assets: readonly AnyAsset[], now: number, keys: DynamicKeys) => Omit<RunAsk, 'assets' | 'now'>,
): Promise<void> {
  const context = await openWriter(options)
  try {
    const selected = selectAssets(context.definitions, selection)
    // Where a selection begins at what others make, the rest of it is meant; alone it is refused.
    const ours = selected.filter(({ external }) => !external)
    const assets = ours.length > 0 ? ours : selected
    const now = context.engine.clock()
    const ask: RunAsk = {
      assets: assets.map(({ name }) => name),
      now,
      ...askOf(assets, now, await context.engine.keys(now)),
    }
    if (options.dryRun) return printPlan(await context.engine.plan(ask), options)
    await context.engine.freeDead()
    await lead(context, options, (listener) => context.engine.start(ask, listener))
  } finally {
    await context.close()
  }
}

/** `bullion runs retry`: runs a finished run again. */
export async function retryRun(id: string, options: GlobalOptions & { readonly all?: boolean }): Promise<void> {
  const context = await openWriter(options)
  try {
    await context.engine.freeDead()
    await lead(context, options, (listener) => context.engine.rerun(id, options.all ? 'all' : 'failed', listener))
  } finally {
    await context.close()
  }
}

async function lead(
  context: Awaited<ReturnType<typeof openWriter>>,
  options: GlobalOptions,
  start: (listener: RunListener | undefined) => Promise<StartedRun>,
): Promise<void> {
  const progress = options.json ? undefined : showProgress()
  const stopping = stopOnSignals(context)
  const run = await start(progress)
  const result = await Promise.race([run.result, stopping.asked])
  progress?.end()
  if (!result) {
    const next = `bullion up or a daemon goes on with it; to end it: bullion cancel ${run.id}`
    process.stderr.write(`run ${run.id} is left as it is: ${next}\n`)
    return
  }
  stopping.forget()
  const report = await runReport(context, result)
  if (options.json) printJson(report)
  else reportRun(report)
  if (result.state.status !== 'succeeded') process.exitCode = 1
}

function printPlan(plan: Plan, options: GlobalOptions): void {
  if (options.json) return void printJson({ now: plan.now, fresh: plan.fresh, steps: [...stepsOf(plan)] })
  if (plan.size > 0) {
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
    print()
  }
  const fresh = Object.values(plan.fresh).reduce((sum, number) => sum + number, 0)
  print(`${counted(plan.size, 'partition')} would be made, ${count(fresh)} ${fresh === 1 ? 'is' : 'are'} fresh`)
}

function* firstOf<T>(values: Iterable<T>, most: number): Generator<T> {
  let taken = 0
  for (const value of values) {
    if (taken++ >= most) return
    yield value
  }
}
