import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import {
  daily,
  defineAsset,
  dynamic,
  everyPartition,
  externalAsset,
  hourly,
  keyed,
  listPartitions,
  sqliteStore,
  warning,
} from '#pipeline'
import { AssetPulse } from '../../../server/contract/assets.ts'
import { pulses } from '../../../server/query/pulse.ts'
import { engineOf, gate, make, newPlace } from '../../pipeline/run/open-engine.ts'

const noon = Date.parse('2024-01-04T12:00:00Z')
const hourMs = 3_600_000
const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })

/** A clock that stands still until it is set. */
const clockAt = (now: number) => {
  const clock = { now, read: () => clock.now }
  return clock
}

/** What the list of partitions says, which reads every row. */
async function listed(engine: Engine, asset: string) {
  const { counts } = await listPartitions(engine, { asset, filter: everyPartition, limit: 1, now: engine.clock() })
  const { fresh, stale, ...others } = counts
  return { ...others, published: fresh + stale, stale }
}

async function counted(engine: Engine, asset: string) {
  const { partitions } = await pulses(engine).of(asset)
  const { total: _, ...counts } = partitions
  return counts
}

test('an asset is told by its worst: failing, late, running, incomplete, unmade, healthy', async () => {
  const [started, held] = [gate(), gate()]
  const clock = clockAt(noon)
  let isBad = true
  const of = (name: string, more: object = {}, run: (key: string) => unknown = () => undefined) =>
    defineAsset({
      ...{ name, partitions: { date }, output, retry: { attempts: 1 } },
      async run({ key }) {
        await run(key)
        return [{ n: 1 }]
      },
      ...more,
    })
  const assets = [
    of('whole'),
    of('part'),
    of('none'),
    of('old', { freshness: { maxAge: '1h' } }),
    of('held', {}, async (key) => {
      if (key !== 'date=2024-01-02') return
      started.open()
      await held.passed
    }),
    of('bad', {}, (key) => {
      if (isBad && key === 'date=2024-01-02') throw new Error('no')
    }),
    externalAsset({ name: 'theirs', partitions: { date }, output }),
  ]
  const engine = await engineOf(assets as never, newPlace(), { clock: clock.read })
  const health = async () =>
    Object.fromEntries([...(await pulses(engine).all())].map(([name, pulse]) => [name, AssetPulse.parse(pulse).health]))
  expect(await health()).toMatchObject({ whole: 'unmade', old: 'unmade', theirs: 'external' })

  await make(engine, { assets: ['whole', 'old', 'bad'], now: noon })
  await make(engine, { assets: ['part'], filter: { keys: {}, spans: [{ start: 0, end: noon - 2 * 86_400_000 }] } })
  const holding = make(engine, { assets: ['held'], now: noon })
  await started.passed
  clock.now += 2 * hourMs

  // Its lease is of the time before, until the process says again that it lives.
  await expect.poll(async () => await counted(engine, 'held')).toMatchObject({ published: 2, running: 1 })
  expect(await health()).toEqual({
    ...{ whole: 'healthy', part: 'incomplete', none: 'unmade', old: 'late', held: 'running', bad: 'failing' },
    theirs: 'external',
  })
  expect(await pulses(engine).of('bad')).toMatchObject({
    partitions: { total: 3, published: 2, missing: 0, failed: 1, rejected: 0, running: 0, stale: 0 },
    rows: 2,
    freshness: null,
  })
  held.open()
  await holding
  isBad = false
  await make(engine, { assets: ['bad', 'old'], mode: 'all', now: noon })
  expect(await health()).toMatchObject({ held: 'healthy', bad: 'healthy', old: 'healthy' })
  await expect(pulses(engine).of('prices')).rejects.toMatchObject({ code: 'asset.unknown' })
})

test('what is stale is known as soon as what it reads is another', async () => {
  let n = 1
  const prices = defineAsset({ name: 'prices', partitions: { date }, output, run: () => [{ n }] })
  const sums = defineAsset({ name: 'sums', partitions: { date }, deps: { prices }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([prices, sums], newPlace(), { clock: () => noon })
  await make(engine)
  expect(await counted(engine, 'sums')).toMatchObject({ published: 3, stale: 0 })

  n = 2
  await make(engine, {
    assets: ['prices'],
    mode: 'all',
    filter: { keys: {}, spans: [{ start: 0, end: noon - 2 * 86_400_000 }] },
  })

  expect(await counted(engine, 'sums')).toMatchObject({ published: 3, stale: 2 })
  expect(await pulses(engine).of('sums')).toMatchObject({ health: 'incomplete' })
  const { event } = await pulses(engine).since(0)
  await make(engine, { assets: ['sums'] })
  const { changed } = await pulses(engine).since(event)
  expect(changed.map(({ asset, health }) => [asset, health])).toEqual([['sums', 'healthy']])
})

test('nobody counts what is stale of very many', async () => {
  const many = defineAsset({
    ...{ name: 'many', partitions: { hour: hourly({ since: '2020-01-01' }) }, output },
    run: () => [{ n: 1 }],
  })
  const engine = await engineOf([many], newPlace(), { clock: () => noon })

  expect(await counted(engine, 'many')).toMatchObject({ published: 0, missing: 35_148, stale: null })
})

test('checks that failed on what is published are counted, and gone with the next version', async () => {
  let n = -1
  const prices = defineAsset({
    ...{ name: 'prices', partitions: { date }, output, run: () => [{ n }] },
    checks: {
      positive: async (rows) =>
        warning({ passed: (await rows.toArray()).every((row) => row.n > 0), why: 'below' } as const),
      there: async (rows) => ({ passed: (await rows.toArray()).length > 0, why: 'none' }),
    },
  })
  const engine = await engineOf([prices], newPlace(), { clock: () => noon })
  await make(engine)
  expect(await pulses(engine).of('prices')).toMatchObject({ failedChecks: 3, health: 'healthy' })
  expect(await pulses(engine).checks()).toMatchObject({ passed: 3, failed: 3 })
  expect((await pulses(engine).checks()).newestFailed).toHaveLength(3)

  n = 1
  await make(engine, { mode: 'all' })

  expect(await pulses(engine).checks()).toEqual({ passed: 6, failed: 0, newestFailed: [] })
})

test('an asset that is made anew without a change is as fresh as if it had changed, also for who comes later', async () => {
  const clock = clockAt(noon)
  const place = newPlace()
  const prices = defineAsset({ name: 'prices', freshness: { maxAge: '1h' }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([prices], place, { clock: clock.read })
  await make(engine)
  clock.now += 2 * hourMs
  expect(await pulses(engine).of('prices')).toMatchObject({ health: 'late', freshness: 'late' })

  await make(engine, { mode: 'all' })

  expect(await pulses(engine).of('prices')).toMatchObject({ freshness: 'fresh', lastPublishedAt: noon })
  const other = await engineOf([prices], place, { clock: clock.read })
  expect(await pulses(other).of('prices')).toMatchObject({ freshness: 'fresh', lastPublishedAt: noon })
})

test('events that were dropped before they were read are made up for', async () => {
  const place = newPlace()
  let isBad = false
  const prices = defineAsset({
    ...{ name: 'prices', partitions: { date }, output, retry: { attempts: 1 } },
    run() {
      if (isBad) throw new Error('no')
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([prices], place, { clock: () => noon })
  await make(engine)
  expect(await counted(engine, 'prices')).toMatchObject({ published: 3 })
  isBad = true
  await make(engine, { mode: 'all' })

  await engine.store.purgeEvents(noon + 1)

  expect(await counted(engine, 'prices')).toMatchObject({ published: 0, failed: 3 })
})

test('whatever happens here and elsewhere, the pulse says what the list of partitions says', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('make' as const), from: fc.nat(3), mode: fc.constantFrom('needed', 'all') }),
    fc.record({ do: fc.constant('key' as const), key: fc.constantFrom('A', 'B', 'C'), isThere: fc.boolean() }),
    fc.record({ do: fc.constant('wipe' as const), from: fc.nat(3) }),
    fc.record({ do: fc.constant('break' as const), isBad: fc.boolean() }),
    fc.record({ do: fc.constant('later' as const), hours: fc.constantFrom(0, 24) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const clock = clockAt(noon)
      const place = newPlace()
      let [isBad, n] = [false, 0]
      const partitions = { market: dynamic('markets'), date }
      const prices = defineAsset({
        ...{ name: 'prices', partitions, output, retry: { attempts: 1 } },
        run({ key }) {
          if (isBad && key.endsWith('2')) throw new Error('no')
          return [{ n: ++n }]
        },
        checks: {
          odd: async (rows) => ({ passed: (await rows.toArray()).every((row) => row.n % 5 > 0), why: 'five' }),
        },
      })
      const sums = defineAsset({
        ...{ name: 'sums', partitions: { side: keyed(['buy', 'sell']), ...partitions }, deps: { prices }, output },
        run: () => [{ n: 1 }],
      })
      const engine = await engineOf([prices, sums], place, { clock: clock.read })
      const other = await engineOf([prices, sums], place, { clock: clock.read })
      await other.addKeys('markets', ['A', 'B'])
      for (const one of steps) {
        const start = noon - ((one as { from?: number }).from ?? 0) * 86_400_000
        const filter = { keys: {}, spans: [{ start, end: clock.now + 86_400_000 }] }
        if (one.do === 'break') isBad = one.isBad
        else if (one.do === 'later') clock.now += one.hours * hourMs
        else if (one.do === 'key') await (one.isThere ? other.addKeys : other.removeKeys)('markets', [one.key])
        else if (one.do === 'wipe') await other.wipe({ asset: 'prices', filter }).catch(() => undefined)
        else await make(other, { mode: one.mode as 'all', filter, now: clock.now }).catch(() => undefined)
        for (const name of ['prices', 'sums']) {
          expect([one.do, name, await counted(engine, name)]).toEqual([one.do, name, await listed(engine, name)])
        }
      }
      const store = sqliteStore(place.file)
      const summaries = new Map((await store.summaries()).map(({ asset, ...sums }) => [asset, sums]))
      await store.close()
      for (const [name, { rows, bytes, lastPublishedAt }] of await pulses(engine).all()) {
        const { rows: known = 0, bytes: size = 0, lastPublishedAt: at = null } = summaries.get(name) ?? {}
        expect({ rows, bytes, lastPublishedAt }).toEqual({ rows: known, bytes: size, lastPublishedAt: at })
      }
    }),
    { numRuns: 12 },
  )
})
