import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, AnySensor, Engine, FreshnessChange } from '#pipeline'
import {
  daily,
  defineAsset,
  defineAssetSensor,
  defineFreshnessSensor,
  defineJob,
  defineRunSensor,
  definitions,
  memoryIo,
  openEngine,
  pollSensor,
  provide,
  sqliteStore,
} from '#pipeline'
import { temporaryFolder } from '../temporary-folder.ts'
import { at } from './open-deployment.ts'

const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })
const start = at('2024-01-03T12:00:00Z')
const retry = { attempts: 1, backoff: '1s' } as const

/** What the authors' functions of a test do: they write `n`, or fail. */
interface World {
  n: number
  isBroken: boolean
}
function assetsOf(world: World) {
  const run = () => {
    if (world.isBroken) throw new Error('no')
    return [{ n: world.n }]
  }
  const left = defineAsset({ name: 'left', partitions: { date }, output, retry, freshness: { maxAge: '2h' }, run })
  const right = defineAsset({ name: 'right', partitions: { date }, output, retry, run })
  const both = defineAsset({ name: 'both', partitions: { date }, output, retry, run })
  return { left, right, both, sum: defineJob({ name: 'sum', assets: [both] }) }
}

async function begun(sensorOf: (assets: ReturnType<typeof assetsOf>) => AnySensor) {
  const world: World = { n: 1, isBroken: false }
  const clock = { now: start }
  const assets = assetsOf(world)
  const sensor = sensorOf(assets)
  const io = memoryIo()
  const engine = await openEngine({
    definitions: definitions({
      assets: [assets.left, assets.right, assets.both],
      sensors: [sensor],
      resources: {} as never,
      io: provide(() => io),
    }),
    store: sqliteStore(join(temporaryFolder(), 'store.sqlite')),
    concurrency: 2,
    clock: () => clock.now,
  })
  onTestFinished(() => engine.close())
  await engine.store.seeAutomations([sensor.name], start)
  const poll = async (afterMs = 60_000) => {
    clock.now += afterMs
    return pollSensor(engine, sensor, { now: clock.now, signal: new AbortController().signal })
  }
  const make = (asset: AnyAsset, day: string) => made(engine, asset, day)
  return { world, clock, engine, assets, poll, make }
}

/** Makes one day of an asset, and tells the run's id. */
async function made(engine: Engine, { name }: AnyAsset, day: string): Promise<string> {
  const [from, to] = [at(`${day}T00:00Z`), at(`${day}T00:00Z`) + 1]
  const filter = { keys: {}, spans: [{ start: from, end: to }] }
  const run = await engine.start({ assets: [name], filter, mode: 'all', now: start, reason: `make ${name}` })
  await run.result
  return run.id
}

test('each run that ends as asked is told of once, in order, from when the sensor began', async () => {
  const seen: string[] = []
  const { world, assets, poll, make } = await begun(({ left }) =>
    defineRunSensor({ name: 'alarm', on: 'failed', assets: [left], poll: ({ id }) => void seen.push(id) }),
  )
  world.isBroken = true
  await make(assets.left, '2024-01-01')
  await poll()
  const failed = [await make(assets.left, '2024-01-01'), await make(assets.left, '2024-01-02')]
  await make(assets.right, '2024-01-01')
  world.isBroken = false
  await make(assets.left, '2024-01-01')

  const tick = await poll()
  await poll()

  expect(seen).toEqual(failed)
  expect(tick?.note).toBe(failed.map((id) => `saw run ${id}`).join('; '))
})

test('a run whose handler fails is told of again, and those before it are not', async () => {
  const seen: string[] = []
  let isBroken = false
  const { assets, poll, make } = await begun(({ left, right }) =>
    defineRunSensor({
      name: 'next',
      on: ['succeeded', 'failed'],
      jobs: [defineJob({ name: 'one', assets: [left] }), defineJob({ name: 'other', assets: [right] })],
      poll({ id }) {
        if (isBroken && seen.length === 1) throw new Error('no answer')
        seen.push(id)
      },
    }),
  )
  await poll()
  const runs = [await make(assets.left, '2024-01-01'), await make(assets.right, '2024-01-01')]
  await make(assets.both, '2024-01-01')

  isBroken = true
  await poll()
  expect(seen).toEqual(runs.slice(0, 1))
  expect(await poll()).toMatchObject({ status: 'failed', note: 'Error: no answer' })
  isBroken = false
  await poll()

  expect(seen).toEqual(runs)
})

test('a sensor of an asset asks for runs of what is new, and not of what is the same', async () => {
  const { world, engine, assets, poll, make } = await begun(({ left, sum }) =>
    defineAssetSensor({
      name: 'arrivals',
      assets: [left],
      job: sum,
      poll: (all) => ({ runs: all.map(({ key }) => ({ partition: { date: date.decode(key.slice(5)) } })) }),
    }),
  )
  await make(assets.left, '2024-01-01')
  await poll()
  await make(assets.left, '2024-01-01')
  expect(await poll()).toBeUndefined()

  world.n = 2
  await make(assets.left, '2024-01-01')
  await make(assets.left, '2024-01-02')
  const tick = await poll()
  await Promise.all(tick!.runs.map(({ result }) => result))

  expect(tick?.runs).toHaveLength(2)
  expect((await engine.store.files('both')).map(({ key }) => key)).toEqual(['date=2024-01-01', 'date=2024-01-02'])
  expect(await poll()).toBeUndefined()
})

test('a sensor of all of several assets waits for each of them, and begins anew', async () => {
  const seen: string[][] = []
  const { world, assets, poll, make } = await begun(({ left, right }) =>
    defineAssetSensor({
      name: 'meeting',
      assets: [left, right],
      when: 'all',
      poll: (all) => void seen.push(all.map(({ asset, key }) => `${asset} ${key}`)),
    }),
  )
  await poll()
  await make(assets.left, '2024-01-01')
  await poll()
  await make(assets.left, '2024-01-02')
  await poll()
  expect(seen).toEqual([])

  await make(assets.right, '2024-01-01')
  await poll()
  world.n = 2
  await make(assets.right, '2024-01-01')
  await poll()

  expect(seen).toEqual([['left date=2024-01-02', 'right date=2024-01-01']])
})

test('an asset that becomes late is told of once, and again when it is fresh', async () => {
  const seen: string[] = []
  const tell = (changes: readonly FreshnessChange[]) =>
    void seen.push(...changes.map(({ asset, from, to }) => `${asset}: ${from} to ${to}`))
  const { engine, assets, poll, make } = await begun(({ left }) =>
    defineFreshnessSensor({ name: 'watch', assets: [left], poll: tell }),
  )
  const hour = 3_600_000
  await poll()
  await make(assets.left, '2024-01-01')
  await poll()
  expect(seen).toEqual([])

  await poll(2 * hour)
  await poll(hour)
  // Made again with the same rows: it is as new as can be.
  await make(assets.left, '2024-01-01')
  await poll()
  await poll()

  expect(seen).toEqual(['left: fresh to late', 'left: late to fresh'])
  expect((await engine.store.ticks('watch', 10)).map(({ note }) => note)).toEqual(['"left" is fresh', '"left" is late'])
})

test('a freshness sensor watches only what says how fresh it is to be', () => {
  const { right } = assetsOf({ n: 1, isBroken: false })

  expect(() => defineFreshnessSensor({ name: 'watch', assets: [right] })).toThrow('says nothing of its freshness')
})
