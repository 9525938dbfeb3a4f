import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, keyed } from '#pipeline'
import type { Made } from '../../../pipeline/define/asset.ts'
import { engineOf, make } from './open-engine.ts'

const date = daily({ since: '2023-12-30' })
const market = keyed(['A', 'B'])
const output = z.strictObject({ n: z.int() })
const partitions = { date, market }
type Partition = { readonly date: ReturnType<typeof date.at>; readonly market: 'A' | 'B' }

/** A range asset that writes down its calls, and yields what `answer` says. */
function ranged(answer: (asked: readonly Partition[], call: number) => Iterable<Made<Partition, { n: number }>>) {
  const calls: string[] = []
  const asset = defineAsset({
    name: 'ranged',
    partitions,
    range: 'date',
    rangeMax: 3,
    retry: { attempts: 2, backoff: '1ms', most: '1ms' },
    output,
    async *run({ partitions: asked }) {
      calls.push(`${asked[0]!.market} ${asked.map((one) => date.encode(one.date).slice(8)).join(' ')}`)
      yield* answer(asked, calls.length)
    },
  })
  return { asset, calls }
}

const rows = [{ n: 1 }]
const all = (asked: readonly Partition[]) => asked.map((partition) => ({ partition, rows, metadata: { made: true } }))

test('neighbours along the dimension are made by one call, up to its maximum', async () => {
  const { asset, calls } = ranged(all)
  const engine = await engineOf([asset])

  const made = await make(engine)

  expect(calls.toSorted()).toEqual(['A 02 03', 'A 30 31 01', 'B 02 03', 'B 30 31 01'])
  expect(made).toMatchObject({ status: 'succeeded', ends: { published: 10 } })
  expect((await engine.store.current('ranged'))[0]!.metadata).toEqual({ made: true })
})

test('a hole cuts a range in two', async () => {
  const { asset, calls } = ranged(all)
  const engine = await engineOf([asset])
  const span = (day: string) => ({ start: Date.parse(day), end: Date.parse(day) + 1 })
  await make(engine, { filter: { keys: { market: ['A'] }, spans: [span('2023-12-31')] } })
  calls.length = 0

  await make(engine, { filter: { keys: { market: ['A'] } } })

  expect(calls.toSorted()).toEqual(['A 01 02 03', 'A 30'])
})

test('what was yielded before a failure stays, and only the rest is asked for again', async () => {
  const { asset, calls } = ranged(function* (asked, call) {
    yield { partition: asked[0]!, rows }
    if (call === 1) throw new Error('away')
    yield* all(asked.slice(1))
  })
  const engine = await engineOf([asset])

  const made = await make(engine, {
    filter: { keys: { market: ['A'] }, spans: [{ start: 0, end: Date.parse('2024-01-02') }] },
  })

  expect(calls).toEqual(['A 30 31 01', 'A 31 01'])
  expect(made).toMatchObject({ status: 'succeeded', ends: { published: 3 } })
})

test('a partition that was not yielded fails by name, and the others are published', async () => {
  const { asset } = ranged((asked) => all(asked.slice(0, -1)))

  const made = await make(await engineOf([asset]), {
    filter: { keys: { market: ['A'] }, spans: [{ start: 0, end: Date.parse('2024-01-02') }] },
  })

  expect(made.ends).toEqual({ published: 2, failed: 1 })
  expect(made.failures.ranged).toContain('returned without yielding "date=2024-01-01/market=A"')
})

test('a partition that was not asked for is refused', async () => {
  const { asset } = ranged((asked) => all([{ ...asked[0]!, date: date.decode('2024-06-01') }]))

  const made = await make(await engineOf([asset]), { filter: { keys: { market: ['B'] } } })

  expect(made.ends).toEqual({ failed: 5 })
  expect(made.failures.ranged).toContain(
    'yielded partition "date=2024-06-01/market=B", which this step was not asked for',
  )
})

test('what several partitions of one call read is read once', async () => {
  const rates = defineAsset({ name: 'rates', output, run: () => rows })
  const seen: number[] = []
  const ranged = defineAsset({
    name: 'ranged',
    partitions: { date },
    range: 'date',
    deps: { rates },
    output,
    async *run({ partitions: asked, inputs }) {
      seen.push((await inputs.rates.toArray()).length)
      for (const partition of asked) yield { partition, rows }
    },
  })

  await make(await engineOf([rates, ranged]))

  expect(seen).toEqual([1])
})
