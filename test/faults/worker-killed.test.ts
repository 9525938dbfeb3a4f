import { expect, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import { everything } from './shared-place.ts'

const machines = fleet()

const stages = [
  ['before claim', 2],
  ['after claim', 2],
  ['during author', 2],
  ['before stage', 2],
  ['after stage', 2],
  ['before prove', 1],
  ['before reject', 1],
  ['after reject', 1],
  ['before publish', 2],
  ['after publish', 2],
  ['before settle', 1],
  ['after settle', 1],
  ['after heartbeat', 1],
] as const

test.concurrent.for(stages)(
  'kill -9 of a worker %s (the call number %i of its kind)',
  { timeout: 120_000 },
  async ([stage, nth]) => {
    const place = await machines.newPlace({ stepMs: stage === 'after heartbeat' ? 300 : 0 })
    const victim = machines.start({ ...place, role: 'worker', stop: { stage, nth, action: 'kill' } })

    const { state } = await machines.lead(place, async (engine) => {
      const run = await engine.start(everything('needed'))
      await victim.line(new RegExp(`stage: ${stage}`))
      expect(await victim.end).toBe('SIGKILL')
      const other = machines.start({ ...place, role: 'worker' })
      const result = await run.result
      await goHome(other)
      await engine.freeDead()
      return result
    })

    // The day that is refused, with what reads it.
    expect(state).toMatchObject({ status: 'failed', counts: { failed: {}, rejected: { prices: 1 } } })
    expect(await unpublished(place)).toEqual(refused)
    await expectAllWell(place)
  },
)
