import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Check } from '#pipeline'
import {
  daily,
  defineAsset,
  holds,
  notBlocking,
  recent,
  related,
  rowCountChange,
  stepsOf,
  unique,
  warning,
} from '#pipeline'
import { engineOf, make, newPlace, rowsOf } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
type Row = z.output<typeof output>

const candles = (rows: () => readonly Row[], checks: Readonly<Record<string, Check<Row>>>) =>
  defineAsset({ name: 'candles', output, run: rows, checks, retry: { attempts: 3, backoff: '1ms', most: '1ms' } })

const positive: Check<Row> = (table) => holds(table, ({ n }) => n > 0)

test('a check that fails keeps the version before, and sets the refused file aside', async () => {
  let rows = [{ n: 1 }]
  const asset = candles(() => rows, { positive })
  const engine = await engineOf([asset])
  await make(engine)
  rows = [{ n: -1 }]

  const made = await make(engine, { mode: 'all' })

  expect(made).toMatchObject({ status: 'failed', ends: { rejected: 1 } })
  expect(made.failures.candles).toBe('check "positive": broken by {"n":-1}')
  expect(await rowsOf(engine, asset)).toEqual([{ n: 1 }])
  const [refused] = await engine.store.history('candles', '' as never)
  expect(refused).toMatchObject({ status: 'rejected', path: expect.stringContaining('.rejected') })
})

test('what was rejected is made again by the next run', async () => {
  let rows = [{ n: -1 }]
  const engine = await engineOf([candles(() => rows, { positive })])
  await make(engine)
  rows = [{ n: 1 }]

  const made = await make(engine)

  expect([...stepsOf(made.plan)][0]!.why).toBe('rejected before')
  expect(made.ends).toEqual({ published: 1 })
})

test('a warning is written down and stops nothing', async () => {
  const rows = [{ n: 1 }, { n: 1 }]
  const engine = await engineOf([candles(() => rows, { 'one row a number': (table) => warning(unique(table, 'n')) })])

  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 1 } })

  const [current] = await engine.store.current('candles')
  expect(current!.checks).toEqual([
    {
      ...{ name: 'one row a number', passed: false, blocking: false, severity: 'warning' },
      why: '1 row breaks uniqueness of n',
      metadata: { failures: 1, sample: { '@type': 'table', columns: ['n', 'rows'], rows: [[1, 2]], omitted: 0 } },
    },
  ])
})

test('a check that throws fails the step and leaves no file behind', async () => {
  const place = newPlace()
  const broken: Check<Row> = () => {
    throw new TypeError('the check itself is wrong')
  }
  const engine = await engineOf([candles(() => [{ n: 1 }], { broken })], place)

  const made = await make(engine)

  expect(made.failures.candles).toBe(
    'check "broken" of asset "candles" could not be answered; mend the check; because the check itself is wrong',
  )
  expect(await Array.fromAsync(place.io.scan())).toEqual([])
})

test('an error that is only told is published, and stays an error', async () => {
  const engine = await engineOf([
    candles(() => [{ n: -1 }], { positive: async (rows) => notBlocking(await holds(rows, ({ n }) => n > 0)) }),
  ])

  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 1 } })
  const [current] = await engine.store.current('candles')
  expect(current!.checks).toMatchObject([{ passed: false, blocking: false, severity: 'error' }])
})

test('what a check throws decides whether the step is tried again', async () => {
  class Away extends Error {}
  let calls = 0
  const asset = defineAsset({
    name: 'candles',
    output,
    run: () => [{ n: 1 }],
    checks: {
      'agrees with the exchange': () => {
        calls += 1
        if (calls === 1) throw new Away('the exchange is away')
        return { passed: true }
      },
    },
    retry: { attempts: 2, backoff: '1ms', on: [Away] },
  })
  const engine = await engineOf([asset])

  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 1 } })
  expect(calls).toBe(2)
})

const date = daily({ since: '2024-01-01' })

test('a check of the whole asset sees every published partition, and the staged one in place of its own', async () => {
  let shift = 0
  const days = defineAsset({
    name: 'days',
    partitions: { date },
    output,
    retry: { attempts: 1 },
    run: ({ partition }) => [{ n: partition.date.start.getUTCDate() + shift }],
    checks: { 'one row a number': async (_, { whole }) => unique(await whole(), 'n') },
  })
  const engine = await engineOf([days])
  expect((await make(engine)).ends).toEqual({ published: 3 })
  // The same rows again are no duplicate of themselves; those of the next day are.
  expect((await make(engine, { mode: 'all' })).ends).toEqual({ unchanged: 3 })
  shift = 1

  const made = await make(engine, {
    mode: 'all',
    filter: { keys: {}, spans: [{ start: Date.parse('2024-01-01'), end: Date.parse('2024-01-02') }] },
  })

  expect(made.failures.days).toBe('check "one row a number": 1 row breaks uniqueness of n')
})

test('a check sees what was read, what was published before, and when the partition ends', async () => {
  let rows = [{ n: 1 }, { n: 2 }]
  const known = defineAsset({ name: 'known', partitions: { date }, output, run: () => [{ n: 1 }, { n: 2 }] })
  const days = defineAsset({
    name: 'days',
    partitions: { date },
    deps: { known },
    output,
    retry: { attempts: 1 },
    run: () => rows,
    checks: {
      known: (table, { inputs }) => related(table, 'n', inputs.known, 'n'),
      'about as many': (table, { published }) => warning(rowCountChange(table, published, { atMost: 0.2 })),
      recent: (table, { end }) => warning(recent(table, 'n', { within: '1d', before: end })),
    },
  })
  const engine = await engineOf([known, days])
  const filter = { keys: {}, spans: [{ start: Date.parse('2024-01-01'), end: Date.parse('2024-01-02') }] }
  expect((await make(engine, { filter })).ends).toEqual({ published: 2 })
  rows = [{ n: 1 }]
  await make(engine, { mode: 'all', filter })

  const [current] = await engine.store.current('days')
  expect(current!.checks.map(({ name, why }) => [name, why])).toEqual([
    ['known', null],
    ['about as many', 'expected a change of at most 20 %, got 50 %: 1 rows after 2'],
    ['recent', 'expected a newest "n" of 2024-01-01T00:00:00Z or later, got 1970-01-01T00:00:00.001Z'],
  ])
  rows = [{ n: 3 }]
  expect((await make(engine, { mode: 'all', filter })).failures.days).toBe(
    'check "known": 1 row has a value of "n" that "n" does not have',
  )
})
