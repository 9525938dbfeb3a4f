import { Queue } from 'bullmq'
import { expect, onTestFinished, test } from 'vitest'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, everything, withStore } from './shared-place.ts'

const machines = fleet()

/** The parcels of a place, as the queue keeps them. */
function parcels({ queue: { url, prefix } }: SharedPlace): Queue {
  const queue = new Queue('steps', { connection: { url }, prefix: `{${prefix}}` })
  onTestFinished(() => queue.close())
  return queue
}

test('parcels that come twice, in any order, publish once', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 12, isChanging: true })
  const queue = parcels(place)

  const workers = await machines.lead(place, async (engine) => {
    const run = await engine.start(everything('all'))
    await eventually(async () => (await queue.getWaitingCount()) >= 12)
    for (const { name, data, id } of (await queue.getWaiting()).reverse()) {
      await queue.add(name, data, { jobId: `again-${id}`, priority: id === '1' ? 1 : 2 })
      await queue.add(name, data, { jobId: `once more-${id}`, lifo: true })
    }
    const started = [1, 2].map(() => machines.start({ ...place, role: 'worker' }))
    expect((await run.result).state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
    await eventually(async () => (await queue.getWaitingCount()) + (await queue.getPrioritizedCount()) === 0)
    return started
  })
  await goHome(...workers)

  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
  const versions = await withStore(place, (store) => store.history('prices', 'date=2024-01-01' as never))
  expect(versions).toHaveLength(1)
})

test('what a leader that died has left in the queue disturbs its successor in nothing', {
  timeout: 120_000,
}, async () => {
  const place = await machines.newPlace({ days: 12, isChanging: true })
  const queue = parcels(place)
  const first = machines.start({ ...place, role: 'command' })
  await eventually(async () => (await queue.getWaitingCount()) >= 12)
  first.kill('SIGKILL')
  expect(await first.end).toBe('SIGKILL')

  const workers = await machines.lead(place, async (engine) => {
    await engine.freeDead()
    const [run] = await engine.resume()
    await eventually(async () => (await queue.getWaitingCount()) >= 24)
    const started = [1, 2].map(() => machines.start({ ...place, role: 'worker' }))
    expect((await run!.result).state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
    return started
  })
  await goHome(...workers)

  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
})

test.for(['before createRun', 'after createRun', 'before progress', 'after progress'])(
  'the backfill of a command that was killed %s is made, or was never asked for',
  { timeout: 120_000 },
  async (stage) => {
    const place = await machines.newPlace()
    const command = machines.start({ ...place, role: 'command', stop: { stage, action: 'kill' } })
    expect(await command.end).toBe('SIGKILL')
    const worker = machines.start({ ...place, role: 'worker' })

    await machines.lead(place, async (engine) => {
      await engine.freeDead()
      const runs = await engine.resume()
      expect(runs).toHaveLength(stage === 'before createRun' ? 0 : 1)
      await Promise.all(runs.map(({ result }) => result))
      await (await engine.start(everything('needed'))).result
    })
    await goHome(worker)

    expect(await unpublished(place)).toEqual(refused)
    await expectAllWell(place)
  },
)
