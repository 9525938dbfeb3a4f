import { Client } from 'pg'
import { expect, test } from 'vitest'
import { tcpProxy } from '../servers/tcp-proxy.ts'
import { expectAllWell, fleet, goHome, refused, unpublished } from './fleet.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, everything, viaProxy, withStore } from './shared-place.ts'

const machines = fleet()

const made = (place: SharedPlace) =>
  withStore(place, async (store) => (await store.partitions('prices')).filter(({ file }) => file).length)

/** A backfill over two workers, to which something happens twice. */
async function disturbed(place: SharedPlace, seenAs: SharedPlace, disturb: () => Promise<void>): Promise<void> {
  const workers = [1, 2].map(() => machines.start({ ...seenAs, role: 'worker' }))
  const { state } = await machines.lead(seenAs, async (engine) => {
    const run = await engine.start(everything('needed'))
    for (const most of [3, 10]) {
      await eventually(async () => (await made(place)) >= most)
      await disturb()
    }
    return run.result
  })
  await goHome(...workers)
  expect(state).toMatchObject({ counts: { failed: {}, rejected: { prices: 1 } } })
  expect(await unpublished(place)).toEqual(refused)
  await expectAllWell(place)
}

test.for(['fast', 'immediate'] as const)(
  'PostgreSQL is restarted (%s) in the middle of a run',
  { timeout: 120_000 },
  async (mode) => {
    const place = await machines.newPlace({ days: 20, stepMs: 50 })
    await disturbed(place, place, () => machines.postgres.restart(mode))
  },
)

test('PostgreSQL is away for longer than leases last', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 20, stepMs: 50 })
  const proxy = await tcpProxy(machines.postgres)
  await disturbed(place, viaProxy(place, { store: proxy }), async () => {
    proxy.down()
    // Longer than it takes to be taken for dead: twice the lease.
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    proxy.heal()
  })
  await proxy.close()
})

test('connections are ended in the middle of transactions, again and again', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 20, stepMs: 50 })
  const admin = new Client(machines.postgres.url)
  await admin.connect()
  const database = new URL(place.store).pathname.slice(1)
  let ended = 0
  const end = async () => {
    const { rows } = await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and state <> 'idle'`,
      [database],
    )
    ended += rows.length
  }
  await disturbed(place, place, async () => {
    const before = ended
    await eventually(async () => {
      await end()
      return ended >= before + 5
    })
  })
  await admin.end()
})

test('the database moves to another address behind the same name', { timeout: 120_000 }, async () => {
  const place = await machines.newPlace({ days: 20, stepMs: 50 })
  const proxy = await tcpProxy(machines.postgres)
  await disturbed(place, viaProxy(place, { store: proxy }), async () => {
    proxy.silence()
    await machines.postgres.restart('immediate')
    proxy.cut()
  })
  await proxy.close()
})
