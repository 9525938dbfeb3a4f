import { expect, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, everything, withStore } from './shared-place.ts'

const machines = fleet()

const made = (place: SharedPlace) =>
  withStore(
    place,
    async (store) =>
      (await store.states('prices'))
        .values()
        .filter(({ published }) => published)
        .toArray().length,
  )

test.for([
  ['killed, and started with what it had on disk', { empty: false }],
  ['killed, and started with nothing', { empty: true }],
] as const)('Redis %s in the middle of a run', { timeout: 120_000 }, async ([, options]) => {
  const place = await machines.newPlace({ days: 20, stepMs: 50 })
  const workers = [1, 2].map(() => machines.start({ ...place, role: 'worker' }))

  const { state } = await machines.lead(place, async (engine) => {
    const run = await engine.start(everything('needed'))
    for (const most of [3, 10]) {
      await eventually(async () => (await made(place)) >= most)
      await machines.redis.kill()
      await machines.redis.start(options)
    }
    return run.result
  })
  await goHome(...workers)

  expect(state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})

test('daemons decide their ticks while Redis is away, and the steps are made when it is back', {
  timeout: 120_000,
}, async () => {
  const place = await machines.newPlace()
  const hour = 3_600_000
  const worker = machines.start({ ...place, role: 'worker' })
  const daemons = [1, 2].map(() => machines.start({ ...place, role: 'daemon' }))
  await Promise.all([...daemons.map((daemon) => daemon.line(/daemon \w+/)), worker.line(/worker \w+/)])
  await machines.redis.kill()
  try {
    await withStore(place, async (store) => {
      await store.setAutomation('hourly', false, true, Date.now())
      await store.setAutomation('hourly', true, true, Math.floor(Date.now() / hour - 2) * hour)
      await eventually(
        async () => (await store.ticks('hourly', 9)).length === 3 && (await store.cursor('feed')) === '3',
      )
      expect(await store.unfinishedRuns()).not.toEqual([])
    })
  } finally {
    await machines.redis.start()
  }
  await withStore(place, (store) => eventually(async () => (await store.unfinishedRuns()).length === 0))
  await goHome(worker, ...daemons)

  const runs = await withStore(place, (store) => store.runs(100))
  expect(runs.filter(({ ask }) => ask.reason === 'sensor feed')).toHaveLength(3)
  await expectAllWell(place)
})
