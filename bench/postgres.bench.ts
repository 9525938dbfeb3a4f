import { Client } from 'pg'
import { z } from 'zod'
import type { PartitionKey, RunStore } from '#pipeline'
import { daily, defineAsset, definitions, memoryIo, openEngine, partitionsIn, postgresStore, provide } from '#pipeline'
import { postgresServer } from '../test/servers/postgres.ts'
import { report, takeTurns, timed } from './measure.ts'

/**
 * Steps a second on PostgreSQL: the store's claims and publications, and the whole way of empty steps, against a bare
 * connection that inserts the rows of as many claims and publications as arrays in transactions of the same size.
 */
const asset = defineAsset({
  name: 'empty',
  partitions: { date: daily({ since: '1976-01-01' }) },
  output: z.strictObject({ n: z.int() }),
  run: () => [],
})
const ask = {
  assets: ['empty'],
  filter: { keys: {} },
  mode: 'all',
  now: Date.parse('2026-01-01'),
  reason: 'bench',
} as const
const keys = partitionsIn(asset, ask.filter, new Date(ask.now))
const together = 256
const version = '4f53cda18c2baa0c0354bb5f9a3ecbe5'

const server = await postgresServer()
let schemas = 0
const fresh = () => `bench${++schemas}`
const open = (schema: string) => postgresStore({ url: server.url, schema })

/** Twice a group at once, so that one group is made while the other is being committed. */
async function inFlight(step: (key: PartitionKey) => Promise<void>): Promise<void> {
  const left = keys.values()
  const lane = async () => {
    for (const key of left) await step(key)
  }
  await Promise.all(Array.from({ length: 2 * together }, lane))
}

async function store(): Promise<number> {
  const one = await open(fresh())
  await one.createRun({ id: 'run', ask, leader: 'w', now: 0 })
  const ms = await timed(() => inFlight((key) => step(one, key)))
  await one.close()
  return (keys.length / ms) * 1_000
}

async function step(one: RunStore, key: PartitionKey): Promise<void> {
  const claim = { run: 'run', worker: 'w', asset: 'empty', keys: [key], now: 0, leaseMs: 30_000, inputs: [] }
  const [held] = await one.claim(claim)
  const made = {
    ...{ id: `m-${key}`, asset: 'empty', key, run: 'run', path: `empty/${key}/m.parquet`, rows: 0, bytes: 2, version },
    ...{ codeVersion: '1', inputs: {}, checks: [], metadata: {}, at: 0 },
  }
  if (!(await one.publish({ asset: 'empty', key, token: held!.token! }, made))) throw new Error(`lost ${key}`)
}

async function engine(): Promise<number> {
  // No rows are moved: what is measured is the way of a step, not what it carries.
  const stage = async () => ({ path: '', rows: 0, bytes: 2, version })
  const io = { ...memoryIo(), stage }
  const one = await open(fresh())
  const engine = await openEngine({
    definitions: definitions({ assets: [asset], resources: {}, io: provide(() => io) }),
    store: one,
    concurrency: 2 * together,
  })
  const ms = await timed(async () => {
    const { state } = await (await engine.start(ask)).result
    if (state.counts.published.empty !== keys.length)
      throw new Error(`expected ${keys.length} steps, got ${JSON.stringify(state.counts)}`)
  })
  await engine.close()
  return (keys.length / ms) * 1_000
}

async function bare(): Promise<number> {
  const schema = fresh()
  await (await open(schema)).close()
  const client = new Client(server.url)
  await client.connect()
  await client.query(`set search_path to ${schema}`)
  const ms = await timed(async () => {
    for (let at = 0; at < keys.length; at += together) {
      const part = keys.slice(at, at + together)
      await client.query({ name: 'claims', text: claims, values: [part, part.map(() => 'w')] })
      await client.query({
        name: 'publications',
        text: publications,
        values: [
          part.map((_, index) => at + index + 1),
          part.map((key) => `m-${key}`),
          part.map((key) => `empty/${key}/m.parquet`),
          part.map(() => version),
          part.map(() => '1'),
          ...[part.map(() => '{}'), part.map(() => '[]')],
          part.map((key) => JSON.stringify({ materialization: `m-${key}`, rows: 0, bytes: 2 })),
        ],
      })
    }
  })
  await client.end()
  return (keys.length / ms) * 1_000
}

const claims = `insert into partition (asset_id, key, lease, leased_until, worker, run_id)
  select 1, key, 1, 30000, worker, 1 from unnest($1::text[], $2::text[]) as a(key, worker)`

const publications = `
  with rows as materialized (
    select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      as a(partition_id, uid, path, version, code_version, empty, checks, payload)
  ), made as (
    insert into materialization (uid, partition_id, run_id, status, at, path, rows, bytes, version, code_version, inputs,
      checks, metadata)
    select uid, partition_id, 1, 1, 0, path, 0, 2, version, code_version, empty, checks, empty from rows
    returning id, partition_id
  ), moved as (
    update partition p set worker = null, leased_until = null, status = 1, materialization_id = m.id
    from made m where p.id = m.partition_id
  )
  insert into event (at, run_id, partition_id, type, payload) select 0, 1, partition_id, 0, payload from rows`

try {
  const rate = await takeTurns({ store, engine, bare }, 5)
  for (const [name, value, goal] of [
    ['steps, PostgreSQL store', rate.store, 0.6],
    ['empty steps, PostgreSQL', rate.engine, null],
  ] as const) {
    const ratio = value / rate.bare
    const isMet = goal === null ? null : ratio >= goal
    const text = goal === null ? 'for information' : `>= ${goal.toFixed(2)}`
    report({ name, value, unit: 'steps/s', reference: rate.bare, ratio, goal: text, ok: isMet })
  }
} finally {
  await server.close()
}
