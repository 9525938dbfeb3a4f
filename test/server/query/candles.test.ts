import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, keyed, rowCount, warning } from '#pipeline'
import { gapsBetween } from '../../../server/query/candle-gaps.ts'
import { listMarkets } from '../../../server/query/markets.ts'
import { type asking, engineOf, make } from '../../pipeline/run/open-engine.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import { openLake } from '../../resources/lake/open-lake.ts'
import { askingOf } from '../asking-of.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.parse('2024-01-01')
const now = start + 3 * day + 2 * hour

const output = z.strictObject({
  exchange: z.string(),
  market: z.string(),
  interval: z.string(),
  open_time: z.int().meta({ column: 'timestamp' }),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
  complete: z.boolean(),
})

/** Hourly and daily candles of three days and two markets; `world.lost` are open times that are not there. */
function candlesOf(world: { readonly lost: Set<number>; price: number }) {
  const partitions = { date: daily({ since: '2024-01-01' }), market: keyed(['BTC-USDT', 'ETH-USDT']) }
  return defineAsset({
    ...{ name: 'candles', output, partitions },
    checks: { whole: (rows) => warning(rowCount(rows, { min: 25 })) },
    run({ partition }) {
      const from = partition.date.start.getTime()
      const candle = (interval: string, at: number) => ({
        ...{ exchange: 'here', market: partition.market, interval, open_time: at, complete: interval === '1h' },
        ...{ open: world.price, high: world.price + 2, low: world.price - 1, close: world.price + 1, volume: 3 },
      })
      const hours = Array.from({ length: 24 }, (_, index) => from + index * hour).filter((at) => !world.lost.has(at))
      return [...hours.map((at) => candle('1h', at)), candle('1d', from)]
    },
  })
}

async function lake(lost: readonly number[] = []) {
  const world = { lost: new Set(lost), price: 100 }
  const place = { file: join(temporaryFolder(), 'store.sqlite'), io: openLake() }
  const other = defineAsset({ name: 'other', output: z.strictObject({ n: z.int() }), run: () => [{ n: 1 }] })
  const engine = await engineOf([candlesOf(world), other], place, { clock: () => now })
  const made = (of: Partial<Parameters<typeof asking>[1]> = {}) =>
    make(engine, { assets: ['candles'], mode: 'all', now, ...of })
  return { world, engine, made, ask: askingOf({ engine }) }
}

const btc = { asset: 'candles', market: 'BTC-USDT', interval: '1h' } as const

test('assets with the columns of candles tell their markets, intervals and how far they reach', async () => {
  const { made, ask } = await lake()
  expect((await ask('markets', {})).items).toEqual([])
  await made()

  const { items } = await ask('markets', {})

  const one = { asset: 'candles', exchange: 'here', from: start, to: start + 3 * day }
  expect(items).toEqual([
    { ...one, market: 'BTC-USDT', interval: '1h', intervalMs: hour },
    { ...one, market: 'BTC-USDT', interval: '1d', intervalMs: day },
    { ...one, market: 'ETH-USDT', interval: '1h', intervalMs: hour },
    { ...one, market: 'ETH-USDT', interval: '1d', intervalMs: day },
  ])
})

test('who goes before the markets are told spoils it for nobody who waits for the same', async () => {
  const { made, engine } = await lake()
  await made()
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const io = await engine.io()
  const query: typeof io.query = async function* (...asked) {
    begun.resolve()
    await gate.promise
    yield* io.query(...asked)
  }
  const slow: typeof engine = { ...engine, io: async () => ({ ...io, query }) }
  const gone = new AbortController()

  const first = listMarkets(slow, gone.signal).catch(() => undefined)
  await begun.promise
  const second = listMarkets(slow, new AbortController().signal)
  // Until the second one waits for what the first one asked.
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  gone.abort()
  gate.resolve()

  expect((await second).items).toHaveLength(4)
  await first
})

test('the newest candles are told if no beginning is given, oldest first, with where they are from', async () => {
  const { made, ask } = await lake()
  const { id } = await made()

  const answer = await ask('candles', { ...btc, limit: 30 })

  expect(answer.candles).toHaveLength(30)
  expect(answer.candles[0]).toEqual({
    ...{ at: start + 42 * hour, open: 100, high: 102, low: 99, close: 101, volume: 3, isComplete: true, version: 0 },
  })
  expect(answer.candles.at(-1)).toMatchObject({ at: start + 71 * hour, version: 1 })
  expect(answer.versions.map(({ key, run, revision }) => [key, run, revision])).toEqual([
    ['date=2024-01-02/market=BTC-USDT', id, 0],
    ['date=2024-01-03/market=BTC-USDT', id, 0],
  ])
  expect(answer).toMatchObject({ intervalMs: hour, gaps: [], hasEarlier: true, hasLater: false })
})

test('a window is told from its beginning, and pages join without a seam', async () => {
  const { made, ask } = await lake()
  await made()
  const all = (await ask('candles', btc)).candles.map(({ at }) => at)

  const first = await ask('candles', { ...btc, from: start, limit: 40 })
  const second = await ask('candles', { ...btc, from: first.candles.at(-1)!.at + hour, limit: 40 })
  const back = await ask('candles', { ...btc, to: second.candles[0]!.at, limit: 25 })

  expect(all).toHaveLength(72)
  expect([...first.candles, ...second.candles].map(({ at }) => at)).toEqual(all)
  expect([first.hasEarlier, first.hasLater, second.hasEarlier, second.hasLater]).toEqual([false, true, true, false])
  expect(back.candles.map(({ at }) => at)).toEqual(all.slice(15, 40))
  expect([back.hasEarlier, back.hasLater]).toEqual([true, true])
  expect((await ask('candles', { ...btc, from: start + 5 * hour, to: start + 7 * hour })).candles).toHaveLength(2)
})

test('what is missing is told: in the middle, at the edges of what is published, and between partitions', async () => {
  const lost = [0, 1, 10, 11, 12, 30, 71].map((index) => start + index * hour)
  const { made, ask } = await lake(lost)
  await made()
  const gap = (from: number, candles: number) => ({
    from: start + from * hour,
    to: start + (from + candles) * hour,
    candles,
  })

  expect((await ask('candles', btc)).gaps).toEqual([gap(0, 2), gap(10, 3), gap(30, 1), gap(71, 1)])
  expect((await ask('candles', { ...btc, limit: 10 })).gaps).toEqual([gap(71, 1)])
  expect((await ask('candles', { ...btc, from: start + 11 * hour, limit: 5 })).gaps).toEqual([gap(11, 2)])
  const hours = { from: start + 10 * hour, to: start + 12 * hour }
  expect(await ask('candles', { ...btc, ...hours })).toMatchObject({
    candles: [],
    gaps: [gap(10, 2)],
    hasEarlier: true,
    hasLater: true,
  })
})

test('a day that was not published is a gap between those that were', async () => {
  const { made, ask } = await lake()
  for (const date of ['2024-01-01', '2024-01-03']) {
    await made({ filter: { spans: [{ start: Date.parse(date), end: Date.parse(date) + day }], keys: {} } })
  }

  const { gaps, candles } = await ask('candles', btc)

  expect(candles).toHaveLength(48)
  expect(gaps).toEqual([{ from: start + day, to: start + 2 * day, candles: 24 }])
})

test('a version tells how many it follows and which checks it failed, and coarser candles that they are not whole', async () => {
  const { made, ask, world } = await lake([start])
  await made()
  world.price = 200
  await made({ filter: { spans: [{ start, end: start + day }], keys: {} } })

  const { candles, versions } = await ask('candles', { ...btc, interval: '1d' })

  expect(candles.map(({ at, open, isComplete, version }) => [at, open, isComplete, version])).toEqual([
    [start, 200, false, 0],
    [start + day, 100, false, 1],
    [start + 2 * day, 100, false, 2],
  ])
  expect(versions.map(({ revision, failedChecks }) => [revision, failedChecks])).toEqual([
    [1, ['whole']],
    [0, []],
    [0, []],
  ])
})

test('what holds no such candles is refused', async () => {
  const { made, ask } = await lake()
  await made()

  await expect(ask('candles', { ...btc, asset: 'nope' })).rejects.toMatchObject({ code: 'asset.unknown' })
  for (const of of [
    { asset: 'other' },
    { market: 'DOGE-USDT' },
    { interval: '5m' },
    { interval: 'often' },
    { market: "x' or 1=1 --" },
  ]) {
    await expect(ask('candles', { ...btc, ...of })).rejects.toMatchObject({ code: 'market.unknown', status: 404 })
  }
})

test('gaps are counted in candles, as far as something was published', () => {
  const on = { intervalMs: 10, from: 0, to: 1_000 }

  expect(gapsBetween([20, 30, 60], { ...on, published: [{ start: 0, end: 80 }] })).toEqual([
    { from: 0, to: 20, candles: 2 },
    { from: 40, to: 60, candles: 2 },
    { from: 70, to: 80, candles: 1 },
  ])
  expect(gapsBetween([20], { ...on, published: [] })).toEqual([])
  expect(gapsBetween([], { ...on, from: 5, published: [{ start: 0, end: 25 }] })).toEqual([
    { from: 10, to: 30, candles: 2 },
  ])
  expect(gapsBetween([], { ...on, published: [] })).toEqual([])
})
