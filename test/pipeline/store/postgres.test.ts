import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { PartitionKey } from '#pipeline'
import { postgresStore } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import { testAssetPages } from './asset-page-conformance.ts'
import { begin, claim, leaseOf, made, monday, now, opened, publish, testStore, tuesday } from './conformance.ts'
import { testHistory } from './history-conformance.ts'
import { testRunPages } from './run-pages-conformance.ts'
import { testWatching } from './watch-conformance.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.close())

let stores = 0
const newSchema = () => `store ${++stores}`
const openIn = (schema: string) => opened(() => postgresStore({ url: server.url, schema }))
const make = () => {
  const schema = newSchema()
  return { open: () => postgresStore({ url: server.url, schema }) }
}

testStore('postgres', make)
testHistory('postgres', make)
testRunPages('postgres', make)
testAssetPages('postgres', make)
testWatching('postgres', make)

/** What another program might do in the same schema. */
async function outsider(schema: string): Promise<Client> {
  const client = new Client(server.url)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`set search_path to "${schema}"`)
  return client
}

test('many that open a new store at once make it once', async () => {
  const schema = newSchema()

  const all = await Promise.all(Array.from({ length: 6 }, () => openIn(schema)))

  await begin(all[0]!)
  for (const store of all) expect((await store.runs(9)).map(({ id }) => id)).toEqual(['run1'])
})

test('a store is made in a database of its own', async () => {
  const url = await server.createDatabase()
  const store = await opened(() => postgresStore({ url }))

  await begin(store)

  expect(await store.runs(9)).toHaveLength(1)
})

test('a reader changes nothing, and leaves the tables of an older version to those that work with them', async () => {
  const schema = newSchema()
  await begin(await openIn(schema))
  const openReader = () => opened(() => postgresStore({ url: server.url, schema, readOnly: true }))
  const reader = await openReader()

  expect(await reader.runs(9)).toHaveLength(1)
  await expect(reader.requestCancel('run1')).rejects.toThrow('is open for reading only')
  await expect(reader.purgeEvents(now)).rejects.toThrow('is open for reading only')

  const client = await outsider(schema)
  await client.query('update store_version set version = version - 1')
  const before = await client.query('select version from store_version')
  await expect(postgresStore({ url: server.url, schema, readOnly: true })).rejects.toMatchObject({
    code: 'store.older',
  })
  expect((await client.query('select version from store_version')).rows).toEqual(before.rows)
})

test('a store of a newer version is refused, and left as it is', async () => {
  const schema = newSchema()
  await openIn(schema)
  const client = await outsider(schema)
  await client.query('update store_version set version = 99')

  const refused = postgresStore({ url: server.url, schema })

  await expect(refused).rejects.toThrow(`(schema "${schema}")" was written by a newer version (schema 99`)
  expect((await client.query('select version from store_version')).rows).toEqual([{ version: 99 }])
})

test('a database that can not be reached is told of at once', async () => {
  const url = 'postgres://ci@127.0.0.1:1/postgres'

  await expect(postgresStore({ url })).rejects.toThrow('ECONNREFUSED')
})

test('keys come in the order of their bytes, whatever the language of the database', async () => {
  const store = await openIn(newSchema())
  await begin(store)
  const keys = ['a', 'B', '_', 'é', 'b'].map((name) => `market=${name}` as PartitionKey)
  for (const key of keys) await publish(store, { id: key, key })

  expect((await store.files('candles')).map(({ key }) => key)).toEqual([...keys].sort())
})

test('text that PostgreSQL can not hold is kept as far as it can', async () => {
  const store = await openIn(newSchema())
  await begin(store)
  const [held] = await claim(store, 'w1')

  await store.settle(leaseOf(held!.token!), 'run1', { type: 'failed', error: 'a\0b', attempt: 1, retryAt: null }, now)

  expect((await store.partitions('candles'))[0]!.error).toBe('a\uFFFDb')
  expect((await store.events({ limit: 1 }))[0]!.payload.error).toBe('a\0b')
})

test('an event that can be seen before an earlier one is not told of until that one is', async () => {
  const schema = newSchema()
  const [slow, quick, reader] = [await openIn(schema), await openIn(schema), await openIn(schema)]
  await begin(quick)
  await quick.observe({ id: 'o1', asset: 'rates', key: monday, version: 'r1', metadata: {}, at: now })
  await claim(quick, 'w1', { keys: [tuesday] })
  const { upTo } = await reader.made(['rates', 'candles'], undefined, 9)
  const [outside, observer] = [await outsider(schema), await outsider(schema)]
  await outside.query('begin')
  await outside.query('select 1 from partition for update')

  // One transaction: an event, and then a wait for the row that is held outside.
  const line = slow.log('run1', 'candles', tuesday, [{ level: 'info', at: now, message: 'first' }], now)
  const seen = slow.observe({ id: 'o2', asset: 'rates', key: monday, version: 'r2', metadata: {}, at: now })
  await vi.waitFor(async () => {
    const { rows } = await observer.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)
    expect(rows).toHaveLength(1)
  })
  await publish(quick)

  const before = await reader.events({ after: upTo, limit: 9 })
  const madeBefore = await reader.made(['rates', 'candles'], upTo, 9)
  const changes = await reader.statusChanges('candles', upTo)
  await outside.query('commit')
  await Promise.all([line, seen])

  expect(before).toEqual([])
  expect(madeBefore).toEqual({ made: [], upTo })
  expect(changes).toMatchObject({ asOf: upTo, rows: [] })
  expect((await reader.events({ after: upTo, limit: 9 })).map(({ type }) => type)).toEqual([
    ...['log', 'published', 'observed'],
  ])
  expect((await reader.made(['rates', 'candles'], upTo, 9)).made.map(({ asset }) => asset)).toEqual([
    'candles',
    'rates',
  ])
})

test('calls of one moment that touch the same partition are answered as if in turn', async () => {
  const store = await openIn(newSchema())
  await begin(store)

  const [first, second, line, published, again, late] = await Promise.all([
    claim(store, 'w1'),
    claim(store, 'w2'),
    store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now),
    store.publish(leaseOf(1), made({ content: 'c' })),
    store.publish(leaseOf(1), made({ id: 'm2' })),
    claim(store, 'w2', {
      keys: [tuesday, monday],
      inputs: [{ key: tuesday, name: 'c', asset: 'candles', keys: [monday] }],
    }),
  ])

  expect([first![0]!.token, second![0]!.token, line]).toEqual([1, undefined, undefined])
  expect([published, again]).toEqual([true, false])
  expect(late!.map(({ token, published }) => [token, published?.version])).toEqual([
    [1, undefined],
    [2, 'v1'],
  ])
  expect(late![0]!.inputs.c!.map(({ version }) => version)).toEqual(['v1'])
  expect((await store.events({ limit: 9 })).map(({ type }) => type)).toEqual(['log', 'published'])
})

test('a publication of the same content says so', async () => {
  const store = await openIn(newSchema())
  await begin(store)

  await publish(store, { content: 'c1' })
  await publish(store, { id: 'm2', content: 'c2' })
  await publish(store, { id: 'm3', version: 'v2', content: 'c2' })

  const payloads = (await store.events({ limit: 9 })).map(({ payload }) => payload)
  expect(payloads).toEqual([
    { materialization: 'm1', rows: 2, bytes: 100 },
    { materialization: 'm2', rows: 2, bytes: 100, isSame: true },
    { materialization: 'm3', rows: 2, bytes: 100 },
  ])
})

test('retention goes through more than a page, and keeps the newest', async () => {
  const schema = newSchema()
  const store = await openIn(schema)
  await begin(store)
  await publish(store)
  const client = await outsider(schema)
  await client.query(
    `insert into event (at, run_id, type, payload) select $1, 1, 1, '{}' from generate_series(1, 25000)`,
    [now],
  )
  await client.query(
    `insert into tick (definition, scheduled_at, decided_at) select 'nightly', number, 0 from generate_series(1, 12000) number`,
  )

  expect(await store.purgeEvents(now + 1)).toBe(24_999)
  expect(await store.purgeTicks(now)).toBe(11_999)

  expect((await store.events({ limit: 9 })).map(({ type }) => type)).toEqual(['published', 'log'])
  expect((await store.ticks('nightly', 9)).map(({ scheduledAt }) => scheduledAt)).toEqual([12_000])
  expect((await store.statusChanges('candles', 1)).isWhole).toBe(true)
})

test('closing waits for what is under way', async () => {
  const schema = newSchema()
  const store = await postgresStore({ url: server.url, schema })
  const written = store.join({ id: 'w1', host: 'here', pid: 1, startedAt: 1 }, now)
  const read = store.runs(9)

  await store.close()

  expect(await Promise.all([written, read])).toEqual([undefined, []])
  await expect(store.release('w1')).rejects.toThrow('was closed before this call')
  expect((await (await openIn(schema)).workers()).map(({ id }) => id)).toEqual(['w1'])
})
