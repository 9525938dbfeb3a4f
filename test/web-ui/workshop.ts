import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { AnyAsset, AnySchedule, AnySensor } from '#pipeline'
import {
  allOf,
  daily,
  defineAsset,
  definitions,
  holds,
  keyed,
  memoryIo,
  openEngine,
  provide,
  sqliteStore,
  startDaemon,
} from '#pipeline'
import { buildWebUi } from '../../bin/build-web-ui.js'
import { servedOf } from '../server/served.ts'
import { openDoor } from './door.ts'

/** What a test changes of what is made. */
export interface World {
  /** Keys whose steps throw. */
  readonly failing: Set<string>
  /** While it is not over, no step ends. */
  held: Promise<void> | undefined
  value: number
}

const dayMs = 86_400_000
export const day = (daysAgo: number): string => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10)

/** Prices of five days and two markets, candles of them, and means of those. */
export function workshopAssets(world: World) {
  const partitions = { date: daily({ since: day(5) }), market: keyed(['BTC-USDT', 'ETH-USDT']) }
  const output = z.strictObject({ n: z.int() })
  const make = async (key: string, signal: AbortSignal) => {
    const ended = new Promise((_, refuse) => signal.addEventListener('abort', () => refuse(signal.reason)))
    if (world.held) await Promise.race([world.held, ended])
    if (world.failing.has(key)) throw new Error(`no answer for "${key}"`)
    return [{ n: world.value }]
  }
  const retry = { attempts: 1 } as const
  const prices = defineAsset({
    ...{ name: 'prices', layer: 'bronze', retry, output, partitions, pool: 'exchange', kinds: ['rest'] },
    ...{ owners: ['ana'], tags: { cost: 'high' } },
    params: z.strictObject({ depth: z.int().min(1).default(5).describe('levels') }),
    run({ key, signal, log }) {
      log.info('asking the exchange', { key })
      if (key.includes('ETH')) log.warn('the exchange is slow today')
      return make(key, signal)
    },
  })
  const candles = defineAsset({
    ...{ name: 'candles', layer: 'silver', retry, output, partitions, deps: { prices } },
    description: 'Candles of a day',
    checks: { 'n is small': (rows) => holds(rows, ({ n }) => n < 100) },
    run: ({ key, signal }) => make(key, signal),
  })
  const means = defineAsset({
    ...{ name: 'means', layer: 'gold', retry, output, partitions: { date: partitions.date } },
    deps: { candles: allOf(candles, 'market') },
    run: ({ key, signal }) => make(key, signal),
  })
  return [prices, candles, means] as const
}

/** Assets of a test, made and served by a real engine on a real store, in a folder of its own. */
export async function openWorkshop(
  of: {
    readonly assets?: (world: World) => readonly AnyAsset[]
    readonly automations?: (assets: readonly AnyAsset[]) => {
      readonly schedules?: readonly AnySchedule[]
      readonly sensors?: readonly AnySensor[]
    }
    /** Whether something follows its schedules and sensors. */
    readonly hasDaemon?: boolean
  } = {},
) {
  await buildWebUi()
  const path = mkdtempSync(join(tmpdir(), 'bullion-web-'))
  const open = new AsyncDisposableStack()
  open.defer(() => rmSync(path, { recursive: true, force: true }))
  const world: World = { failing: new Set(), held: undefined, value: 1 }
  const assets = (of.assets ?? workshopAssets)(world)
  const io = memoryIo()
  const engine = await openEngine({
    definitions: definitions({
      ...{ assets, ...of.automations?.(assets), resources: {}, io: provide(() => io) },
      pools: { exchange: 2 },
    }),
    store: sqliteStore(join(path, 'store.sqlite')),
    concurrency: 4,
  })
  open.defer(() => engine.close())
  const server = await openDoor(servedOf(engine, { about: { startedAt: Date.now() } }), path)
  open.defer(server.shut)
  if (of.hasDaemon) {
    const daemon = startDaemon(engine, { everyMs: 100, retryMs: 200 })
    open.defer(() => daemon.stop())
  }
  return {
    ...{ engine, server, world, troubles: server.troubles, close: () => open.disposeAsync() },
    /** Steps begin and do not end, until what it answers is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      world.held = promise
      return () => {
        world.held = undefined
        resolve()
      }
    },
    /** Makes days of assets, and answers the run once it is over. */
    async make(names: readonly string[], reason: string, from = day(5), to = day(0)) {
      const spans = [{ start: Date.parse(from), end: Date.parse(to) }]
      const filter = { spans, keys: {} }
      const run = await engine.start({ assets: names, filter, mode: 'needed', now: engine.clock(), reason })
      return run.result
    },
  }
}
