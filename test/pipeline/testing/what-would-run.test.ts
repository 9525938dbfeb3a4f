import { expect, test } from 'vitest'
import { z } from 'zod'
import type { WouldRun } from '#pipeline'
import {
  daily,
  defineAsset,
  defineJob,
  defineSchedule,
  definitions,
  dynamic,
  eager,
  externalAsset,
  latest,
  memoryIo,
  monthly,
  onCron,
  provide,
  whatWouldRun,
  within,
} from '#pipeline'

const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-03-29' })
const month = monthly({ since: '2024-03', endOffset: 1 })
const never = () => {
  throw new Error('no author is called')
}
const days = defineAsset({ name: 'days', partitions: { date }, output, run: never })
const months = defineAsset({
  name: 'months',
  partitions: { month },
  deps: { days: within(days, 'date', 'month') },
  output,
  run: never,
})
const all = definitions({
  assets: [days, months],
  schedules: [
    defineSchedule({ name: 'each_night', job: defineJob({ name: 'days', assets: [days] }), cron: '0 1 * * *' }),
    defineSchedule({ name: 'each_noon', job: defineJob({ name: 'all', assets: [days, months] }), cron: '0 12 * * *' }),
  ],
  resources: {},
  io: provide(memoryIo),
})
const span = { from: new Date('2024-03-30T00:00:00Z'), to: new Date('2024-04-02T00:00:00Z') }

const told = (ran: readonly WouldRun[]) =>
  ran.map(({ at, by, steps }) => [
    at.toISOString().slice(5, 13),
    by,
    ...steps.map(({ asset, key }) => `${asset} ${key.split('=')[1]!.slice(5)}`),
  ])

test('three days of two schedules, without a store and without calling anybody', () => {
  expect(told(whatWouldRun(all, span))).toEqual([
    ['03-30T01', 'each_night', 'days 03-29'],
    ['03-30T12', 'each_noon', 'months 03'],
    ['03-31T01', 'each_night', 'days 03-30'],
    ['03-31T12', 'each_noon', 'months 03'],
    ['04-01T01', 'each_night', 'days 03-31'],
    ['04-01T12', 'each_noon', 'months 03'],
  ])
})

test('what fails one night is made at noon, and what needs it waits until then', () => {
  const isNight = (at: Date) => at.getUTCHours() === 1
  const ran = whatWouldRun(all, { ...span, fails: ({ asset }, at) => asset === 'days' && isNight(at) })

  expect(told(ran).slice(0, 2)).toEqual([
    ['03-30T01', 'each_night', 'days 03-29'],
    ['03-30T12', 'each_noon', 'days 03-29', 'months 03'],
  ])
  expect(ran[1]!.steps.map(({ why }) => why)).toEqual(['failed before', 'reads "days", which is made first'])
})

test('before the first window has ended a tick makes nothing', () => {
  const early = { from: new Date('2024-03-28T00:00:00Z'), to: new Date('2024-03-29T23:00:00Z') }

  expect(told(whatWouldRun(all, early)).flatMap(([, , ...steps]) => steps)).toEqual([])
})

test('conditions are followed too: what a schedule makes is read at once, a cron waits for what is made after it', () => {
  const averages = defineAsset({
    name: 'averages',
    partitions: { date },
    deps: { days },
    automation: eager(),
    output,
    run: never,
  })
  const report = defineAsset({
    name: 'report',
    deps: { averages: latest(averages, 'date') },
    automation: onCron('0 6 * * *'),
    output,
    run: never,
  })
  const automated = definitions({
    assets: [days, averages, report],
    schedules: [
      defineSchedule({ name: 'each_night', job: defineJob({ name: 'days', assets: [days] }), cron: '30 1 * * *' }),
    ],
    resources: {},
    io: provide(memoryIo),
  })

  const ran = whatWouldRun(automated, { from: new Date('2024-03-30T00:00:00Z'), to: new Date('2024-04-01T00:00:00Z') })

  expect(
    ran.map(({ at, by, steps }) => [
      at.toISOString().slice(5, 16),
      by,
      ...steps.map(({ asset, key }) => `${asset} ${key}`.trim()),
    ]),
  ).toEqual([
    ['03-30T01:30', 'each_night', 'days date=2024-03-29'],
    ['03-30T01:30', 'automation', 'averages date=2024-03-29'],
    ['03-31T01:30', 'each_night', 'days date=2024-03-30'],
    // The first since the tick at six the day before.
    ['03-31T01:30', 'automation', 'averages date=2024-03-30', 'report'],
  ])
})

test('what others make is taken to be there, and dynamic dimensions to have the keys that are given', () => {
  const rates = externalAsset({ name: 'rates' })
  const prices = defineAsset({
    name: 'prices',
    partitions: { market: dynamic('markets') },
    deps: { rates },
    output,
    run: never,
  })
  const nightly = defineSchedule({
    name: 'nightly',
    job: defineJob({ name: 'p', assets: [prices] }),
    cron: '0 1 * * *',
  })
  const some = definitions({ assets: [rates, prices], schedules: [nightly], resources: {}, io: provide(memoryIo) })

  const ran = whatWouldRun(some, { ...span, to: new Date('2024-03-30T02:00:00Z'), keys: { markets: ['A', 'B'] } })

  expect(ran.flatMap(({ steps }) => steps.map(({ key, blocked }) => [key, blocked]))).toEqual([
    ['market=A', undefined],
    ['market=B', undefined],
  ])
})
