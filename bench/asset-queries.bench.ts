import { join } from 'node:path'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import { daily, defineAsset, definitions, hourly, keyed, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'
import { keyAt, spaceOf } from '../pipeline/plan/space.ts'
import { openSqlite } from '../pipeline/store/sqlite-connection.ts'
import { handlers } from '../server/handlers/handlers.ts'
import type { Served } from '../server/served.ts'
import { inTemporaryFolder, report, timed } from './measure.ts'

/**
 * What a page of one asset asks for, where it has a million partitions among 300 assets: two of three are published, one
 * in fifty failed. Each is asked as often as a page that is looked at, and half of the times something has happened since.
 */
const now = Date.parse('2024-01-11T00:30:00Z')
const count = 1_000_000
const output = z.strictObject({ n: z.int() })
const run = () => []

const since = new Date(now - count * 3_600_000).toISOString().slice(0, 13)
const hours = defineAsset({ name: 'hours', partitions: { hour: hourly({ since }) }, output, run })
const markets = keyed(Array.from({ length: 1_000 }, (_, at) => `M${at}`))
const cells = defineAsset({
  ...{ name: 'cells', partitions: { date: daily({ since: '2021-04-17' }), market: markets }, output, run },
})
const read = defineAsset({ name: 'read', partitions: { hour: hours.partitions.hour }, deps: { hours }, output, run })
const small = Array.from({ length: 297 }, (_, at) =>
  defineAsset({ name: `small_${at}`, partitions: { date: daily({ since: '2023-10-01' }) }, output, run }),
)
const all = definitions({ assets: [hours, read, cells, ...small], resources: {}, io: provide(memoryIo) })

const statusOf = (ordinal: number) => (ordinal % 50 === 0 ? 2 : ordinal % 3 === 0 ? 0 : 1)
/** `hours` and what reads it are made of the same ordinals, one after the other. */
const tried = Array.from({ length: count }, (_, at) => statusOf(at)).filter((status) => status !== 0).length
const sourceOf = (partition: number) => partition - tried

function fill(file: string): void {
  const connection = openSqlite(file, 'writer')
  connection.exec('begin')
  const ask = JSON.stringify({ assets: ['hours'], filter: { keys: {} }, mode: 'all', now, reason: 'bench' })
  connection.exec(`insert into run (id, uid, ask, status, created_at, finished_at, counts)
    values (1, 'run1', '${ask}', 'succeeded', 0, 1, '{}')`)
  let partition = 0
  const assets = [cells, hours, read, ...small]
  for (const [at, asset] of assets.entries()) {
    void connection.run('insert into asset (id, name) values (?, ?)', at + 1, asset.name)
    const space = spaceOf(asset.partitions, { now: new Date(now) })
    for (let ordinal = 0; ordinal < space.size; ordinal++) {
      const status = statusOf(ordinal)
      if (status === 0) continue
      partition += 1
      const insert = 'insert into partition (id, asset_id, key, status, materialization_id) values (?, ?, ?, ?, ?)'
      const key = keyAt(space, ordinal)
      void connection.run(insert, partition, at + 1, key, status, status === 1 ? partition : null)
      const event = 'insert into event (at, run_id, partition_id, type, payload, took_ms) values (?, 1, ?, ?, ?, 25)'
      void connection.run(event, now - 1_000, partition, status === 1 ? 0 : 4, '{"rows":2,"bytes":100}')
      if (status !== 1) continue
      void connection.run(
        `insert into materialization (id, uid, partition_id, run_id, status, at, path, rows, bytes, version, code_version,
         inputs, sources, checks, metadata) values (?, ?, ?, 1, 1, ?, ?, 2, 100, ?, '1', ?, ?, ?, '{}')`,
        ...[partition, `m${partition}`, partition, now, `${asset.name}/${key}/m${partition}.parquet`, `v${partition}`],
        ...(asset === read
          ? [JSON.stringify({ hours: `v${sourceOf(partition)}` }), `{"hours":[${sourceOf(partition)}]}`]
          : ['{}', '{}']),
        '[{"name":"n is small","passed":true,"blocking":true,"severity":"error","why":null}]',
      )
    }
  }
  connection.exec('commit')
  connection.close()
}

const call = { signal: new AbortController().signal, caller: 'bench' }
type Name = keyof typeof handlers

async function measure(engine: Engine, name: Name, asked: object, text: string, most = 150): Promise<void> {
  const served = { engine, lake: {}, about: {} } as unknown as Served
  const handler = handlers[name] as unknown as (on: Served, asked: object, call: object) => Promise<object>
  const cold = await timed(() => handler(served, asked, call))
  const times: number[] = []
  let bytes = 0
  for (let round = 0; round < 20; round++) {
    // Something happened, so that nothing that was remembered holds any more.
    if (round % 2 === 0) await engine.store.log('run1', 'small_1', 'date=2023-10-02' as never, [], now)
    times.push(await timed(async () => (bytes = JSON.stringify(await handler(served, asked, call)).length)))
  }
  times.sort((a, b) => a - b)
  const [p50, p95] = [times[9]!, times[18]!]
  const said = `${text}: p50 ${p50.toFixed(1)}, first ${cold.toFixed(0)} ms, ${Math.round(bytes / 1_000)} kB; p95`
  report({ name: said, value: p95, unit: 'ms', reference: null, ratio: null, goal: `< ${most}`, ok: p95 < most })
}

await inTemporaryFolder(async (folder) => {
  const file = join(folder, 'store.sqlite')
  await sqliteStore(file).close()
  fill(file)
  const store = sqliteStore(file)
  const engine = await openEngine({ definitions: all, store, concurrency: 1, clock: () => now, works: false })
  const grid = { width: 600, height: 40 }
  await measure(engine, 'grid', { asset: 'hours', ...grid }, 'grid of 1,000,000 hours')
  await measure(engine, 'grid', { asset: 'cells', ...grid }, 'grid of 1,000 days × 1,000 markets')
  await measure(engine, 'grid', { asset: 'hours', ...grid, from: 990_000, to: 990_600 }, 'grid, zoomed')
  await measure(engine, 'grid', { asset: 'small_1', ...grid }, 'grid of 100 days')
  await measure(engine, 'partitions', { asset: 'hours', limit: 100 }, 'partitions, the newest 100')
  await measure(engine, 'partitions', { asset: 'hours', limit: 100, status: 'failed' }, 'partitions that failed')
  const last = { asset: 'hours', limit: 100, status: 'stale' }
  await measure(engine, 'partitions', last, 'partitions of a status that none has')
  const key = keyAt(spaceOf(hours.partitions, { now: new Date(now) }), 999_998)
  await measure(engine, 'partition', { asset: 'hours', key }, 'one partition')
  await measure(engine, 'asset', { asset: 'hours' }, 'asset')
  await measure(engine, 'assets', { limit: 500 }, '300 assets')
  await measure(engine, 'materializations', { asset: 'hours', limit: 50 }, 'versions')
  await measure(engine, 'materializations', { asset: 'small_1', limit: 50 }, 'versions of a small asset')
  await measure(engine, 'materializations', { asset: 'cells', limit: 50 }, 'versions of what was made long ago')
  await measure(engine, 'assetEvents', { asset: 'hours', limit: 100 }, 'events')
  await measure(engine, 'assetEvents', { asset: 'cells', limit: 100 }, 'events of what was made long ago')
  await measure(engine, 'assetEvents', { asset: 'small_1', limit: 100 }, 'events of a small asset')
  await measure(engine, 'checks', { asset: 'hours' }, 'checks')
  await measure(engine, 'staleness', { asset: 'hours' }, 'staleness')
  await measure(engine, 'lineage', { asset: 'read', key, direction: 'up', depth: 5 }, 'lineage up')
  await measure(engine, 'lineage', { asset: 'hours', key, direction: 'down', depth: 5 }, 'lineage down')
  const plan = { selection: 'hours', partitions: 'all', follow: false, priority: 0, tags: {} }
  await measure(engine, 'plan', { ...plan, mode: 'missing' }, 'plan what is missing', 200)
  await measure(engine, 'plan', { ...plan, mode: 'all' }, 'plan all', 200)
  await measure(engine, 'plan', { ...plan, mode: 'missing', selection: 'hours+' }, 'plan two assets', 400)
  await measure(engine, 'staleness', { asset: 'read' }, 'staleness of what reads another')
  const days = '2023-12-01T00..2023-12-31T23'
  await measure(engine, 'plan', { ...plan, mode: 'needed', partitions: days }, 'plan a month, needed', 200)
  const both = { ...plan, selection: 'hours+', mode: 'needed', partitions: days }
  await measure(engine, 'plan', both, 'plan a month of two assets, needed', 200)
  await engine.close()
})
