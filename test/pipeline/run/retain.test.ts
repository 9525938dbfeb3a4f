import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Engine, IoManager, PartitionKey } from '#pipeline'
import { daily, defineAsset, definitions, openEngine, provide, sqliteStore, startDaemon } from '#pipeline'
import { statusAt } from '../../../pipeline/plan/partition-status.ts'
import { spaceOf } from '../../../pipeline/plan/space.ts'
import { readStatuses } from '../../../pipeline/run/read-statuses.ts'
import type { Place } from './open-engine.ts'
import { make, newPlace, rowsOf, until } from './open-engine.ts'

const hour = 3_600_000
const day = 24 * hour
const monday = 'date=2024-01-01' as PartitionKey
const output = z.strictObject({ n: z.int() })

/** Candles of some days that are made again and again, with `retain` as their rule and `all` as that of the deployment. */
async function deployment(of: { retain?: object; all?: object; place?: Place } = {}) {
  const world = { n: 0, at: Date.now() }
  const place = of.place ?? newPlace()
  const candles = defineAsset({
    name: 'candles',
    partitions: { date: daily({ since: '2024-01-01', until: '2024-01-03' }) },
    output,
    ...(of.retain && { retain: of.retain }),
    checks: { small: () => (world.n < 90 ? { passed: true } : { passed: false, why: 'too large' }) },
    retry: { attempts: 1 },
    run() {
      if (world.n >= 200) throw new Error('no answer')
      return [{ n: world.n }]
    },
  })
  const engine = await openEngine({
    definitions: definitions({ assets: [candles], resources: {}, io: provide(() => place.io), retain: of.all ?? {} }),
    store: sqliteStore(place.file),
    concurrency: 4,
    clock: () => world.at,
  })
  onTestFinished(() => engine.close())
  /** Makes all of it with other rows, an hour after the last time. */
  const again = async (n = world.n + 1) => {
    world.n = n
    world.at += hour
    await make(engine, { mode: 'all', now: world.at })
  }
  const files = async () => (await Array.fromAsync(place.io.scan())).length
  return { engine, world, place, candles, again, files }
}

/** What `io` does, but for removals that fail while `isBroken` says so. */
const fragile = (io: IoManager, isBroken: (path: string) => boolean): IoManager => ({
  ...io,
  async discard(path) {
    if (isBroken(path)) throw new Error('the disk is away')
    await io.discard(path)
  },
})

test('versions beyond the rule are given up with their files, and the published one never is', async () => {
  const { engine, candles, world, again, files } = await deployment({ retain: { versions: 2 } })
  for (let round = 0; round < 4; round++) await again()
  world.at += day

  const dry = await engine.retain({ dryRun: true })
  expect(dry.assets).toEqual([
    { asset: 'candles', versions: 4, rejected: 0, orphans: 0, bytes: 4 * '[{"n":1}]'.length },
  ])
  expect(await files()).toBe(8)

  expect(await engine.retain()).toMatchObject({ assets: dry.assets, failures: [] })
  expect((await engine.retain()).assets).toEqual([])

  expect(await files()).toBe(4)
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 4 }])
  const kept = (await engine.store.history('candles', monday)).map(({ removedAt }) => removedAt === null)
  expect(kept).toEqual([true, true, false, false])
})

test('without a rule nothing is given up, and the rule of an asset takes the place of the common one', async () => {
  const none = await deployment()
  const common = await deployment({ all: { versions: 1 } })
  const own = await deployment({ all: { versions: 1 }, retain: {} })

  for (const { engine, world, again, files } of [none, common, own]) {
    await again()
    await again()
    world.at += 365 * day
    await engine.retain()
    expect(await files()).toBe(engine === common.engine ? 2 : 4)
  }
})

test('what may be being read is kept for an hour', async () => {
  const { engine, world, again, files } = await deployment({ retain: { versions: 1 } })
  await again()
  await again()

  world.at += hour - 1
  await engine.retain()
  expect(await files()).toBe(4)

  world.at += 1
  await engine.retain()
  expect(await files()).toBe(2)
})

test('a version that was put back is kept, though it is older than the rule', async () => {
  const { engine, candles, world, again } = await deployment({ retain: { versions: 1 } })
  await again()
  await again()
  const [, first] = await engine.store.history('candles', monday)
  const to = { type: 'materialization', id: first!.id } as const
  await engine.rollback({ assets: ['candles'], filter: { keys: {} }, to })
  world.at += day

  await engine.retain()

  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 1 }])
})

test('refused files are removed after their time', async () => {
  const { engine, world, again, files } = await deployment({ retain: { rejected: '7d' } })
  await again()
  await again(99)
  expect(await files()).toBe(4)

  world.at += 6 * day
  await engine.retain()
  expect(await files()).toBe(4)
  world.at += 2 * day
  expect((await engine.retain()).assets).toMatchObject([{ versions: 0, rejected: 2 }])
  expect(await files()).toBe(2)
})

test('a refused file that its step could not report any more is removed after a day', async () => {
  const { engine, world, candles, place, files } = await deployment()
  await make(engine, { now: world.at })
  const identity = { asset: 'candles', key: monday, materialization: 'lost', run: 'r', codeVersion: '1', inputs: {} }
  const { signal } = new AbortController()
  const { path } = await place.io.stage({ asset: candles, identity, rows: [], signal })
  await place.io.reject(path)
  expect(await files()).toBe(3)

  await engine.retain()
  expect(await files()).toBe(3)
  world.at = Date.now() + day + 1_000
  expect((await engine.retain()).assets).toMatchObject([{ orphans: 1 }])
  expect(await files()).toBe(2)
})

test('a crash before a file is removed leaves a version given up, whose file goes the next time', async () => {
  let isBroken = true
  const place = newPlace()
  const io = fragile(place.io, () => isBroken)
  const { engine, world, again, files } = await deployment({ retain: { versions: 1 }, place: { ...place, io } })
  await again()
  await again()
  const [, first] = await engine.store.history('candles', monday)
  world.at += day

  expect((await engine.retain()).failures).toEqual([
    { path: first!.path, error: 'the disk is away' },
    { path: expect.stringContaining('date=2024-01-02'), error: 'the disk is away' },
  ])
  expect(await files()).toBe(4)
  const to = { type: 'materialization', id: first!.id } as const
  const [put] = await engine.rollback({ assets: ['candles'], filter: { keys: {} }, to })
  expect(put!.outcome).toBe('removed')

  isBroken = false
  expect(await engine.retain()).toMatchObject({ assets: [], failures: [] })
  expect(await files()).toBe(2)
})

test('one file that can not be removed holds up no other', async () => {
  const place = newPlace()
  const io = fragile(place.io, (path) => path.includes(monday))
  const { engine, world, again, files } = await deployment({ retain: { versions: 1 }, place: { ...place, io } })
  await again()
  await again()
  world.at += day

  expect((await engine.retain()).failures).toHaveLength(1)

  expect(await files()).toBe(3)
})

test('a file that the catalogue does not know is removed after a day, unless it is older than the catalogue', async () => {
  const place = newPlace()
  const asset = defineAsset({ name: 'candles', output, run: () => [] })
  const stage = (materialization: string) => {
    const identity = { asset: 'candles', key: monday, materialization, codeVersion: '1', inputs: {} }
    return place.io.stage({ asset, identity, rows: [{ n: 1 }], signal: new AbortController().signal })
  }
  await stage('of-a-lost-catalogue')
  await new Promise((resolve) => setTimeout(resolve, 2))
  const { engine, world, files } = await deployment({ place })
  world.at = Date.now()
  world.n = 200
  await make(engine, { now: world.at })
  await stage('of-a-step-that-was-lost-before-any-was-published')
  await new Promise((resolve) => setTimeout(resolve, 2))
  world.at = Date.now()
  world.n = 1
  await make(engine, { now: world.at })
  await stage('of-a-lost-step')
  expect(await files()).toBe(5)

  await engine.retain()
  expect(await files()).toBe(5)
  world.at += day + 1_000
  expect((await engine.retain({ dryRun: true })).assets).toMatchObject([{ orphans: 2 }])
  expect((await engine.retain()).assets).toMatchObject([{ orphans: 2 }])

  expect(await files()).toBe(3)
  expect((await Array.fromAsync(place.io.scan())).map((one) => ('file' in one ? one.file.path : ''))).toContain(
    `candles/${monday}/of-a-lost-catalogue`,
  )
})

test('events go after their time, and statuses that were kept before stay true', async () => {
  const { engine, world, candles, again } = await deployment({ all: { events: '30d' } })
  await again()
  const space = spaceOf(candles.partitions, { now: new Date(world.at) })
  const statusOf = async () => statusAt(await readStatuses(engine.store, candles, space, false), 0)
  const { asOf } = await engine.store.statusChanges('candles', 0)
  // One that knows of nothing tells whether it is heeded.
  const bytes = Buffer.alloc(2).toString('base64')
  await engine.store.keepStatusBlock('candles', { asOf, layout: 'date from 2024-01-01', bytes })
  expect(await statusOf()).toBe('missing')
  await again(200)
  await again(1)
  await again(200)
  world.at += 31 * day

  const { events } = await engine.retain()

  // The newest event stays, whatever it is.
  expect(events).toBe(3)
  expect(await engine.store.events({ after: asOf, limit: 9 })).toMatchObject([
    { type: 'unchanged' },
    { type: 'unchanged' },
    { type: 'failed' },
  ])
  expect(await statusOf()).toBe('failed')
})

test('the daemon retains when it begins, and once a day', async () => {
  const { engine, world } = await deployment()
  let [looks, times] = [0, 0]
  const counted: Engine = {
    ...engine,
    async retain(ask) {
      const retained = await engine.retain(ask)
      times += 1
      return retained
    },
  }
  const clock = () => {
    looks += 1
    return world.at
  }
  const daemon = startDaemon(counted, { clock, everyMs: 1 })
  onTestFinished(() => daemon.stop())
  await until(() => times === 1)

  world.at += day - 1
  const before = looks
  await until(() => looks > before + 10)
  expect(times).toBe(1)
  world.at += 1
  await until(() => times === 2)
})
