import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import {
  allOf,
  defineAsset,
  defineJob,
  definitions,
  externalAsset,
  keyed,
  listPartitions,
  memoryIo,
  provide,
  stepsOf,
} from '#pipeline'
import { openLake } from '../../resources/lake/open-lake.ts'
import { asking, engineOf, make, newPlace, now, rowsOf } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
const rates = externalAsset({ name: 'rates', output, kinds: ['api'] })
const doubled = defineAsset({
  name: 'doubled',
  deps: { rates },
  output,
  run: async ({ inputs }) => (await inputs.rates.toArray()).map(({ n }) => ({ n: n * 2 })),
})
const shown = defineAsset({ name: 'shown', deps: { doubled }, output, run: ({ inputs }) => inputs.doubled })
const ours = ['doubled', 'shown']
const assets = [rates, doubled, shown]

const stale = async (engine: Engine) =>
  [...stepsOf(await engine.plan(asking(engine, { assets: ours })))].map(({ asset, why }) => `${asset}: ${why}`)

test('what was never seen of an external asset is no obstacle: its readers find no rows, and say that it was absent', async () => {
  const engine = await engineOf(assets)

  const run = await make(engine, { assets: ours })

  expect(run.ends).toEqual({ published: 2 })
  expect(await rowsOf(engine, doubled)).toEqual([])
  const [made] = await engine.store.current('doubled')
  expect(made?.metadata).toEqual({ absent_inputs: { rates: { count: 1, partitions: '""' } } })
  expect(await stale(engine)).toEqual([])
})

test('a new version of an external asset makes its readers stale, the same again does not', async () => {
  const engine = await engineOf(assets)
  await make(engine, { assets: ours })

  expect(await engine.observe('rates', { version: 'v1', metadata: { etag: 'x' } })).toBe(true)
  expect(await stale(engine)).toEqual([
    'doubled: stale: input "rates" changed',
    'shown: reads "doubled", which is made first',
  ])
  expect((await make(engine, { assets: ours })).ends).toEqual({ unchanged: 1, skipped: 1 })

  expect(await engine.observe('rates', { version: 'v1' })).toBe(false)
  expect(await stale(engine)).toEqual([])
  const look = { asset: 'rates', filter: { keys: {} }, limit: 9, now }
  expect((await listPartitions(engine, look)).listed.map(({ status }) => status)).toEqual(['fresh'])
})

test('an observation that names a file gives its rows to the readers', async () => {
  const place = newPlace()
  const engine = await engineOf(assets, place)
  const identity = { asset: 'rates', key: '' as never, materialization: 'm', codeVersion: '', inputs: {} }
  const signal = new AbortController().signal
  const { version, ...file } = await place.io.stage({ asset: rates, identity, rows: [{ n: 4 }], signal })

  await engine.observe('rates', { version, file })
  await make(engine, { assets: ours })

  expect(await rowsOf(engine, shown)).toEqual([{ n: 8 }])
  await engine.observe('rates', { version: 'without a file' })
  await make(engine, { assets: ours })
  expect(await rowsOf(engine, shown)).toEqual([])
})

test('only the readers of the partition that was seen to change are stale', async () => {
  const market = keyed(['A', 'B'])
  const listings = externalAsset({ name: 'listings', partitions: { market } })
  const one = defineAsset({ name: 'one', partitions: { market }, deps: { listings }, output, run: () => [{ n: 1 }] })
  const all = defineAsset({ name: 'all', deps: { l: allOf(listings, 'market') }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([listings, one, all] as never)
  await make(engine, { assets: ['one', 'all'] })

  await engine.observe('listings', { version: '2', key: 'market=B' as never })

  const plan = await engine.plan(asking(engine, { assets: ['one', 'all'] }))
  expect([...stepsOf(plan)].map(({ asset, key }) => `${asset} ${key}`)).toEqual(['one market=B', 'all '])
})

test('no run makes an external asset, and nothing is observed of what is made here', async () => {
  const engine = await engineOf(assets)

  await expect(engine.start(asking(engine))).rejects.toThrow('asset "rates" is made by others')
  await expect(engine.observe('shown', { version: '1' })).rejects.toThrow('asset "shown" is made here')
  await expect(engine.observe('rates', { version: '' })).rejects.toThrow('expected text of 1 to 200 characters')
  await expect(engine.observe('rates', { version: '1', key: 'market=A' as never })).rejects.toThrow(
    'partition "market=A" does not fit: expected a partition of "rates" that exists by now',
  )
  const jobs = [defineJob({ name: 'j', assets: [rates, doubled] })]
  expect(() => definitions({ assets: [rates, doubled], jobs, resources: {}, io: provide(memoryIo) })).toThrow(
    'asset "rates" is made by others',
  )
})

test('a check that reads an external asset without a file finds no rows of it', async () => {
  const checked = defineAsset({
    name: 'checked',
    deps: { rates },
    output,
    checks: {
      async known(_, { inputs }) {
        const found = await inputs.rates!.toArray()
        return found.length === 0 ? { passed: true } : { passed: false, why: `found ${JSON.stringify(found)}` }
      },
    },
    run: () => [{ n: 1 }],
  })
  const engine = await engineOf([rates, checked], { ...newPlace(), io: openLake() })
  await engine.observe('rates', { version: 'v1' })

  expect(await make(engine, { assets: ['checked'] })).toMatchObject({ failures: {}, status: 'succeeded' })
})
