/** A small deployment of several shapes of assets, served as the doors serve it: a real engine on a real store. */

import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Definitions, Engine, PartitionFilter } from '#pipeline'
import {
  allOf,
  daily,
  defineAsset,
  defineJob,
  defineSchedule,
  definitions,
  dynamic,
  eager,
  everyPartition,
  externalAsset,
  holds,
  hourly,
  keyed,
  memoryIo,
  openEngine,
  optional,
  provide,
  rolling,
  sqliteStore,
} from '#pipeline'
import type { LakeReader } from '../../server/lake-reader.ts'
import type { Served } from '../../server/served.ts'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'
import { askingOf } from './asking-of.ts'

export const now = Date.parse('2024-01-11T00:30:00Z')
const output = z.strictObject({ n: z.int().meta({ description: 'a number', unit: 'USD' }) })
export const date = daily({ since: '2024-01-01' })
const market = keyed(['BTC-USDT', 'ETH-USDT'])

/** What a test may change of the assets: how many rows they make, and which partitions fail. */
export interface World {
  value: number
  readonly failing: Set<string>
}

export function assetsOf(world: World, of: { readonly codeVersion?: string } = {}) {
  const rows = (key: string) => {
    if (world.failing.has(key)) throw new Error(`no answer for "${key}"`)
    return [{ n: world.value }, { n: world.value + 1 }]
  }
  const retry = { attempts: 1 } as const
  const feed = externalAsset({ name: 'feed', partitions: { date }, output, description: 'what an exchange tells' })
  const rates = defineAsset({ name: 'rates', layer: 'bronze', retry, output, run: ({ key }) => rows(key) })
  const days = defineAsset({
    ...{ name: 'days', layer: 'bronze', retry, output, partitions: { date }, kinds: ['csv'] },
    ...{ deps: { feed: optional(feed) }, codeVersion: of.codeVersion ?? '1', pool: 'exchange' },
    params: z.strictObject({ depth: z.int().default(5).describe('levels'), side: z.enum(['bid', 'ask']).optional() }),
    run: ({ key }) => rows(key),
  })
  const candles = defineAsset({
    ...{ name: 'candles', layer: 'silver', retry, output, partitions: { date, market }, key: ['n'] },
    ...{ deps: { days, rates }, description: 'Candles of a day', owners: ['ana'], tags: { cost: 'high' } },
    checks: { 'n is small': (rows) => holds(rows, ({ n }) => n < 100) },
    freshness: { maxAge: '2h' },
    run: ({ key }) => rows(key),
  })
  const means = defineAsset({
    ...{ name: 'means', layer: 'gold', retry, output, partitions: { date } },
    deps: { candles: rolling(allOf(candles, 'market'), 'date', { from: -1, to: 0 }) },
    automation: eager(),
    run: ({ key }) => rows(key),
  })
  const listed = defineAsset({
    ...{ name: 'listed', retry, output, partitions: { market: dynamic('markets') } },
    run: ({ key }) => rows(key),
  })
  const since = new Date(now - 100_000 * 3_600_000).toISOString().slice(0, 13)
  const hours = defineAsset({
    ...{ name: 'hours', retry, output, partitions: { hour: hourly({ since }) } },
    run: ({ key }) => rows(key),
  })
  const books = defineAsset({
    ...{ name: 'books', retry, output },
    partitions: { side: keyed(['bid', 'ask']), level: keyed(['1', '2', '3']), date },
    run: ({ key }) => rows(key),
  })
  return [feed, rates, days, candles, means, listed, hours, books] as const
}

export interface Deployment {
  readonly served: Served
  readonly engine: Engine
  readonly world: World
  readonly ask: ReturnType<typeof askingOf>
  /** Makes partitions and waits for the end of the run, whose id it returns. */
  make(assets: readonly string[], filter?: PartitionFilter, mode?: 'all' | 'needed'): Promise<string>
}

export async function deployment(
  of: { readonly file?: string; readonly codeVersion?: string; readonly now?: number } = {},
): Promise<Deployment> {
  const world: World = { value: 1, failing: new Set() }
  const assets = assetsOf(world, of)
  const job = defineJob({ name: 'nightly', assets: [assets[2], assets[3]] })
  const schedule = defineSchedule({ name: 'every_night', job, cron: '0 1 * * *' })
  const all: Definitions = definitions({
    ...{ assets, jobs: [job], schedules: [schedule], resources: {}, pools: { exchange: 2 } },
    io: provide(memoryIo),
    retain: { versions: 3 },
  })
  const store = sqliteStore(of.file ?? join(temporaryFolder(), 'store.sqlite'))
  const engine = await openEngine({ definitions: all, store, concurrency: 4, clock: () => of.now ?? now })
  onTestFinished(() => engine.close())
  const served: Served = { engine, lake: lakeOf(engine), about: {} as Served['about'] }
  return {
    ...{ served, engine, world },
    ask: askingOf(served),
    async make(names, filter = everyPartition, mode = 'all') {
      const run = await engine.start({ assets: names, filter, mode, now: engine.clock(), reason: 'test' })
      return (await run.result).id
    },
  }
}

/** The rows that the engine's own manager of files has. */
const lakeOf = (engine: Engine): LakeReader => ({
  limits: { rows: 10_000, memoryMb: 100, timeoutMs: 1_000 },
  catalogue: { name: 'catalogue', description: 'what is published', columns: [] },
  query: () => Promise.reject(new Error('there is no SQL here')),
  download: () => Promise.reject(new Error('there is no SQL here')),
  async firstRows(asset, files, rows) {
    const all = (await (await engine.io()).table(asset, files).toArray()) as Record<string, unknown>[]
    return { columns: [{ name: 'n', type: 'integer' }], rows: all.slice(0, rows), isCut: all.length > rows }
  },
})

export const dates = (...keys: readonly string[]): PartitionFilter => ({
  spans: keys.map((key) => ({ start: Date.parse(key), end: Date.parse(key) + 86_400_000 })),
  keys: {},
})
