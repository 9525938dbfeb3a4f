import { expect, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import { everything, withStore } from './shared-place.ts'

const machines = fleet()

test.concurrent.for([
  ['after claim', 2],
  ['during author', 2],
  ['after stage', 2],
  ['after reject', 1],
  ['before publish', 2],
  ['before settle', 1],
] as const)(
  'a worker that stands still %s for longer than its lease can not publish any more',
  {
    timeout: 120_000,
  },
  async ([stage, nth]) => {
    const place = await machines.newPlace()
    const sleeper = machines.start({ ...place, role: 'worker', stop: { stage, nth, action: 'stop' } })

    const other = await machines.lead(place, async (engine) => {
      const run = await engine.start(everything('needed'))
      await sleeper.line(/stage:/)
      const awake = machines.start({ ...place, role: 'worker' })
      expect((await run.result).state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
      return awake
    })
    const made = await withStore(place, (store) => store.partitions('prices'))
    sleeper.kill('SIGCONT')
    await goHome(sleeper, other)

    expect(await withStore(place, (store) => store.partitions('prices'))).toEqual(made)
    expect(await unpublished(place)).toEqual(refused)
    await expectAllWell(place)
  },
)
