import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { PartitionKey, PostgresOptions, RunStore } from '#pipeline'
import { isPipelineError, postgresStore } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import type { TcpProxy } from '../../servers/tcp-proxy.ts'
import { tcpProxy } from '../../servers/tcp-proxy.ts'
import { begin, claim, leaseOf, made, monday, now, opened, tuesday } from './conformance.ts'

let server: PostgresServer
let proxy: TcpProxy
beforeAll(async () => {
  server = await postgresServer()
  proxy = await tcpProxy(server)
})
afterAll(async () => {
  await proxy?.close()
  await server?.close()
})

let stores = 0
/** A store reached through the proxy, and the same one reached without it. */
async function reached(options: Partial<PostgresOptions> = {}): Promise<{ store: RunStore; beside: RunStore }> {
  const schema = `outage${++stores}`
  const url = server.url.replace(`:${server.port}`, `:${proxy.port}`)
  const store = await opened(() => postgresStore({ url, schema, ...options }))
  const beside = await opened(() => postgresStore({ url: server.url, schema }))
  await begin(store)
  return { store, beside }
}

const keys = Array.from({ length: 400 }, (_, index) => `n=${index}` as PartitionKey)

/** Claims and publishes each key, some at once; `disturb` is called when a part of them is done. */
async function makeAll(store: RunStore, disturb: () => Promise<unknown>): Promise<void> {
  const left = keys.values()
  let done = 0
  let disturbance: Promise<unknown> | undefined
  const lane = async () => {
    for (const key of left) {
      const [held] = await claim(store, 'w1', { keys: [key] })
      expect(held!.token).toBe(1)
      expect(await store.publish(leaseOf(1, key), made({ id: key, key }))).toBe(true)
      if (++done === 100) disturbance = disturb()
    }
  }
  await Promise.all(Array.from({ length: 40 }, lane))
  await disturbance
}

async function expectEachOnce(store: RunStore): Promise<void> {
  const events = await store.events({ limit: 10_000 })
  expect(events.map(({ key }) => key).sort()).toEqual([...keys].sort())
  expect(await store.files('candles')).toHaveLength(keys.length)
}

test('a server that crashes in the middle of the work loses and doubles nothing', async () => {
  const { store, beside } = await reached()

  await makeAll(store, () => server.restart('immediate'))

  await expectEachOnce(store)
  await expectEachOnce(beside)
})

test('connections that are cut lose and double nothing', async () => {
  const { store, beside } = await reached()

  await makeAll(store, async () => {
    for (let times = 0; times < 5; times++) {
      const before = proxy.connections
      proxy.cut()
      await vi.waitFor(() => expect(proxy.connections).toBeGreaterThan(before))
    }
  })

  await expectEachOnce(beside)
})

test('a writer that is terminated by an administrator loses and doubles nothing', async () => {
  const { store, beside } = await reached()

  await makeAll(store, () => terminateWriters())

  await expectEachOnce(beside)
})

test('a connection that silently died is given up, and what it holds is freed', async () => {
  const { store, beside } = await reached({ answerMs: 300 })

  await makeAll(store, async () => proxy.silence())

  await expectEachOnce(beside)
})

test('a commit whose answer was lost is not done twice', async () => {
  const { store, beside } = await reached()
  const [held] = await claim(store, 'w1')

  const dropped = proxy.dropAnswers('commit\0')
  const published = store.publish(leaseOf(held!.token!), made())
  await dropped

  expect(await published).toBe(true)
  expect(await beside.history('candles', monday)).toHaveLength(1)
  expect(await beside.events({ limit: 9 })).toHaveLength(1)
})

test('a commit that never arrived is done again', async () => {
  const { store, beside } = await reached()
  const [held] = await claim(store, 'w1')

  const cut = proxy.cutAt('commit\0')
  const published = store.publish(leaseOf(held!.token!), made())
  await cut

  expect(await published).toBe(true)
  expect(await beside.events({ limit: 9 })).toHaveLength(1)
  expect(await store.publish(leaseOf(held!.token!), made({ id: 'm2' }))).toBe(false)
})

test('calls that wait for a server that stays away are told so, and the next ones work when it is back', async () => {
  const { store } = await reached({ outageMs: 300 })
  await server.stop('fast')
  onTestFinished(() => server.start().catch(() => {}))

  const refused = await claim(store, 'w1').catch((error: unknown) => error)
  const unread = await store.runs(1).catch((error: unknown) => error)

  for (const error of [refused, unread]) {
    expect(isPipelineError(error, 'store.unreachable')).toBe(true)
    expect(String(error)).toMatch(/the store at postgres:\/\/127\.0\.0\.1:\d+\/postgres \(schema "outage\d+"\) has not/)
  }
  await server.start()
  expect((await claim(store, 'w1', { keys: [tuesday] }))[0]!.token).toBe(1)
})

test('what was answered to no one is not answered to the next caller', async () => {
  const { store, beside } = await reached({ outageMs: 1 })
  const [held] = await claim(store, 'w1')

  const dropped = proxy.dropAnswers('commit\0')
  const published = store.publish(leaseOf(held!.token!), made())
  await dropped

  await published.catch(() => {})
  await vi.waitFor(async () => expect(await store.purgeTicks(0)).toBe(0))
  await vi.waitFor(async () => expect((await claim(store, 'w1', { keys: [tuesday] }))[0]!.key).toBe(tuesday))
  expect(await beside.events({ limit: 9 })).toHaveLength(1)
})

test('slow answers are waited for', async () => {
  const { store } = await reached()
  proxy.delay(20)
  onTestFinished(() => proxy.delay(0))

  expect((await claim(store, 'w1'))[0]!.token).toBe(1)
  expect(await store.runs(1)).toHaveLength(1)
})

test('a clock can be asked for', async () => {
  const { store } = await reached()

  expect(Math.abs((await store.now()) - Date.now())).toBeLessThan(10_000)
  expect(now).toBeLessThan(await store.now())
})

/** Ends whatever connection writes, until some were ended. */
async function terminateWriters(): Promise<void> {
  const client = new Client(server.url)
  await client.connect()
  try {
    for (let ended = 0; ended < 3; ) {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name like 'bullion writer%' and state <> 'idle'`,
      )
      ended += rowCount ?? 0
    }
  } finally {
    await client.end()
  }
}
