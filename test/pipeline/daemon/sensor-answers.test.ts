import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, AnySensor, SensorAnswer } from '#pipeline'
import {
  defineAsset,
  defineAssetSensor,
  defineJob,
  defineSensor,
  definitions,
  dynamic,
  eager,
  externalAsset,
  memoryIo,
  onMissing,
  openEngine,
  pollSensor,
  provide,
  sqliteStore,
  startDaemon,
} from '#pipeline'
import { automationOf } from '../../../pipeline/daemon/automation.ts'
import { until } from '../run/open-engine.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const output = z.strictObject({ n: z.int() })
const prices = defineAsset({
  name: 'prices',
  partitions: { market: dynamic('markets') },
  output,
  run: () => [{ n: 1 }],
})
const job = defineJob({ name: 'ingest', assets: [prices] })
const now = Date.parse('2024-03-10T12:00:00Z')

async function opened(spec: { readonly assets?: readonly AnyAsset[]; readonly sensors?: readonly AnySensor[] }) {
  const clock = { now }
  const engine = await openEngine({
    definitions: definitions({
      assets: (spec.assets ?? [prices]) as never,
      sensors: (spec.sensors ?? []) as never,
      resources: {} as never,
      io: provide(memoryIo),
    }),
    store: sqliteStore(join(temporaryFolder(), 'store.sqlite')),
    concurrency: 4,
    clock: () => clock.now,
  })
  onTestFinished(() => engine.close())
  await engine.store.seeAutomations([...engine.definitions.sensors.keys()], now)
  const signal = new AbortController().signal
  const poll = async (name: string) => {
    clock.now += 60_000
    return pollSensor(engine, engine.definitions.sensors.get(name)!, { now: clock.now, signal })
  }
  return { engine, clock, poll }
}

const listing = (answer: () => SensorAnswer<{ readonly market: string }>) =>
  defineSensor({ name: 'listing', job, every: '1s', cursor: z.number(), poll: async () => answer() })

test('a sensor adds a key and asks for it in one answer', async () => {
  let listed = ['A']
  const sensor = listing(() => ({
    addKeys: { markets: listed },
    runs: listed.map((market) => ({ partition: { market }, runKey: market })),
  }))
  const { engine, poll } = await opened({ sensors: [sensor] })

  const first = await poll('listing')
  await first!.runs[0]!.result
  listed = ['A', 'B']
  const second = await poll('listing')
  await second!.runs[0]!.result

  expect((await engine.store.files('prices')).map(({ key }) => key)).toEqual(['market=A', 'market=B'])
})

test('what a sensor changes of keys is a tick that says so; the same list again is none', async () => {
  let answer: SensorAnswer<{ readonly market: string }> = { addKeys: { markets: ['A', 'B', 'C'] } }
  const { engine, clock, poll } = await opened({ sensors: [listing(() => answer)] })

  const added = await poll('listing')
  const again = await poll('listing')
  answer = { addKeys: { markets: ['D', 'C'] }, removeKeys: { markets: ['A', 'C', 'X'] } }
  const both = await poll('listing')

  expect([added?.note, again, both?.note]).toEqual([
    'added 3 keys of "markets"',
    undefined,
    'added 1 key of "markets", removed 1 key of "markets"',
  ])
  expect(await engine.keys(clock.now)).toEqual({ markets: ['B', 'C', 'D'] })
})

test('keys of a dimension that there is not are the failure of the sensor', async () => {
  const { poll } = await opened({ sensors: [listing(() => ({ addKeys: { market: ['A'] } }))] })

  const tick = await poll('listing')

  expect([tick?.status, tick?.note]).toEqual([
    'failed',
    expect.stringContaining('no dynamic dimension is named "market"; did you mean "markets"?'),
  ])
})

test('an external asset is looked at by its own sensor, which ticks when it has changed', async () => {
  let etag = 'a'
  const rates = externalAsset({ name: 'rates', observe: () => ({ version: etag, metadata: { etag } }), every: '1m' })
  const { engine, poll } = await opened({ assets: [rates] })

  const seen = [await poll('observe_rates'), await poll('observe_rates')]
  etag = 'b'
  seen.push(await poll('observe_rates'))

  expect(seen.map((tick) => tick?.note)).toEqual([
    'saw a new version of "rates"',
    undefined,
    'saw a new version of "rates"',
  ])
  expect((await engine.store.history('rates', '' as never)).map(({ version }) => version)).toEqual(['b', 'a'])
})

test('partitions of an external asset are observed by their values', async () => {
  const listings = externalAsset({
    name: 'listings',
    partitions: { market: dynamic('markets') },
    every: '1m',
    observe: async () => [
      { partition: { market: 'A' }, version: '1' },
      { partition: { market: 'B' }, version: '1' },
    ],
  })
  const { engine, poll } = await opened({ assets: [listings] })
  await engine.addKeys('markets', ['A'])

  expect((await poll('observe_listings'))?.note).toContain('partition "market=B" does not fit')
  await engine.addKeys('markets', ['B'])
  await poll('observe_listings')

  expect([...(await engine.store.states('listings')).keys()]).toEqual(['market=A', 'market=B'])
})

test('conditions and asset sensors hear of what was observed', async () => {
  const rates = externalAsset({ name: 'rates' })
  const eagerly = defineAsset({ name: 'eagerly', deps: { rates }, automation: eager(), output, run: () => [{ n: 1 }] })
  const heard: string[] = []
  const told = defineAssetSensor({
    name: 'told',
    assets: [rates],
    poll: (made) => void heard.push(...made.map(({ asset, isNew }) => `${asset} ${isNew}`)),
  })
  const { engine, clock, poll } = await opened({ assets: [rates, eagerly], sensors: [told] })
  const conditions = automationOf(engine)
  await poll('told')
  // Nothing was seen of it yet: an eager reader waits.
  expect(await conditions.decide(clock.now)).toBeUndefined()

  await engine.observe('rates', { version: '1' })
  await engine.observe('rates', { version: '1' })

  await poll('told')
  expect(heard).toEqual(['rates true'])
  const tick = await conditions.decide(clock.now + 60_000)
  expect(tick?.runs.map(({ ask }) => ask.assets)).toEqual([['eagerly']])
})

test('a condition asks for a key that was added, and for no other when keys come and go', async () => {
  const listed = defineAsset({
    name: 'listed',
    partitions: { market: dynamic('markets') },
    automation: onMissing(),
    output,
    run: () => [{ n: 1 }],
  })
  const { engine, clock } = await opened({ assets: [listed] })
  const conditions = automationOf(engine)
  const decide = async () => {
    clock.now += 60_000
    const tick = await conditions.decide(clock.now)
    await Promise.all((tick?.runs ?? []).map(({ result }) => result))
    return tick?.runs.map(({ ask }) => ask.sets)
  }
  await decide()

  await engine.addKeys('markets', ['A', 'B'])
  expect(await decide()).toEqual([{ listed: '*' }])
  await engine.addKeys('markets', ['C'])
  expect(await decide()).toEqual([{ listed: 'C' }])
  await engine.removeKeys('markets', ['A'])
  expect(await decide()).toBeUndefined()
  await engine.addKeys('markets', ['D', 'A'])
  expect(await decide()).toEqual([{ listed: 'D' }])
})

test('the daemon looks at external assets and lets new keys be made', async () => {
  const rates = externalAsset({ name: 'rates', observe: () => ({ version: '1' }), every: '1s' })
  const sensor = listing(() => ({ addKeys: { markets: ['A'] }, runs: [{ partition: { market: 'A' }, runKey: 'A' }] }))
  const { engine } = await opened({ assets: [rates, prices], sensors: [sensor] })
  const daemon = startDaemon(engine, { clock: () => now })
  onTestFinished(() => daemon.stop())

  await until(async () => (await engine.store.files('prices')).length === 1)
  await until(async () => (await engine.store.states('rates')).size === 1)
})
