import { expect, test } from 'vitest'
import type { Definitions, Engine, RunAsk, Tick } from '#pipeline'
import { everyPartition, openEngine, sqliteStore, startDaemon, stepsOf } from '#pipeline'
import { readConfig } from '../../config.ts'
import { deployment } from '../../deployment.ts'
import type { Home } from '../../home.ts'
import { storeFile } from '../../home.ts'
import { cronOf, ticksBetween } from '../../pipeline/define/cron.ts'
import type { Exchange, RawCandle } from '../../resources/exchange/port.ts'
import { ExchangeError } from '../../resources/exchange/port.ts'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'

/**
 * A year of the product's own definitions in a minute: the clock is turned from tick to tick; the exchange fails one
 * request in twenty and has one day in ten late; processes are stopped in the middle of a run; code changes twice.
 */
const start = Date.parse('2024-01-01T00:00:00Z')
const hour = 3_600_000
const day = 24 * hour
const days = 366
const end = start + days * day

/** The same "random" numbers each time: a failure can be looked at again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A world with one clock, and an exchange that is what exchanges are. */
function newWorld() {
  const random = seeded(20_240_101)
  const lateness = Array.from({ length: days + 1 }, () => (random() < 0.1 ? Math.ceil(random() * 60) * hour : 0))
  const world = {
    now: start,
    isCalm: false,
    random,
    failures: 0,
    late: 0,
    /** The end of what is final at this moment. */
    finalUntil: () => {
      let until = Math.floor(world.now / hour) * hour
      for (let at = 0; at < days; at++) {
        const dayEnd = start + (at + 1) * day
        if (world.now < dayEnd + lateness[at]! && dayEnd - day < until)
          until = Math.min(until, dayEnd - day + 20 * hour)
      }
      return until
    },
  }
  return world
}
type World = ReturnType<typeof newWorld>

function exchangeOf(world: World): Exchange {
  let requests = 0
  const ask = () => {
    requests += 1
    if (world.isCalm || world.random() > 0.05) return
    world.failures += 1
    throw new ExchangeError({
      ...{ fault: 'unavailable', exchange: 'sandbox-binance', endpoint: 'klines' },
      ...{ expected: 'candles', got: '503' },
    })
  }
  return {
    name: 'sandbox-binance',
    capabilities: { candles: { intervals: ['1h'], pageLimit: 1_000 } },
    markets: async () => [{ market: 'BTC-USDT', active: true, type: 'spot' }],
    availability: async () => ({ first: start, last: world.finalUntil() - hour }),
    async *candles({ start: from, end: to }) {
      ask()
      const until = Math.min(to, world.finalUntil())
      if (until < to) world.late += 1
      if (until <= from) return
      const candles = Array.from({ length: (until - from) / hour }, (_, at) => candle(from + at * hour))
      yield { start: from, end: until, candles, receivedAt: world.now, requests: 1, conflicts: 0 }
    },
    requests: () => ({ total: requests, candles: requests, retried: 0 }),
    close: async () => undefined,
  }
}

function candle(openTime: number): RawCandle {
  const open = 40_000 + ((openTime / hour) % 997)
  return {
    open_time: openTime,
    ...{ open: open.toFixed(2), high: (open + 5).toFixed(2), low: (open - 5).toFixed(2), close: (open + 1).toFixed(2) },
    ...{ volume: '2.00000000', quote_volume: '80000.00', trades: 7 },
    ...{ taker_buy_volume: '1.00000000', taker_buy_quote_volume: '40000.00' },
  }
}

/** The product as of a release of its code: what fails is not tried again at once, since waits are real time. */
function deployed(home: Home, world: World, code: string, store: () => ReturnType<typeof sqliteStore>): Definitions {
  const config = readConfig({ BULLION_DUCKDB_MEMORY: '128', BULLION_CONCURRENCY: '2' }, () => undefined)
  const all = deployment({ home, config, store, exchange: async () => exchangeOf(world) })
  const assets = Array.from(all.assets, ([name, asset]) => {
    const codeVersion = name === 'silver_ohlcv_resampled' ? code : asset.codeVersion
    return [name, { ...asset, codeVersion, retry: { attempts: 1 } }] as const
  })
  return { ...all, assets: new Map(assets), retain: { ticks: `${2 * days}d` } }
}

test('a year of schedules, failures, late data, restarts and changes of code ends with everything fresh', async () => {
  const home: Home = {
    path: temporaryFolder(),
    settings: {
      ...{ version: 1, kind: 'sandbox', exchange: 'binance', source: { type: 'generated', seed: 1 }, interval: '1h' },
      ...{ since: '2024-01-01', markets: ['BTC-USDT'] },
    },
  }
  const world = newWorld()
  const told: Tick[] = []
  let restarts = 0
  let code = '1'

  const withProcess = async (
    work: (engine: Engine, tick: (name: string, at: number) => Promise<Tick>) => Promise<void>,
  ) => {
    const store = sqliteStore(storeFile(home.path))
    const definitions = deployed(home, world, code, () => store)
    const engine = await openEngine({ definitions, store, concurrency: 2, clock: () => world.now })
    const waiting = new Map<string, (tick: Tick) => void>()
    await engine.freeDead()
    for (const run of await engine.resume()) await run.result
    const daemon = startDaemon(engine, {
      ...{ clock: () => world.now, everyMs: 1 },
      onTick(tick) {
        told.push(tick)
        waiting.get(`${tick.definition} ${tick.scheduledAt}`)?.(tick)
      },
    })
    const next = (name: string, at: number) =>
      new Promise<Tick>((resolve) => {
        waiting.set(`${name} ${at}`, resolve)
        world.now = Math.max(world.now, at)
      })
    try {
      await work(engine, next)
    } finally {
      await daemon.stop()
      await engine.close()
    }
  }
  const everything = (engine: Engine, reason: string): RunAsk => ({
    assets: [...engine.definitions.assets.keys()],
    ...{ filter: everyPartition, mode: 'needed', now: world.now, reason },
  })

  const schedules = ['0 1 * * *', '30 1 * * *', '0 2 * * *']
  const names = ['ohlcv_daily_ingest', 'ohlcv_daily_recheck', 'ohlcv_daily_publish']
  const dueMinutes = [60, 90, 120]
  // The daemon is up before the first tick, as of the start of the year.
  for (let at = 0; at < days; ) {
    const upFor = 5 + Math.floor(world.random() * 40)
    if (at === 122 || at === 244) code = String(Number(code) + 1)
    await withProcess(async (engine, tick) => {
      if (at > 0) restarts += 1
      if (at > 0) await (await engine.start(everything(engine, `operator: restart number ${restarts}`))).result
      const release = [122, 244, days].find((one) => one > at)!
      const until = Math.min(at + upFor, release)
      for (; at < until; at++) {
        for (const [number, name] of names.entries()) {
          const due = start + at * day + dueMinutes[number]! * 60_000
          const { runs } = await tick(name, due)
          // The last run of a process is left in the middle.
          const isLeft = at === until - 1 && number === 2
          if (!isLeft) for (const run of runs) await run.result
        }
      }
    })
  }
  world.now = end + 4 * day
  world.isCalm = true
  await withProcess(async (engine, tick) => {
    // The daemon catches up with the ticks that it slept through; what it asks for is done before the last look.
    await Promise.all(names.map((name, number) => tick(name, end + 3 * day + dueMinutes[number]! * 60_000)))
    await expect.poll(() => engine.store.unfinishedRuns(), { timeout: 120_000 }).toEqual([])
    await (await engine.start(everything(engine, 'operator: the end of the year'))).result
    const plan = await engine.plan(everything(engine, 'look'))
    expect([...stepsOf(plan)].map(({ asset, key, why }) => `${asset} ${key}: ${why}`)).toEqual([])
    for (const asset of engine.definitions.assets.values()) {
      for (const row of await engine.store.partitions(asset.name))
        expect([row.key, row.state.status]).toEqual([row.key, 'published'])
    }
    // Each tick of the year was decided, and once: it was told once, and its runs know why they are.
    for (const [number, name] of names.entries()) {
      const expected = ticksBetween(cronOf(schedules[number]!, 'UTC'), start, end - 1, 2 * days)
      const decided = told
        .filter((one) => one.definition === name && one.scheduledAt < end)
        .map((one) => one.scheduledAt)
      expect([...decided].sort((a, b) => a - b)).toEqual(expected)
    }
    const runs = await engine.store.runs(10_000)
    const unexplained = runs.filter(
      ({ ask, status }) =>
        !/^(schedule ohlcv_|operator: )/.test(ask.reason) || !['succeeded', 'failed'].includes(status),
    )
    expect(unexplained.map(({ id, status, ask, reason }) => [id, status, ask.reason, reason])).toEqual([])
    expect(runs.filter(({ status }) => status === 'failed').length).toBeGreaterThan(10)
  })
  expect(world.failures).toBeGreaterThan(20)
  expect(world.late).toBeGreaterThan(20)
  expect(restarts).toBeGreaterThan(8)
}, 900_000)
