import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, defineJob, defineSchedule, warning } from '#pipeline'
import { throughput } from '../../../server/query/throughput.ts'
import { at, decide, engineOn } from '../../pipeline/daemon/open-deployment.ts'
import { engineOf, make, newPlace } from '../../pipeline/run/open-engine.ts'
import { ask } from '../asking-of.ts'
import { servedOf } from '../served.ts'

const noon = Date.parse('2024-01-04T12:00:00Z')
const minuteMs = 60_000
const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })

/** Days of prices, of which the second fails, and all of which are below zero. */
const prices = defineAsset({
  ...{ name: 'prices', partitions: { date }, output, retry: { attempts: 1 }, freshness: { maxAge: '1h' } },
  run({ key }) {
    if (key === 'date=2024-01-02') throw new Error('no such day')
    return [{ n: -1 }]
  },
  checks: {
    positive: async (rows) => warning({ passed: (await rows.toArray()).every(({ n }) => n > 0), why: 'below zero' }),
  },
})

test('nothing has happened yet', async () => {
  const engine = await engineOf([prices], newPlace(), { clock: () => noon })

  expect(await ask(servedOf(engine), 'overview')).toMatchObject({
    now: noon,
    assets: { unmade: 1, failing: 0 },
    partitions: { total: 3, missing: 3, published: 0 },
    ...{ rows: 0, bytes: 0, troubled: [], running: [], newest: [], nextTicks: [], failedTicks: [], workers: 1 },
    checks: { passed: 0, failed: 0, newestFailed: [] },
    lastDay: { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 },
  })
})

test('what fails and is late is told with why, and what ran with how it ended', async () => {
  let now = noon
  const fine = defineAsset({ name: 'fine', output, freshness: { maxAge: '1h' }, run: () => [{ n: 1 }] })
  const engine = await engineOf([prices, fine], newPlace(), { clock: () => now })
  const { id } = await make(engine)
  now += 3 * 3_600_000

  const told = await ask(servedOf(engine), 'overview')

  expect(told).toMatchObject({
    assets: { failing: 1, late: 1 },
    partitions: { total: 4, published: 3, failed: 1, missing: 0 },
    rows: 3,
    newest: [{ run: id, status: 'failed', counts: { published: 3, failed: 1 } }],
    lastDay: { failed: 1 },
    checks: { passed: 0, failed: 2 },
  })
  expect(told.troubled.map(({ asset, why }) => [asset, why])).toEqual([
    ['prices', '1 partition failed; last made 3 h ago, expected within 1h'],
    ['fine', 'last made 3 h ago, expected within 1h'],
  ])
  const day = (name: string) => ({
    asset: 'prices',
    key: `date=${name}`,
    name: 'positive',
    why: 'below zero',
    at: noon,
  })
  expect(told.checks.newestFailed.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    day('2024-01-01'),
    day('2024-01-03'),
  ])
})

test('ticks to come are told, and those that failed today', async () => {
  const clock = { now: at('2024-01-05T01:00:00Z') }
  const job = defineJob({ name: 'ingest', assets: [] })
  const broken = defineSchedule({
    ...{ name: 'broken', job, cron: '0 * * * *' },
    evaluate() {
      throw new Error('no market')
    },
  })
  const nightly = defineSchedule({ name: 'nightly', job, cron: '30 1 * * *' })
  const off = defineSchedule({ name: 'off', job, cron: '30 1 * * *', defaultStatus: 'stopped' })
  const engine = await engineOn(newPlace().file, clock, { schedules: [broken, nightly, off] })
  await engine.store.seeAutomations(['broken'], clock.now - 1)
  await decide(engine, broken, clock.now)

  expect(await ask(servedOf(engine), 'overview')).toMatchObject({
    nextTicks: [
      { name: 'nightly', at: at('2024-01-05T01:30:00Z'), when: 'daily at 01:30 UTC' },
      { name: 'broken', at: at('2024-01-05T02:00:00Z') },
    ],
    failedTicks: [{ name: 'broken', at: clock.now, note: 'Error: no market' }],
  })
  clock.now += 2 * 86_400_000
  expect(await ask(servedOf(engine), 'overview')).toMatchObject({ failedTicks: [] })
})

test('what was made and what failed is counted in equal stretches of time, each event once', async () => {
  let now = noon
  const engine = await engineOf([prices], newPlace(), { clock: () => now })
  const served = servedOf(engine)
  const told = async (hours: number) => {
    const { bucketMs, buckets } = await ask(served, 'throughput', { hours })
    const filled = buckets.filter(({ made, failed }) => made + failed > 0)
    return { bucketMs, count: buckets.length, filled: filled.map((one) => ({ ...one, at: one.at - noon })) }
  }
  await make(engine)
  expect(await told(1)).toEqual({
    ...{ bucketMs: minuteMs, count: 61, filled: [{ at: 0, made: 2, failed: 1, rows: 2 }] },
  })

  now += 2 * minuteMs
  await make(engine, { mode: 'all' })
  expect(await told(1)).toMatchObject({
    filled: [
      { at: 0, made: 2, failed: 1, rows: 2 },
      // The rows are the same: nothing is published anew.
      { at: 2 * minuteMs, made: 2, failed: 1, rows: 0 },
    ],
  })

  now += 50 * 3_600_000
  expect(await told(1)).toMatchObject({ filled: [] })
  expect(await told(24)).toMatchObject({ bucketMs: 15 * minuteMs, count: 97, filled: [] })
  expect(await told(168)).toMatchObject({ bucketMs: 120 * minuteMs, filled: [{ at: 0, made: 4, failed: 2, rows: 2 }] })
  // Who begins with less finds what was before when it is asked for.
  const later = throughput({ ...engine })
  expect((await later.last(1)).buckets.every(({ made }) => made === 0)).toBe(true)
  expect((await later.last(168)).buckets.reduce((sum, { made }) => sum + made, 0)).toBe(4)
  expect((await later.last(72)).buckets.reduce((sum, { made }) => sum + made, 0)).toBe(4)
})
