import { expect, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished, untilQuiet } from './fleet.ts'
import { eventually, everything, withStore } from './shared-place.ts'
import { smallDisk } from './small-disk.ts'

const machines = fleet()
const hour = 3_600_000

test('a lake without room fails the steps of all workers, and they are made when there is some', {
  timeout: 120_000,
}, async () => {
  const disk = smallDisk(4_000_000)
  const place = await machines.newPlace({ rows: 200_000, lake: disk.folder })
  const workers = [1, 2].map(() => machines.start({ ...place, role: 'worker' }, disk))
  await machines.lead(place, async (engine) => {
    const starved = await (await engine.start(everything('needed'))).result
    expect(starved.failures.map(({ error }) => error).join()).toMatch(/No space left|File too large/)
    await goHome(...workers)
    disk.grow()
    const fed = machines.start({ ...place, role: 'worker' })
    expect((await (await engine.start(everything('needed'))).result).state.counts.failed).toEqual({})
    await goHome(fed)
  })

  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})

test('a worker an hour ahead and a daemon an hour behind change nothing, beside others that are right', {
  timeout: 120_000,
}, async () => {
  const place = await machines.newPlace({ days: 12, stepMs: 100 })
  const begin = Math.floor(Date.now() / hour - 2) * hour
  await withStore(place, (store) => store.seeAutomations(['hourly'], begin))
  const options = { preload: ['shift-clock.ts'] }
  const shifted = [
    machines.start({ ...place, role: 'worker' }, options),
    machines.start({ ...place, role: 'daemon' }, options),
  ]
  const right = [machines.start({ ...place, role: 'worker' }), machines.start({ ...place, role: 'daemon' })]
  await Promise.all([...shifted, ...right].map((machine) => machine.line(/(worker|daemon) \w+/)))
  shifted[0]!.kill('SIGUSR2')
  shifted[1]!.kill('SIGHUP')
  await Promise.all(shifted.map((machine) => machine.line(/clock: -?1 h/)))

  const { state } = await machines.lead(place, async (engine) => (await engine.start(everything('needed'))).result)
  await eventually(() => withStore(place, async (store) => (await store.ticks('hourly', 9)).length >= 3))
  await untilQuiet(place)
  await goHome(...shifted, ...right)

  expect(state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
  const ticks = await withStore(place, (store) => store.ticks('hourly', 9))
  expect(ticks.map(({ runs }) => runs.length)).toEqual([1, 1, 1])
  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})
