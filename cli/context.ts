import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Definitions, Engine, RunStore, StepProgram } from '#pipeline'
import { nearest, openEngine, sqliteStore } from '#pipeline'
import type { Config } from '../config.ts'
import { BadInput, readConfig } from '../config.ts'
import { deployment } from '../deployment.ts'
import type { Home } from '../home.ts'
import { readHome, storeFile } from '../home.ts'
import type { Exchange } from '../resources/exchange/port.ts'
import { openHomeExchange } from './open-exchange.ts'

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

export const defaultHome = { sandbox: '.bullion/sandbox', live: '.bullion/live' } as const

/** Found in the working folder, it takes the place of the product's own definitions. */
const definitionFiles = ['bullion.config.ts', 'bullion.config.js', 'bullion.config.mjs']

export const configOf = (): Config => readConfig(process.env, nearest)

export const homePath = (options: GlobalOptions, config: Config): string =>
  options.home ?? config.home ?? defaultHome.sandbox

/** Opens a home for looking only: many may do so beside one that writes. Throws `BadInput` if there is none. */
export async function openReader(options: GlobalOptions): Promise<Context> {
  const config = configOf()
  const home = await homeOf(options, config)
  const file = storeFile(home)
  if (!existsSync(file))
    throw new BadInput(`nothing has been made in home "${home.path}" yet; start with: ${firstCommand(options)}`)
  const store = sqliteStore(file, { readOnly: true })
  return context(options, config, home, store, () => openHomeExchange(home))
}

/** Opens a home for making things. */
export async function openWriter(options: GlobalOptions): Promise<Context & { readonly engine: Engine }> {
  const config = configOf()
  const home = await homeOf(options, config)
  return openWriterAt(options, config, home)
}

export async function openWriterAt(
  options: GlobalOptions,
  config: Config,
  home: Home,
  exchange: () => Promise<Exchange> = () => openHomeExchange(home),
): Promise<Context & { readonly engine: Engine }> {
  mkdirSync(home.path, { recursive: true })
  const store = sqliteStore(storeFile(home))
  const opened = await context(options, config, home, store, exchange)
  const { definitions } = opened
  const isolation = stepProgram(options, home)
  const engine = await openEngine({ definitions, store, concurrency: config.concurrency, isolation })
  return { ...opened, engine, close: () => engine.close() }
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

/** The definitions alone, for commands that look at nothing else; without a home, those of a new one. */
export async function definitionsOf(
  options: GlobalOptions,
): Promise<{ definitions: Definitions; home: Home; config: Config }> {
  const config = configOf()
  const home = readHome(homePath(options, config)) ?? newHome(homePath(options, config))
  const refuse = () => {
    throw new Error('this command opens nothing')
  }
  const definitions = (await ownDefinitions(options)) ?? deployment({ home, config, store: refuse, exchange: refuse })
  return { definitions, home, config }
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

async function homeOf(options: GlobalOptions, config: Config): Promise<Home> {
  const path = homePath(options, config)
  const home = readHome(path)
  if (home) return home
  // A project of its own has nothing to say about exchanges: its home is just a folder.
  if (definitionFile(options)) return newHome(path)
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
