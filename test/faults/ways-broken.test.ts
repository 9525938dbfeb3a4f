import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Azurite } from '../servers/azurite.ts'
import { azurite } from '../servers/azurite.ts'
import type { TcpProxy } from '../servers/tcp-proxy.ts'
import { tcpProxy } from '../servers/tcp-proxy.ts'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, everything, viaProxy, withStore } from './shared-place.ts'

const machines = fleet()
let blobs: Azurite
beforeAll(async () => {
  blobs = await azurite()
})
afterAll(() => blobs?.stop())

const made = (place: SharedPlace) =>
  withStore(place, async (store) => (await store.partitions('prices')).filter(({ file }) => file).length)

/** One after the other, each while steps are made. */
async function breakIt(way: TcpProxy, progress: (by: number) => Promise<void>): Promise<void> {
  await progress(2)
  way.cut()
  await progress(2)
  way.delay(60)
  await progress(2)
  way.heal()
  const lost = way.dropAnswers()
  await Promise.race([lost, progress(2)])
  way.heal()
  // For longer than a lease: others make what was begun behind it.
  way.stall()
  await progress(4)
  way.heal()
  await progress(2)
  way.down()
  await progress(4)
  way.heal()
  await progress(2)
}

async function disturbed(place: SharedPlace, server: 'store' | 'queue' | 'lake', who: 'worker' | 'leader') {
  const target = { store: machines.postgres.port, queue: Number(new URL(place.queue.url).port), lake: blobs.port }
  const way = await tcpProxy({ port: target[server] })
  const broken = viaProxy(place, { [server]: way })
  const workers = [place, who === 'worker' ? broken : place].map((one) => machines.start({ ...one, role: 'worker' }))
  const progress = async (by: number) => {
    const before = await made(place)
    await eventually(async () => (await made(place)) >= Math.min(before + by, place.days - 1))
  }
  const { state } = await machines.lead(who === 'leader' ? broken : place, async (engine) => {
    const run = await engine.start(everything('needed'))
    await breakIt(way, progress)
    return run.result
  })
  await goHome(...workers)
  await way.close()

  expect(state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
}

test.concurrent.for(['store', 'queue'] as const)(
  'the way of a worker to its %s is cut, slow, loses an answer, stands still and is gone',
  {
    timeout: 150_000,
  },
  async (server) => {
    await disturbed(await machines.newPlace({ days: 80, stepMs: 300 }), server, 'worker')
  },
)

test.concurrent('the way of a worker to its lake is cut, slow, loses an answer, stands still and is gone', {
  timeout: 150_000,
}, async () => {
  const azureKey = blobs.credentials.accountKey
  const place = await machines.newPlace({ days: 80, stepMs: 300, azureKey, lake: await blobs.container() })
  await disturbed(place, 'lake', 'worker')
})

test.concurrent('the way of a leader to its queue is cut, slow, loses an answer, stands still and is gone', {
  timeout: 150_000,
}, async () => {
  await disturbed(await machines.newPlace({ days: 80, stepMs: 300 }), 'queue', 'leader')
})
