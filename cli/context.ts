import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Definitions, Engine, Queue, RunStore, StepProgram, WorkerAbout } from '#pipeline'
import { bullmqQueue, isFinal, nearest, openEngine } from '#pipeline'
import type { Config } from '../config.ts'
import { BadInput, readConfig } from '../config.ts'
import { deployment } from '../deployment.ts'
import type { Home } from '../home.ts'
import type { Exchange } from '../resources/exchange/port.ts'
import { openHomeExchange } from './open-exchange.ts'
import type { State } from './open-state.ts'
import { openState } from './open-state.ts'
import { queuePrefix } from './queue-prefix.ts'
import { print } from './terminal.ts'
import { version } from './version.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly home?: string
  readonly definitions?: string
  readonly json?: boolean
}

/** What a command works on. */
export interface Context {
  readonly config: Config
  readonly definitions: Definitions
  readonly home: Home
  readonly store: RunStore
  close(): Promise<void>
}

export interface WriterContext extends Context {
  readonly engine: Engine
}

export const defaultHome = { sandbox: '.bullion/sandbox', live: '.bullion/live' } as const

/** Found in the working folder, it takes the place of the product's own definitions. */
const definitionFiles = ['bullion.config.ts', 'bullion.config.js', 'bullion.config.mjs']

export const configOf = (): Config => readConfig(process.env, nearest)

export const homePath = (options: GlobalOptions, config: Config): string =>
  options.home ?? config.home ?? defaultHome.sandbox

/** Opens a home for looking only: many may do so beside one that writes. Throws `BadInput` if there is none. */
export async function openReader(options: GlobalOptions): Promise<Context> {
  return openStored(options, 'reader')
}

/** Opens a home for changing what is written down, by a process that makes nothing and leads nothing. */
export async function openEditor(options: GlobalOptions): Promise<Context> {
  return openStored(options, 'writer')
}

async function openStored(options: GlobalOptions, as: 'reader' | 'writer'): Promise<Context> {
  const config = configOf()
  const state = openState(config, homePath(options, config), as)
  return closedOnError(state, async () => {
    const home = await homeOf(options, config, state)
    if (!state.hasStore())
      throw new BadInput(`nothing has been made in home "${home.path}" yet; start with: ${firstCommand(options)}`)
    const store = await state.store()
    return context(options, config, home, store, () => openHomeExchange(home))
  })
}

/** Opens a home for making things. */
export async function openWriter(options: GlobalOptions, role?: Role): Promise<WriterContext> {
  const config = configOf()
  const state = openState(config, homePath(options, config), 'writer')
  return closedOnError(state, async () => {
    // What is started together with the command that begins the deployment waits for it.
    if (config.store !== undefined && role !== undefined && role.role !== 'command') await untilBegun(options, state)
    return openWriterAt(options, config, state, await homeOf(options, config, state), undefined, role)
  })
}

/** What a process is there for. */
export type Role =
  | { readonly role: 'command' /** It runs the schedules, too. */; readonly ticks?: boolean }
  | { readonly role: 'daemon' }
  | { readonly role: 'worker'; readonly pools: readonly string[] | undefined; readonly concurrency: number }

export async function openWriterAt(
  options: GlobalOptions,
  config: Config,
  state: State,
  home: Home,
  exchange: (() => Promise<Exchange>) | undefined,
  role: Role = { role: 'command' },
): Promise<WriterContext> {
  const store = await state.store()
  const shared = config.store === undefined ? undefined : store
  const opened = await context(options, config, home, store, exchange ?? (() => openHomeExchange(home, { shared })))
  const { definitions } = opened
  const about = aboutOf(definitions, config, role)
  const { queue } = config
  const engine = await openEngine({
    ...{
      definitions,
      store,
      concurrency: config.concurrency,
      leaseMs: config.leaseMs,
      about,
      isolation: stepProgram(options, home),
      onTrouble: ({ message }: Error) => tell(message),
    },
    // Without a queue to hand them to, whoever leads a run makes its steps.
    ...(queue !== undefined && {
      queue: (clock: () => number) => openQueue(queue, config, opened, about, clock),
      works: role.role === 'worker',
    }),
  })
  const hint = queue !== undefined && role.role === 'command' ? tellMissingWorkers(store) : undefined
  return {
    ...opened,
    engine,
    close() {
      clearTimeout(hint)
      return engine.close()
    },
  }
}

function aboutOf(definitions: Definitions, config: Config, role: Role): WorkerAbout {
  const code = Object.fromEntries([...definitions.assets.values()].map(({ name, codeVersion }) => [name, codeVersion]))
  const works = role.role === 'worker' ? role : { pools: undefined, concurrency: config.concurrency }
  const isLeading = role.role !== 'worker' && config.queue !== undefined
  return {
    ...{ role: role.role, version: version(), code },
    ...((role.role === 'daemon' || (role.role === 'command' && role.ticks)) && { ticks: true }),
    pools: isLeading ? [] : (works.pools ?? ['', ...Object.keys(definitions.pools)]),
    concurrency: isLeading ? 0 : works.concurrency,
  }
}

const tell = (trouble: string): void => void process.stderr.write(`${trouble}\n`)

async function openQueue(
  url: string,
  config: Config,
  { definitions, store }: Context,
  about: WorkerAbout,
  clock: () => number,
): Promise<Queue> {
  const urgent = [...definitions.assets.values()].filter(({ priority }) => priority !== 0)
  return bullmqQueue({
    url,
    prefix: await queuePrefix(store),
    clock,
    pools: definitions.pools,
    workPools: about.pools,
    prioritized: new Set(urgent.map(({ pool }) => pool ?? '')),
    concurrency: Math.max(1, about.concurrency),
    code: new Map(Object.entries(about.code)),
    async askOf(run) {
      const row = await store.run(run)
      return row && !isFinal[row.status] ? row.ask : undefined
    },
    graceMs: config.graceMs,
    lockMs: config.leaseMs,
    stalledMs: config.leaseMs,
    onTrouble: tell,
  })
}

/** This command again, over the same home and definitions. */
function stepProgram(options: GlobalOptions, home: Home): StepProgram {
  const isBuilt = import.meta.url.endsWith('.js')
  const file = definitionFile(options)
  return {
    module: fileURLToPath(new URL(isBuilt ? '../../bin/bullion.js' : '../bin/bullion.js', import.meta.url)),
    args: ['--home', resolve(home.path), ...(file === undefined ? [] : ['--definitions', resolve(file)]), 'make-step'],
  }
}

async function closedOnError<T>(state: State, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    await state.close()
    throw error
  }
}

async function context(
  options: GlobalOptions,
  config: Config,
  home: Home,
  store: RunStore,
  exchange: () => Promise<Exchange>,
): Promise<Context> {
  const definitions = (await ownDefinitions(options)) ?? deployment({ home, config, store: () => store, exchange })
  return { config, definitions, home, store, close: () => store.close() }
}

/** The definitions alone, and what is known of them, for commands that look at nothing else; without a home, those of a new one. */
export async function definitionsOf(
  options: GlobalOptions,
): Promise<{ definitions: Definitions; home: Home; state: State }> {
  const config = configOf()
  const path = homePath(options, config)
  const state = openState(config, path, 'reader')
  return closedOnError(state, async () => {
    const home = (await state.readHome()) ?? newHome(path)
    const refuse = () => {
      throw new Error('this command opens nothing')
    }
    const definitions = (await ownDefinitions(options)) ?? deployment({ home, config, store: refuse, exchange: refuse })
    return { definitions, home, state }
  })
}

/** What a home would be if it were made now, without being asked for anything special. */
export const newHome = (path: string): Home => ({
  path,
  settings: {
    version: 1,
    kind: 'sandbox',
    exchange: 'binance',
    source: { type: 'generated', seed: 1 },
    interval: '1m',
    since: '2020-01-01',
    markets: ['BTC-USDT', 'ETH-USDT', 'SOL-USDT', 'BNB-USDT', 'XRP-USDT', 'BTC-USDT-PERP'],
  },
})

async function untilBegun(options: GlobalOptions, state: State): Promise<void> {
  if (definitionFile(options)) return
  // The first process of a container ignores signals that it does not listen for.
  const leave = (signal: NodeJS.Signals): void => process.exit(signal === 'SIGINT' ? 130 : 143)
  process.once('SIGINT', leave).once('SIGTERM', leave)
  for (let looks = 0; !(await state.readHome()); looks++) {
    if (looks === 0) print('nothing has been begun in this store yet: waiting for bullion demo, or bullion up')
    await sleep(1_000)
  }
  process.off('SIGINT', leave).off('SIGTERM', leave)
}

/** A run whose steps nobody takes would look as if it hung. */
function tellMissingWorkers(store: RunStore): NodeJS.Timeout {
  const look = async (): Promise<void> => {
    const workers = await store.workers()
    if (workers.some(({ about }) => about?.role === 'worker')) return
    process.stderr.write('no worker takes steps from the queue at this moment; start some with: bullion worker\n')
  }
  // Only a hint: what is wrong with the store is told by the command itself.
  return setTimeout(() => void look().catch(() => undefined), 3_000).unref()
}

async function homeOf(options: GlobalOptions, config: Config, state: State): Promise<Home> {
  const home = await state.readHome()
  if (home) return home
  const path = homePath(options, config)
  // A project of its own has nothing to say about exchanges: its home is just a folder.
  if (definitionFile(options)) return newHome(path)
  if (config.store !== undefined)
    throw new BadInput(
      'nothing has been begun in the store of "BULLION_STORE"; begin with: bullion demo, or bullion up',
    )
  throw new BadInput(`there is no home at "${path}"; make one with: bullion demo, or name another with --home DIR`)
}

/** What makes the first data: a project of its own has no demo. */
export const firstCommand = (options: GlobalOptions): string =>
  definitionFile(options) === undefined ? 'bullion demo' : 'bullion materialize SELECTION'

/** The module that takes the place of the product's own definitions, if there is one. */
export function definitionFile(options: GlobalOptions): string | undefined {
  return options.definitions ?? definitionFiles.find((file) => existsSync(file))
}

async function ownDefinitions(options: GlobalOptions): Promise<Definitions | undefined> {
  const file = definitionFile(options)
  if (file === undefined) return undefined
  if (!existsSync(file)) throw new BadInput(`there is no definitions file "${file}"`)
  const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: Definitions }
  if (!(module.default?.assets instanceof Map)) {
    throw new BadInput(`"${file}" does not export definitions; end it with: export default definitions({ … })`)
  }
  return module.default
}
