import { fork } from 'node:child_process'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { EventRow, RunStore, TickRow } from '#pipeline'
import { postgresStore } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import { begin, claim, monday, now, opened, publish, worker } from './conformance.ts'
import type { ProcessReport } from './postgres-process.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.close())

let races = 0
/** Several stores of one schema: each has a writer of its own, as processes have. */
async function several(count: number): Promise<readonly RunStore[]> {
  const schema = `race${++races}`
  const stores: RunStore[] = []
  for (let at = 0; at < count; at++) stores.push(await opened(() => postgresStore({ url: server.url, schema })))
  await begin(stores[0]!)
  return stores
}
const ask = { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now, reason: 'test' } as const
const times = Array.from({ length: 25 }, (_, index) => index)

test('a run is admitted within the limits, whoever asks at once', async () => {
  const stores = await several(4)
  const limits = { tags: [{ key: 'db', most: 1 }] }
  for (const id of times)
    await stores[0]!.createRun({ id: `r${id}`, ask: { ...ask, tags: { db: 'x' } }, leader: 'w1', now })

  const admitted = await Promise.all(stores.map((store) => store.admitRuns('w1', limits, now)))

  for (const ids of admitted) expect(ids.filter((id) => id !== 'run1')).toHaveLength(1)
  expect((await stores[0]!.runs(99)).filter(({ admittedAt }) => admittedAt !== null)).toHaveLength(2)
})

test('runs without a leader are adopted once', async () => {
  const stores = await several(4)
  for (const id of times) await stores[0]!.createRun({ id: `r${id}`, ask, leader: null, now })
  for (const at of stores.keys()) await stores[0]!.join(worker(`w${at}`), now)

  const adopted = await Promise.all(stores.map((store, at) => store.adoptRuns(`w${at}`)))

  expect(
    adopted
      .flat()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(times.map((id) => `r${id}`).sort())
})

test('of several heirs each partition has one', async () => {
  const stores = await several(3)
  const keys = times.map((id) => `n=${id}` as typeof monday)
  await claim(stores[0]!, 'dead', { keys })

  const inherited = await Promise.all(stores.map((store, at) => store.inherit('dead', `heir${at}`, now, 1_000)))

  expect(
    inherited
      .flat()
      .map(({ key }) => key)
      .sort(),
  ).toEqual([...keys].sort())
})

test('ticks and cursors are decided by one of many', async () => {
  const stores = await several(4)
  const tick = (at: number): Omit<TickRow, 'runs'> => ({
    ...{ definition: 'nightly', scheduledAt: at, decidedAt: now, status: 'succeeded', failures: 0, note: null },
    ...{ cursorBefore: at === 0 ? null : `${at - 1}`, cursorAfter: `${at}` },
  })

  for (const at of times) {
    const decided = await Promise.all(
      stores.map((store, by) =>
        store.decideTick(tick(at), [{ id: `${at}-${by}`, ask, leader: 'w1', runKey: `${at}` }]),
      ),
    )
    expect(decided.filter((runs) => runs !== undefined)).toHaveLength(1)
  }

  expect(await stores[1]!.cursor('nightly')).toBe('24')
  expect(await stores[1]!.runs(99)).toHaveLength(times.length + 1)
})

test('of two ticks at once the earlier is not decided after the later', async () => {
  const stores = await several(2)
  const tick = (scheduledAt: number): Omit<TickRow, 'runs'> => ({
    ...{ definition: 'hourly', scheduledAt, decidedAt: now, status: 'succeeded', failures: 0, note: null },
    ...{ cursorBefore: null, cursorAfter: null },
  })

  for (const at of times) {
    const order: number[] = []
    const decide = async (store: RunStore, one: number) => {
      if ((await store.decideTick(tick(one), [])) !== undefined) order.push(one)
    }
    await Promise.all([decide(stores[0]!, 2 * at + 1), decide(stores[1]!, 2 * at)])
    expect(order).toContain(2 * at + 1)
  }
})

test('what is seen at once by many is new to one', async () => {
  const stores = await several(4)

  for (const at of times) {
    const seen = { asset: 'rates', key: monday, version: `v${at}`, metadata: {}, at: now + at }
    const isNew = await Promise.all(stores.map((store, by) => store.observe({ ...seen, id: `${at}-${by}` })))
    expect(isNew.filter(Boolean)).toHaveLength(1)
  }

  const versions = await stores[0]!.history('rates', monday)
  expect(versions.map(({ supersededAt }) => supersededAt === null)).toEqual(times.map((at) => at === 0))
})

test('a version is put back or given up, never both', async () => {
  const stores = await several(2)
  for (const at of times) {
    const key = `n=${at}` as typeof monday
    await publish(stores[0]!, { id: `a${at}`, key })
    await publish(stores[0]!, { id: `b${at}`, key, version: 'v2' })
    const old = (await stores[0]!.history('candles', key)).at(-1)!

    const [back, dropped] = await Promise.all([
      stores[0]!.rollback({ asset: 'candles', key, materialization: old.id, now }),
      stores[1]!.dropVersions([old.number], now),
    ])

    expect([back, dropped]).toEqual(back === 'removed' ? ['removed', [old.number]] : ['rolled-back', []])
  }
})

test('keys that are added at once are each new to one', async () => {
  const stores = await several(4)
  const keys = times.map(String)

  const added = await Promise.all(
    stores.map((store, at) => store.addKeys('markets', at % 2 === 0 ? keys : [...keys].reverse(), now)),
  )

  expect(added.flat().sort()).toEqual([...keys].sort())
})

test('processes that work on the same partitions publish each lease once, and a reader sees each event once', async () => {
  const schema = `race${++races}`
  const store = await opened(() => postgresStore({ url: server.url, schema }))
  await begin(store)
  const seen: EventRow[] = []
  const toldEnds: string[] = []
  const { upTo } = await store.endedRuns(undefined, 1)
  let after = 0
  let afterEnd = upTo
  const look = async () => {
    const events = await store.events({ after, limit: 50 })
    seen.push(...events)
    after = events.at(-1)?.id ?? after
    const ends = await store.endedRuns(afterEnd, 3)
    toldEnds.push(...ends.runs.map(({ id }) => id))
    afterEnd = ends.upTo
    return events.length + ends.runs.length
  }

  const workers = ['p1', 'p2', 'p3'].map((name) => report(name, schema))
  let isOver = false
  const all = Promise.all(workers).finally(() => {
    isOver = true
  })
  const client = new Client(server.url)
  await client.connect()
  onTestFinished(() => client.end())
  while (!isOver) {
    const before = seen.length
    await look()
    if (Math.trunc(before / 200) < Math.trunc(seen.length / 200)) await endOneWriter(client)
  }
  const reports = await all
  while ((await look()) > 0);

  const grants = reports.flatMap(({ grants }) => grants)
  const leases = grants.map(({ key, token }) => `${key} ${token}`)
  expect(new Set(leases).size).toBe(leases.length)
  const published = grants.filter(({ isPublished }) => isPublished).map(({ id }) => id)
  const kept = seen.filter(({ type }) => type === 'published').map(({ payload }) => payload.materialization)
  expect([...kept].sort()).toEqual([...published].sort())
  expect(published.length).toBeGreaterThan(100)

  expect(seen).toEqual(await store.events({ limit: 1_000_000 }))
  expect([...toldEnds].sort()).toEqual(reports.flatMap(({ ended }) => ended).sort())
})

function report(name: string, schema: string): Promise<ProcessReport> {
  const script = join(import.meta.dirname, 'postgres-process.ts')
  const child = fork(script, [server.url, schema, name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as ProcessReport))
    child.once('exit', (code) => reject(new Error(`process "${name}" ended with code ${code}`)))
  })
}

/** Ends one that writes at this moment, if there is one. */
const endOneWriter = (client: Client) =>
  client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'bullion writer%' and xact_start is not null order by random() limit 1`,
  )
