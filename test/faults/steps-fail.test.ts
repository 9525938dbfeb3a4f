import { expect, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import { eventually, everything, withStore } from './shared-place.ts'

const machines = fleet()

test('a fifth of all steps fails, over two workers: all is made in the end', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 20, failing: 0.2 })
  const workers = [1, 2].map(() => machines.start({ ...place, role: 'worker' }))
  await machines.lead(place, async (engine) => {
    for (let isMissing = true; isMissing; ) {
      const { state } = await (await engine.start(everything('needed'))).result
      isMissing = Object.keys(state.counts.failed).length > 0
    }
  })
  await goHome(...workers)

  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})

test('a step that kills its process is isolated the second time, and fails alone', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 8, poison: '2024-01-03' })
  const workers = [1, 2, 3].map(() => machines.start({ ...place, role: 'worker', isIsolating: true }))

  const { state, failures } = await machines.lead(place, async (engine) => {
    const result = await (await engine.start(everything('needed'))).result
    await engine.freeDead()
    return result
  })

  expect(state.counts).toMatchObject({ failed: { prices: 1 }, rejected: { prices: 1 }, blocked: { sums: 2 } })
  expect(failures.map(({ asset, key }) => `${asset} ${key}`)).toContain('prices date=2024-01-03')
  expect(failures.find(({ key }) => key === 'date=2024-01-03')!.error).toMatch(/was killed by SIGKILL/)
  const alive = workers.filter(({ child }) => child.signalCode === null)
  expect(alive).toHaveLength(2)
  const attempts = await withStore(place, (store) => store.events({ limit: 1_000 }))
  expect(attempts.filter(({ type, key }) => type === 'failed' && key === 'date=2024-01-03')).toHaveLength(4)
  await goHome(...alive)
  expect(await unpublished(place)).toEqual([...refused, 'prices date=2024-01-03 failed'])
  await expectAllWell(place)
})

test('a step that kills its process is given up after three deaths where it can not be isolated', {
  timeout: 120_000,
}, async () => {
  const place = await machines.newPlace({ days: 8, poison: '2024-01-03' })
  const workers = [1, 2, 3, 4].map(() => machines.start({ ...place, role: 'worker' }))

  const { state, failures } = await machines.lead(place, async (engine) => {
    const result = await (await engine.start(everything('needed'))).result
    await engine.freeDead()
    return result
  })

  // One that was made by the same process each time may be given up with it.
  expect(state.counts.failed.prices).toBeLessThanOrEqual(2)
  expect(failures.find(({ key }) => key === 'date=2024-01-03')!.error).toMatch(/processes died/)
  const alive = workers.filter(({ child }) => child.signalCode === null)
  expect(alive).toHaveLength(1)
  await goHome(...alive)
  expect(await unpublished(place)).toEqual(expect.arrayContaining([...refused, 'prices date=2024-01-03 failed']))
  await expectAllWell(place)
})

test('a worker of other code takes no step of it, and says so', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace()
  const newer = machines.start({ ...place, role: 'worker', code: 'newer' })
  await machines.lead(place, async (engine) => {
    const run = await engine.start(everything('needed'))
    await newer.line(/trouble: steps of "prices" version "\w+", of which this process has version "newer", are left to/)
    expect(await engine.store.events({ limit: 10 })).toEqual([])
    const alike = machines.start({ ...place, role: 'worker' })
    await run.result
    await goHome(newer, alike)
  })

  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})

test('a worker that joins takes work within a second, and one that is told to go hands back what it has', {
  timeout: 120_000,
}, async () => {
  const place = await machines.newPlace({ days: 20, stepMs: 200 })
  const first = machines.start({ ...place, role: 'worker' })
  const { state } = await machines.lead(place, async (engine) => {
    const run = await engine.start(everything('needed'))
    await first.line(/worker \w+/)
    const second = machines.start({ ...place, role: 'worker' })
    const [, id] = await second.line(/worker (\w+)/)
    const isBusy = async () =>
      (await engine.store.partitionAccounts(0, 1_000)).partitions.some(({ worker }) => worker === id)
    await eventually(isBusy, 1_000)
    await goHome(first)
    expect(await engine.store.workers()).toHaveLength(2)
    const result = await run.result
    await goHome(second)
    return result
  })

  expect(state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})
