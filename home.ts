import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
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

export const storeFile = (home: Home) => join(home.path, 'store.sqlite')
export const lakeRoot = (home: Home) => join(home.path, 'lake')
export const spillFolder = (home: Home) => join(home.path, 'tmp')

/** The settings of the home at `path`, or `undefined` if there is none. Throws `BadInput` if they can not be read. */
export function readHome(path: string): Home | undefined {
  const file = join(path, fileName)
  if (!existsSync(file)) return undefined
  try {
    return { path, settings: HomeSettings.parse(JSON.parse(readFileSync(file, 'utf8'))) }
  } catch (cause) {
    throw new BadInput(`home "${path}" can not be read: its ${fileName} is damaged; restore it, or use another home`, {
      cause,
    })
  }
}

/**
 * The home at `path`, made if it is not there. More markets and an earlier start are taken in; another kind, source,
 * exchange or interval is refused, since their rows would be taken for one another. Throws `BadInput`.
 */
export function openHome(path: string, wanted: HomeSettings): Home {
  const home = readHome(path)
  if (!home) return save({ path, settings: wanted })
  const clash = clashOf(home.settings, wanted)
  if (clash) throw new BadInput(`home "${path}" ${clash}; use another with --home DIR or BULLION_HOME=DIR`)
  const markets = [...new Set([...home.settings.markets, ...wanted.markets])]
  const since = wanted.since < home.settings.since ? wanted.since : home.settings.since
  if (markets.length === home.settings.markets.length && since === home.settings.since) return home
  return save({ path, settings: { ...home.settings, markets, since } })
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

function save(home: Home): Home {
  mkdirSync(home.path, { recursive: true })
  const file = join(home.path, fileName)
  writeFileSync(`${file}.new`, `${JSON.stringify(home.settings, null, 2)}\n`)
  renameSync(`${file}.new`, file)
  return home
}
