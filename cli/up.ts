import { relative, resolve } from 'node:path'
import type { Engine, RunResult } from '#pipeline'
import { total } from '#pipeline'
import { BadInput } from '../config.ts'
import { exchangeName, lakeUrl, publishFolder } from '../deployment.ts'
import type { Home } from '../home.ts'
import { sourceText } from '../home.ts'
import type { Context, GlobalOptions, WriterContext } from './context.ts'
import { configOf, defaultHome, definitionFile, openWriter, openWriterAt } from './context.ts'
import { openHomeExchange } from './open-exchange.ts'
import { openState } from './open-state.ts'
import { followRun, showProgress } from './progress.ts'
import { countsTable } from './report.ts'
import { doorLines } from './serve.ts'
import { stay } from './stay.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import type { Summary } from './summary.ts'
import { summarize } from './summary.ts'
import { count, counted, print, printJson, size, styled, table } from './terminal.ts'
import type { WebDoor } from './web-door.ts'
import { openWebDoor } from './web-door.ts'
import type { CollectOptions } from './what-to-collect.ts'
import { daysOf, filterOf, homeFor, knownMarkets, wantedSettings, withSpan } from './what-to-collect.ts'

interface UpOptions extends GlobalOptions, CollectOptions {
  readonly home?: string
  /** Stay, run the schedules and serve the pages when everything is made. */
  readonly stay: boolean
  readonly port?: number
  readonly ui?: boolean
}

/** `bullion up` and `bullion demo`: makes what is missing, publishes it, says what it made; `up` then stays. */
export async function up(options: UpOptions): Promise<void> {
  if (definitionFile(options) !== undefined) return upOwn(options)
  const startedAt = Date.now()
  const config = configOf()
  const wanted = wantedSettings(options)
  const path = await homeFor(options, config, wanted)
  const state = openState(config, path, 'writer')
  const exchange = await openHomeExchange({ path, settings: wanted }, { faults: options.faults })
  try {
    const markets = await knownMarkets(options, wanted, exchange)
    const days = await daysOf(options, { ...wanted, markets: [...markets] }, exchange, startedAt)
    const home = await state.openHome(withSpan(wanted, markets, days.from))
    const context = await openWriterAt(options, config, state, home, async () => exchange, {
      role: 'command',
      ticks: options.stay,
    })
    const door = upDoor(context, options)
    const stopping = stopOnSignals(door)
    try {
      if (!options.json)
        printHeader(home, days, markets, path !== (options.home ?? config.home ?? defaultHome[wanted.kind]))
      await door.open()
      const result = await backfillAll(context, options, days, startedAt)
      const summary = await summarize(context, result, exchange, Date.now() - startedAt)
      if (options.json) printJson(summary)
      else printSummary(summary, context)
      process.exitCode = summary.isPublished ? 0 : 1
      if (options.stay) await stay(context.engine, stopping.asked, {}, await door.lines())
    } finally {
      stopping.forget()
      await door.close()
    }
  } finally {
    // Also where no step asked it, so that nobody else opened or closed it.
    await exchange.close()
  }
}

/** A project of its own: what a stopped process left is taken up, then schedules, sensors and conditions run. */
async function upOwn(options: UpOptions): Promise<void> {
  if (!options.stay) {
    throw new BadInput('the demo is of the product, not of these definitions; use: bullion materialize, or bullion up')
  }
  const given = ['live', 'replay', 'from', 'to', 'faults'].filter(
    (name) => options[name as keyof UpOptions] !== undefined,
  )
  if (options.market.length > 0) given.push('market')
  if (given.length > 0) throw new BadInput(`--${given[0]} is about the product, not these definitions; leave it out`)
  const context = await openWriter(options, { role: 'command', ticks: true })
  const door = upDoor(context, options)
  const stopping = stopOnSignals(door)
  try {
    await door.open()
    await takeUp(context.engine, false)
    await stay(context.engine, stopping.asked)
  } finally {
    stopping.forget()
    await door.close()
  }
}

/** The pages beside what `up` does, from its start, so that it can be watched; where they can not be, it goes on without. */
function upDoor(context: WriterContext, options: UpOptions) {
  let door: WebDoor | undefined
  return {
    async open(): Promise<void> {
      if (!options.stay || options.ui === false) return
      try {
        door = await openWebDoor(context, options)
      } catch (error) {
        if (!(error instanceof BadInput) || options.port !== undefined) throw error
        print(styled('yellow', `  no pages: ${error.message}`))
      }
      for (const line of await this.lines()) print(line)
      print()
    },
    /** Where they are, with a link that was not used yet. */
    lines: async (): Promise<readonly string[]> => (door ? doorLines(door) : []),
    /** The pages, then all. */
    async close(): Promise<void> {
      await door?.close()
      await context.close()
    },
  }
}

async function takeUp(engine: Engine, isSilent: boolean): Promise<void> {
  await engine.freeDead()
  for (const left of await engine.resume()) {
    if (isSilent) await left.result
    else {
      print(styled('dim', `  going on with run ${left.id} (${left.ask.reason}), which a stopped process left`))
      await followRun(engine.store, left)
    }
  }
}

/** First what a stopped process left unfinished, then what is missing now. */
async function backfillAll(
  context: Context & { readonly engine: Engine },
  options: UpOptions,
  days: { readonly from: string; readonly to: string },
  now: number,
): Promise<RunResult> {
  const { engine, definitions } = context
  await takeUp(engine, options.json === true)
  const filter = filterOf(definitions, days, options.market, now)
  const ask = {
    assets: [...definitions.assets.keys()],
    filter,
    mode: 'needed',
    now,
    reason: options.stay ? 'up' : 'demo',
  } as const
  const progress = options.json ? undefined : showProgress()
  const run = await engine.start(ask, progress)
  const result = await run.result
  progress?.end()
  return result
}

function printHeader(
  home: Home,
  days: { from: string; to: string },
  markets: readonly string[],
  isSibling: boolean,
): void {
  const name = exchangeName(home)
  print(`\n${styled(['bold', 'yellow'], '  Bullion')}  ${name}, ${sourceText(home.settings.source)}`)
  print(styled('dim', `  ${home.settings.interval} candles of ${markets.join(', ')}, ${days.from} to ${days.to}`))
  if (isSibling) print(styled('dim', `  the usual home holds something else, so this one lives in ${home.path}`))
  print()
}

function printSummary(summary: Summary, context: Context): void {
  const { home, config } = context
  if (total(summary.counts.planned) === 0) print('  everything is fresh: nothing was asked, nothing was written\n')
  else if (!summary.isPublished) print(`\n${countsTable(summary.counts)}`)
  print(
    `\n${table(summary.assets, [
      { title: '  asset', text: (row) => `  ${row.asset}` },
      { title: 'rows', text: (row) => count(row.rows), align: 'right' },
      { title: 'files', text: (row) => count(row.files), align: 'right' },
      { title: 'size', text: (row) => size(row.bytes), align: 'right' },
      { title: 'checks passed', text: (row) => count(row.checksPassed), align: 'right' },
      {
        title: 'failed',
        text: (row) => count(row.checksFailed),
        align: 'right',
        style: (row) => (row.checksFailed > 0 ? 'yellow' : undefined),
      },
    ])}`,
  )
  print(
    `\n  ${fact('gaps', summary.gaps === 0 ? 'none' : `${counted(summary.gaps, 'gap')}, ${counted(summary.missingCandles, 'candle')} missing at the source, none filled`)}` +
      `\n  ${fact('requests', `${count(summary.requests.candles)} for candles, ${count(summary.requests.total)} in all`)}` +
      `\n  ${fact('release', summary.release ? `${summary.release.id}, ${counted(summary.release.files, 'file')} at ${here(summary.release.location)}` : styled('red', 'not published'))}` +
      `\n  ${fact('took', `${(summary.tookMs / 1000).toFixed(1)} s`)}\n`,
  )
  print(summary.sample.sql.replace(/^/gm, `  ${styled('dim', '│')} `))
  print()
  print(summary.sample.text.replace(/^/gm, '  '))
  print(
    `\n  ${fact('home', here(home.path))}\n  ${fact('lake', config.lake ?? here(lakeUrl(home, config)))}\n  ${fact('dataset', config.hub?.repo ?? here(publishFolder(home, config)))}`,
  )
  const isUsual = home.path === (config.home ?? defaultHome.sandbox)
  const command = `npx bullion${isUsual ? '' : ` --home ${here(home.path)}`}`
  print(
    `  ${fact('next', ['assets', 'runs', 'query "select …"'].map((name) => `${command} ${name}`).join('\n            '))}\n`,
  )
}

/** A path as a person here would type it. */
function here(path: string): string {
  const from = relative(process.cwd(), path)
  return from.startsWith('..') ? resolve(path) : from || '.'
}

const fact = (name: string, text: string) => `${styled('dim', name.padEnd(9))} ${text}`
