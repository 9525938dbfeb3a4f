import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import { daily, defineAsset, dynamic, keyed, listPartitions, optional, parsePartitions, stepsOf } from '#pipeline'
import { asking, engineOf, make, newPlace, now, rowsOf } from './open-engine.ts'

const output = z.strictObject({ name: z.string() })
const prices = defineAsset({
  name: 'prices',
  partitions: { market: dynamic('markets') },
  output,
  run: ({ partition }) => [{ name: partition.market }],
})
const ratios = defineAsset({
  name: 'ratios',
  partitions: { market: dynamic('markets') },
  deps: { prices },
  output,
  run: async ({ inputs }) => (await inputs.prices.toArray()).map(({ name }) => ({ name: `${name}!` })),
})

/** An engine whose clock moves on by a second with each look at it. */
async function opened(assets = [prices, ratios], place = newPlace()) {
  let ms = now
  const engine = await engineOf(assets, place, { clock: () => (ms += 1_000) })
  return { engine, later: () => (ms += 1_000) }
}

const planned = async (engine: Engine, at: number) =>
  [...stepsOf(await engine.plan(asking(engine, { now: at })))].map(({ asset, key }) => `${asset} ${key}`)

test('what is added to a dynamic dimension can be made at once, and is read by the key', async () => {
  const { engine, later } = await opened()
  await expect(make(engine, { now: later() })).rejects.toThrow('no partition of it exists there')

  expect(await engine.addKeys('markets', ['BTC/USDT', 'ETH'])).toEqual(['BTC/USDT', 'ETH'])
  const run = await make(engine, { now: later() })

  expect(run.ends).toEqual({ published: 4 })
  expect(await rowsOf(engine, ratios, 'market=BTC%2FUSDT')).toEqual([{ name: 'BTC/USDT!' }])
  expect(await engine.addKeys('markets', ['ETH'])).toEqual([])
  expect(await planned(engine, later())).toEqual([])
})

test('a key that is removed does not exist for new plans, keeps its history, and is fresh when it is added again', async () => {
  const { engine, later } = await opened()
  await engine.addKeys('markets', ['A', 'B'])
  await make(engine, { now: later() })

  expect(await engine.removeKeys('markets', ['A', 'C'])).toEqual(['A'])
  await engine.addKeys('markets', ['C'])

  expect(await planned(engine, later())).toEqual(['prices market=C', 'ratios market=C'])
  expect(await engine.store.history('prices', 'market=A' as never)).toHaveLength(1)
  await engine.addKeys('markets', ['A'])
  expect(await planned(engine, later())).toEqual(['prices market=C', 'ratios market=C'])
  const { counts } = await listPartitions(engine, { asset: 'prices', filter: { keys: {} }, limit: 9, now: later() })
  expect([counts.fresh, counts.missing]).toEqual([2, 1])
})

test('a run that is taken up again plans with the keys there were when it was asked for', async () => {
  const { engine, later } = await opened()
  await engine.addKeys('markets', ['A', 'B'])
  const ask = asking(engine, { now: later() })
  await engine.store.createRun({ id: 'r1', ask, leader: null, now: later() })
  await engine.removeKeys('markets', ['A'])
  await engine.addKeys('markets', ['C'])

  const [resumed] = await engine.resume()
  const { state } = await resumed!.result

  expect(state.counts.published).toEqual({ prices: 2, ratios: 2 })
  expect((await engine.store.files('ratios')).map(({ key }) => key)).toEqual(['market=A', 'market=B'])
})

test('statuses that were kept in a block follow the keys as they come and go', async () => {
  const { engine, later } = await opened([prices])
  const keys = Array.from({ length: 2_100 }, (_, index) => `m${index}`)
  await engine.addKeys('markets', keys)
  await make(engine, { now: later(), mode: 'missing' })
  await engine.plan(asking(engine, { now: later(), mode: 'missing' }))
  expect(await engine.store.statusBlock('prices')).toBeDefined()

  await engine.removeKeys('markets', ['m0', 'm7'])
  await engine.addKeys('markets', ['new'])

  const plan = await engine.plan(asking(engine, { now: later(), mode: 'missing' }))
  expect([...stepsOf(plan)].map(({ key }) => key)).toEqual(['market=new'])
})

test('a dynamic dimension goes together with others, and with a fixed list by the text of the key', async () => {
  const date = daily({ since: '2024-01-01', until: '2024-01-03' })
  const candles = defineAsset({
    name: 'candles',
    partitions: { date, market: dynamic('markets') },
    output,
    run: ({ partition }) => [{ name: `${date.encode(partition.date)} ${partition.market}` }],
  })
  const chosen = defineAsset({
    name: 'chosen',
    partitions: { date, market: keyed(['A', 'B']) },
    deps: { candles: optional(candles) },
    output,
    run: ({ inputs }) => inputs.candles,
  })
  const { engine, later } = await opened([candles, chosen] as never)
  await engine.addKeys('markets', ['B', 'C'])

  const run = await make(engine, { now: later() })

  expect(run.ends).toEqual({ published: 8 })
  expect(await rowsOf(engine, chosen, 'date=2024-01-02/market=B')).toEqual([{ name: '2024-01-02 B' }])
  expect(await rowsOf(engine, chosen, 'date=2024-01-02/market=A')).toEqual([])
})

test('a key that is not there now is refused with the nearest, and so are names and keys that can not be', async () => {
  const { engine, later } = await opened()
  await engine.addKeys('markets', ['BTC-USDT'])
  const keys = await engine.keys(later())

  expect(parsePartitions([prices], 'market=BTC-USDT', new Date(now), keys)).toEqual({ keys: { market: ['BTC-USDT'] } })
  expect(() => parsePartitions([prices], 'market=BTC-USD', new Date(now), keys)).toThrow(
    'no market is called "BTC-USD"; did you mean "BTC-USDT"?',
  )
  await expect(engine.addKeys('market', ['A'])).rejects.toThrow(
    'no dynamic dimension is named "market"; did you mean "markets"?',
  )
  await expect(engine.addKeys('markets', ['A..B'])).rejects.toThrow('two dots stand for a range')
})
