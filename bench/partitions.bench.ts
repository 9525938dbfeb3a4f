import { join } from 'node:path'
import { z } from 'zod'
import { defineAsset, definitions, hourly, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'
import { rangesOf } from '../pipeline/plan/partition-set.ts'
import { countByStatus, statusBuckets, withStatus } from '../pipeline/plan/partition-status.ts'
import { keyAt, spaceOf } from '../pipeline/plan/space.ts'
import { readStatuses } from '../pipeline/run/read-statuses.ts'
import { openSqlite } from '../pipeline/store/sqlite-connection.ts'
import { inTemporaryFolder, median, report, timed } from './measure.ts'

/**
 * What grows with the number of partitions: reading their statuses from the store, counting them, the missing ones as
 * ranges, a strip of 1,000 buckets, and accepting a backfill of them. The reference is the same question asked of the
 * store in SQL, a row a partition.
 */
const now = Date.parse('2100-01-01')
const output = z.strictObject({ n: z.int() })

const assetOf = (count: number) => {
  const since = new Date(now - count * 3_600_000).toISOString().slice(0, 13)
  return defineAsset({ name: 'hours', partitions: { hour: hourly({ since }) }, output, run: () => [] })
}

/** Two of three are published, one in fifty failed; the rest was never tried. */
const statusOf = (ordinal: number) => (ordinal % 50 === 0 ? 2 : ordinal % 3 === 0 ? 0 : 1)

function fill(file: string, asset: ReturnType<typeof assetOf>): void {
  const connection = openSqlite(file, 'writer')
  const space = spaceOf(asset.partitions, { now: new Date(now) })
  connection.exec(`begin; insert into asset (id, name) values (1, 'hours')`)
  for (let ordinal = 0; ordinal < space.size; ordinal++) {
    const status = statusOf(ordinal)
    if (status === 0) continue
    const sql = 'insert into partition (asset_id, key, status, materialization_id) values (1, ?, ?, ?)'
    void connection.run(sql, keyAt(space, ordinal), status, status === 1 ? ordinal : null)
    void connection.run('insert into event (at, run_id, partition_id, type) values (0, 1, last_insert_rowid(), 0)')
  }
  connection.exec('commit')
  connection.close()
}

async function best(rounds: number, work: () => unknown): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await timed(work))
  return median(times)
}

async function measure(folder: string, count: number): Promise<void> {
  const file = join(folder, `${count}.sqlite`)
  const asset = assetOf(count)
  fill(file, asset)
  const store = sqliteStore(file)
  const space = spaceOf(asset.partitions, { now: new Date(now) })
  // The first reader pays for the block, once.
  const first = await timed(() => readStatuses(store, asset, space, true))
  const bytes = await readStatuses(store, asset, space, false)
  const read = await best(5, () => readStatuses(store, asset, space, false))
  const counted = await best(9, () => countByStatus(bytes))
  const ranges = await best(9, () => rangesOf(withStatus(space, bytes, ['missing'])))
  const buckets = await best(9, () => statusBuckets(bytes, 1_000))
  const bySql = await best(3, () => store.statusChanges('hours', 0))
  const found = countByStatus(bytes)
  const expected = Array.from({ length: count }, (_, ordinal) => statusOf(ordinal)).filter((one) => one === 1).length
  if (found.published !== expected) throw new Error(`expected ${expected} published, got ${found.published}`)

  const accepted = await accept(store, asset)
  const size = count.toLocaleString('en-US')
  const row = (name: string, value: number, most: number | null, reference: number | null = null) =>
    report({
      ...{ name: `${size} partitions: ${name}`, value, unit: 'ms', reference },
      ratio: reference === null ? null : value / reference,
      goal: most === null ? '-' : `< ${most}`,
      ok: most === null ? null : value < most,
    })
  row('statuses, first reader', first, null)
  row('statuses, from the block', read, null, bySql)
  row('count by status', counted, 5, bySql)
  row('missing as ranges', ranges, 20)
  row('1,000 buckets', buckets, 10)
  row('accept a backfill', accepted, 500)
}

/** From the call to a run that is written down and under way. */
async function accept(store: ReturnType<typeof sqliteStore>, asset: ReturnType<typeof assetOf>): Promise<number> {
  const all = definitions({ assets: [asset], resources: {}, io: provide(memoryIo) })
  const engine = await openEngine({ definitions: all, store, concurrency: 1, clock: () => now })
  const ask = { assets: ['hours'], filter: { keys: {} }, mode: 'missing', now, reason: 'bench' } as const
  let started: Awaited<ReturnType<typeof engine.start>>
  const ms = await timed(async () => {
    started = await engine.start(ask)
  })
  await engine.cancel(started!.id)
  await started!.result
  await engine.close()
  return ms
}

await inTemporaryFolder(async (folder) => {
  for (const count of [1_000, 10_000, 100_000, 1_000_000]) await measure(folder, count)
})
