import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunStore } from '#pipeline'
import { BadInput } from './config.ts'
import { intervals } from './market/interval.ts'

/** Where candles come from. A recording and a generator are both the sandbox, and never mixed in one home. */
const Source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('exchange') }),
  z.strictObject({ type: z.literal('generated'), seed: z.int() }),
  z.strictObject({ type: z.literal('replay'), folder: z.string() }),
])

/** What a home is for, written down when it is made. */
const HomeSettings = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['sandbox', 'live']),
  exchange: z.string(),
  source: Source,
  interval: z.enum(intervals),
  since: z.string(),
  markets: z.array(z.string()).min(1),
})
export type HomeSettings = z.output<typeof HomeSettings>

/** Folder of one deployment: its settings, store, lake and published dataset. */
export interface Home {
  readonly path: string
  readonly settings: HomeSettings
}

const fileName = 'home.json'

export const storeFile = (path: string) => join(path, 'store.sqlite')
export const lakeRoot = (home: Home) => join(home.path, 'lake')
/** Copies of files that are read from afar. */
export const cacheFolder = (home: Home) => join(home.path, 'cache')
export const spillFolder = (home: Home) => join(home.path, 'tmp')

/** Where the settings of a home are written down: a file in its folder, or the store that many machines share. */
export interface HomeRecord {
  /** For people. */
  readonly name: string
  read(): Promise<string | undefined>
  /** `false`: it is not `before` any more, and nothing was written. */
  write(text: string, before: string | undefined): Promise<boolean>
}

export const homeFile = (path: string): HomeRecord => ({
  name: `home "${path}"`,
  async read() {
    const file = join(path, fileName)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  },
  async write(text) {
    mkdirSync(path, { recursive: true })
    const file = join(path, fileName)
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
    return true
  },
})

export const homeInStore = (store: RunStore): HomeRecord => ({
  name: 'the store',
  read: () => store.setting('home'),
  write: (text, before) => store.keepSetting('home', text, before ?? null),
})

/** The settings that `record` holds, or `undefined` if there are none. Throws `BadInput` if they can not be read. */
export async function readHome(path: string, record: HomeRecord = homeFile(path)): Promise<Home | undefined> {
  const text = await record.read()
  if (text === undefined) return undefined
  try {
    return { path, settings: HomeSettings.parse(JSON.parse(text)) }
  } catch (cause) {
    throw new BadInput(`${record.name} can not be read: its settings are damaged; restore them, or use another home`, {
      cause,
    })
  }
}

/**
 * The home at `path`, made if it is not there. More markets and an earlier start are taken in; another kind, source,
 * exchange or interval is refused, since their rows would be taken for one another. Throws `BadInput`.
 */
export async function openHome(path: string, wanted: HomeSettings, record: HomeRecord = homeFile(path)): Promise<Home> {
  const before = await record.read()
  const home = await readHome(path, record)
  if (home) {
    const clash = clashOf(home.settings, wanted)
    if (clash) throw new BadInput(`${record.name} ${clash}; use another with --home DIR or BULLION_HOME=DIR`)
  }
  const settings = home ? widened(home.settings, wanted) : wanted
  if (home && settings === home.settings) return home
  // Another process may be making it at this moment: then look again.
  const isOurs = await record.write(`${JSON.stringify(settings, null, 2)}\n`, before)
  return isOurs ? { path, settings } : openHome(path, wanted, record)
}

function widened(has: HomeSettings, wanted: HomeSettings): HomeSettings {
  const markets = [...new Set([...has.markets, ...wanted.markets])]
  const since = wanted.since < has.since ? wanted.since : has.since
  return markets.length === has.markets.length && since === has.since ? has : { ...has, markets, since }
}

/** Why a home made for `has` can not serve `wanted`, if it can not. */
export function clashOf(has: HomeSettings, wanted: HomeSettings): string | undefined {
  if (has.kind !== wanted.kind) {
    return `holds ${has.kind} data, and ${wanted.kind} data is refused there, so that one is never taken for the other`
  }
  if (has.exchange !== wanted.exchange) return `holds data of "${has.exchange}", not of "${wanted.exchange}"`
  if (has.interval !== wanted.interval) return `holds ${has.interval} candles, not ${wanted.interval}`
  if (JSON.stringify(has.source) !== JSON.stringify(wanted.source)) {
    return `holds ${sourceText(has.source)}, not ${sourceText(wanted.source)}`
  }
  return undefined
}

export function sourceText(source: HomeSettings['source']): string {
  switch (source.type) {
    case 'exchange':
      return 'what the exchange sends'
    case 'generated':
      return `a generated market (seed ${source.seed})`
    case 'replay':
      return `a recording (${source.folder})`
    default:
      return source satisfies never
  }
}
