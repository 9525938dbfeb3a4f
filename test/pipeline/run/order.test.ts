import { expect, test } from 'vitest'
import { z } from 'zod'
import { allOf, daily, defineAsset, keyed, mapped, only, optional, stepsOf } from '#pipeline'
import { engineOf, gate, make, newPlace, now, rowsOf } from './open-engine.ts'

const date = daily({ since: '2024-01-01' })
const market = keyed(['A', 'B'])
const output = z.strictObject({ n: z.int() })
const once = { attempts: 1, backoff: '1ms', most: '1ms' } as const

test('a step starts when what it reads is done, not when its whole layer is', async () => {
  const slow = gate()
  const order: string[] = []
  const bronze = defineAsset({
    name: 'bronze',
    partitions: { market },
    output,
    async run({ partition }) {
      if (partition.market === 'B') await slow.passed
      order.push(`bronze ${partition.market}`)
      return [{ n: 1 }]
    },
  })
  const silver = defineAsset({
    name: 'silver',
    partitions: { market },
    deps: { bronze },
    output,
    run({ partition }) {
      order.push(`silver ${partition.market}`)
      slow.open()
      return [{ n: 2 }]
    },
  })

  const made = await make(await engineOf([bronze, silver]))

  expect(made).toMatchObject({ status: 'succeeded', ends: { published: 4 } })
  expect(order).toEqual(['bronze A', 'silver A', 'bronze B', 'silver B'])
})

test('rows travel from asset to asset, of all markets where all are read', async () => {
  const bronze = defineAsset({
    name: 'bronze',
    partitions: { market },
    output,
    run: ({ partition }) => [{ n: partition.market === 'A' ? 1 : 2 }],
  })
  const gold = defineAsset({
    name: 'gold',
    deps: { all: allOf(bronze, 'market') },
    output,
    run: async ({ inputs }) => [{ n: (await inputs.all.toArray()).reduce((sum, { n }) => sum + n, 0) }],
  })
  const engine = await engineOf([bronze, gold])

  await make(engine)

  expect(await rowsOf(engine, gold)).toEqual([{ n: 3 }])
})

const failing = defineAsset({
  name: 'bronze',
  partitions: { market },
  output,
  retry: once,
  run({ partition }) {
    if (partition.market === 'B') throw new Error('the exchange is away')
    return [{ n: 1 }]
  },
})

test('a failure stops only what depends on it', async () => {
  const silver = defineAsset({ name: 'silver', partitions: { market }, deps: { failing }, output, run: () => [] })
  const gold = defineAsset({ name: 'gold', partitions: { market }, deps: { silver }, output, run: () => [] })

  const made = await make(await engineOf([failing, silver, gold]))

  expect(made).toMatchObject({ status: 'failed', ends: { published: 3, failed: 1, blocked: 2 } })
  expect(made.failures).toEqual({ bronze: 'the exchange is away' })
})

test('an optional input that failed does not stop its reader, which says what was absent', async () => {
  const gold = defineAsset({
    name: 'gold',
    deps: { all: optional(allOf(failing, 'market')) },
    output,
    run: ({ inputs }) => inputs.all,
  })
  const engine = await engineOf([failing, gold])

  const made = await make(engine)

  expect(made).toMatchObject({ status: 'failed', ends: { published: 2, failed: 1 } })
  expect(await rowsOf(engine, gold)).toEqual([{ n: 1 }])
  const [current] = await engine.store.current('gold')
  expect(current!.metadata).toEqual({ absent_inputs: { all: { count: 1, partitions: '"market=B"' } } })
})

test('an input that neither exists nor is planned fails its step and says what to select', async () => {
  const bronze = defineAsset({ name: 'bronze', output, run: () => [] })
  const silver = defineAsset({ name: 'silver', deps: { bronze }, output, run: () => [] })

  const made = await make(await engineOf([bronze, silver]), { assets: ['silver'] })

  expect(made.failures.silver).toContain('is not materialized; select "+silver" to make it too')
})

test('what is fresh is not made again, and what failed is', async () => {
  let isAway = true
  const bronze = defineAsset({
    name: 'bronze',
    partitions: { date },
    output,
    retry: once,
    run({ key }) {
      if (isAway && key === 'date=2024-01-02') throw new Error('away')
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([bronze])
  expect(await make(engine)).toMatchObject({ ends: { published: 2, failed: 1 } })
  isAway = false

  const second = await make(engine)

  expect(second).toMatchObject({ status: 'succeeded', ends: { published: 1 } })
  expect(second.plan.fresh).toEqual({ bronze: 2 })
  expect([...stepsOf(second.plan)].map(({ key, why }) => [key, why])).toEqual([['date=2024-01-02', 'failed before']])
})

test('an unchanged input leaves what reads it fresh', async () => {
  let price = 1
  const runs = { silver: 0 }
  const bronze = defineAsset({ name: 'bronze', output, run: () => [{ n: price }] })
  const silver = defineAsset({
    name: 'silver',
    deps: { bronze },
    output,
    run({ inputs }) {
      runs.silver += 1
      return inputs.bronze
    },
  })
  const engine = await engineOf([bronze, silver])
  await make(engine)

  const same = await make(engine, { mode: 'sources' })
  expect(same).toMatchObject({ status: 'succeeded', ends: { unchanged: 1, skipped: 1 } })
  expect(runs.silver).toBe(1)

  price = 2
  expect(await make(engine, { mode: 'sources' })).toMatchObject({ ends: { published: 2 } })
  expect(await rowsOf(engine, silver)).toEqual([{ n: 2 }])
})

test('another code version makes again what it made, and an unchanged result keeps its file', async () => {
  const of = (codeVersion: string) => defineAsset({ name: 'bronze', output, codeVersion, run: () => [{ n: 1 }] })
  const place = newPlace()
  const first = await engineOf([of('1')], place)
  await make(first)
  const second = await engineOf([of('2')], place)

  const made = await make(second)

  expect([...stepsOf(made.plan)][0]!.why).toBe('stale: code version changed from "1" to "2"')
  expect(made.ends).toEqual({ unchanged: 1 })
  expect([...stepsOf((await make(second)).plan)]).toEqual([])
})

test('a pool bounds its steps over all assets', async () => {
  let [atOnce, most] = [0, 0]
  const pooled = (name: string) =>
    defineAsset({
      name,
      partitions: { date, market },
      pool: 'binance',
      output,
      async run() {
        atOnce += 1
        most = Math.max(most, atOnce)
        await new Promise((resolve) => setImmediate(resolve))
        atOnce -= 1
        return []
      },
    })

  await make(await engineOf([pooled('one'), pooled('two')], undefined, { pools: { binance: 2 } }))

  expect(most).toBe(2)
})

test('the instant of the run decides which partitions exist', async () => {
  const seen: Date[] = []
  const bronze = defineAsset({
    name: 'bronze',
    partitions: { date },
    output,
    run(step) {
      seen.push(step.now)
      return []
    },
  })

  const made = await make(await engineOf([bronze]), { now: now - 86_400_000 })

  expect([...stepsOf(made.plan)].map(({ key }) => key)).toEqual(['date=2024-01-01', 'date=2024-01-02'])
  expect(seen.map((at) => at.getTime())).toEqual([now - 86_400_000, now - 86_400_000])
})

test('a key that a mapping names twice is read once', async () => {
  const market = keyed(['a', 'b'] as string[])
  const pair = keyed(['x'] as string[])
  const rows = [{ n: 1 }]
  const source = defineAsset({
    name: 'source',
    partitions: { market },
    output: z.strictObject({ n: z.int() }),
    run: () => rows,
  })
  const chosen = defineAsset({
    name: 'chosen',
    deps: { source: only(source, 'market', ['a', 'a']) },
    output: z.strictObject({ n: z.int() }),
    run: ({ inputs }) => inputs.source,
  })
  const paired = defineAsset({
    name: 'paired',
    partitions: { pair },
    deps: { source: mapped(source, 'market', 'pair', { a: ['x', 'x'] }) },
    output: z.strictObject({ n: z.int() }),
    run: ({ inputs }) => inputs.source,
  })
  const engine = await engineOf([source, chosen, paired])

  expect((await make(engine)).status).toBe('succeeded')

  expect(await rowsOf(engine, chosen)).toEqual(rows)
  expect(await rowsOf(engine, paired, 'pair=x')).toEqual(rows)
})
