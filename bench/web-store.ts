import { DatabaseSync } from 'node:sqlite'
import type { AnyAsset, Definitions } from '#pipeline'
import { countAt, everyPartition, partitionsIn, sqliteStore } from '#pipeline'
import { newId } from '../pipeline/run/identity.ts'
import { eventNumber, statusNumber } from '../pipeline/store/rows.ts'

/** Partitions of a run, and of one of the widest asset. */
const usualSteps = 5
const bigSteps = 100_000
const dayMs = 86_400_000

/**
 * Fills a store as months of work would have: every partition up to yesterday published by a run, one in some thousand
 * failed, the last days of some assets missing. Returns what is in it.
 */
export async function fillWebStore(file: string, definitions: Definitions, now: number) {
  const store = sqliteStore(file)
  await store.now()
  await store.close()
  const db = new DatabaseSync(file)
  db.exec('begin')
  const insert = {
    asset: db.prepare('insert into asset (id, name) values (?, ?)'),
    run: db.prepare(
      `insert into run (id, uid, ask, status, created_at, finished_at, counts, admitted_at, started_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    end: db.prepare('insert into run_end (run_id) values (?)'),
    partition: db.prepare(
      'insert into partition (id, asset_id, key, status, materialization_id, run_id, error) values (?, ?, ?, ?, ?, ?, ?)',
    ),
    made: db.prepare(
      `insert into materialization (id, uid, partition_id, run_id, status, at, path, rows, bytes, version, code_version,
         inputs, checks, metadata) values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, '[]', ?)`,
    ),
    event: db.prepare(
      `insert into event (at, run_id, partition_id, type, payload, took_ms, maker, attempt) values (?, ?, ?, ?, ?, ?, ?, 1)`,
    ),
  }
  for (let id = 1; id <= 4; id++)
    db.prepare('insert into maker (id, name) values (?, ?)').run(id, `worker-${id} 40${id}`)

  let partitions = 0
  let runs = 0
  const begin = now - 200 * dayMs
  const assets = [...definitions.assets.values()]
  const expected = assets.reduce((sum, asset) => sum + countAt(asset.partitions, new Date(now), {}), 0)
  const atOf = (): number => begin + (partitions / expected) * (now - begin - dayMs / 24)

  const addRun = (asset: string, keys: readonly string[], status: string, failed: number): number => {
    runs++
    const at = Math.round(atOf())
    const ask = {
      assets: [asset],
      filter: { keys: {} },
      mode: 'needed',
      now: at,
      reason: `backfill ${asset}`,
      tags: {},
    }
    const made = keys.length - failed
    const by = (count: number) => (count > 0 ? { [asset]: count } : {})
    const counts = {
      ...{ planned: by(keys.length), published: by(made), unchanged: {}, skipped: {}, rejected: {} },
      ...{ failed: by(failed), blocked: {}, canceled: {} },
    }
    const tookMs = keys.length * 4
    insert.run.run(runs, newId(at), JSON.stringify(ask), status, at, at + tookMs, JSON.stringify(counts), at, at)
    insert.end.run(runs)
    return at
  }
  const addPartition = (assetId: number, { name, deps }: AnyAsset, key: string, at: number, isFailed: boolean) => {
    const id = ++partitions
    const type = isFailed ? eventNumber.failed : eventNumber.published
    insert.partition.run(
      ...[id, assetId, key, isFailed ? statusNumber.failed : statusNumber.published, isFailed ? null : id, runs],
      isFailed ? `ExchangeError: no answer for ${key}` : null,
    )
    if (!isFailed) {
      const metadata = JSON.stringify({ candles: 1_440, gaps: id % 7 })
      const path = `${name}/${key}/${id}.parquet`
      // What all read of a day has that day's version, so that everything is fresh.
      const inputs = JSON.stringify(Object.fromEntries(Object.keys(deps).map((input) => [input, key])))
      insert.made.run(id, `m${id}`, id, runs, at, path, 1_440, 48_000 + (id % 900), key, '1', inputs, metadata)
    }
    const payload = isFailed
      ? { error: `ExchangeError: no answer for ${key}`, attempt: 1, retryAt: null }
      : { materialization: `m${id}`, rows: 1_440, bytes: 48_000 }
    insert.event.run(at, runs, id, type, JSON.stringify(payload), 20 + (id % 180), 1 + (id % 4))
  }

  for (const [index, asset] of assets.entries()) {
    insert.asset.run(index + 1, asset.name)
    const late = index % 9 === 4 ? 3 : 0
    const existing = partitionsIn(asset, everyPartition, new Date(now))
    const keys = existing.slice(0, existing.length - late)
    const size = asset.name === 'bronze_wide' ? bigSteps : usualSteps
    // The widest is last, its last run the big one.
    for (let from = 0; from < keys.length; from += size) {
      const part = keys.slice(from, from + size)
      const isFailed = (from / size) % 400 === 399 || (index % 60 === 7 && from + size >= keys.length)
      const at = addRun(asset.name, part, isFailed ? 'failed' : 'succeeded', isFailed ? 1 : 0)
      for (const [place, key] of part.entries()) {
        addPartition(index + 1, asset, key, at + place * 4, isFailed && place === part.length - 1)
      }
    }
  }
  db.exec('commit')
  db.exec('analyze')
  const [{ uid }] = db.prepare(`select uid from run where counts like '%:${bigSteps}}%' order by id desc`).all() as [
    { uid: string },
  ]
  db.close()
  return { assets: assets.length, partitions, runs, bigRun: uid }
}
