import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bullion, ended, startBullion, temporaryFolder } from './run-bullion.ts'

const demo = ['demo', '--days', '12', '--market', 'BTC-USDT', '--market', 'ETH-USDT', '--market', 'SOL-USDT', '--json']
const kills = 10

interface Version {
  readonly asset: string
  readonly key: string
  readonly rows: number
  readonly version: string
}

/** What the store points at, without what differs from run to run by nature: when, and by whom. */
function catalogueOf(home: string): readonly Version[] {
  const store = new DatabaseSync(join(home, 'store.sqlite'), { readOnly: true })
  const rows = store
    .prepare(
      `select a.name as asset, p.key, m.rows,
         case when a.name in ('bronze_binance_ohlcv', 'gold_huggingface_release') then '' else m.version end as version
       from partition p join asset a on a.id = p.asset_id join materialization m on m.id = p.materialization_id order by 1, 2`,
    )
    .all() as unknown as Version[]
  store.close()
  return rows.map((row) => ({ ...row }))
}

function knownFiles(home: string): readonly string[] {
  const store = new DatabaseSync(join(home, 'store.sqlite'), { readOnly: true })
  const rows = store.prepare('select path from materialization order by path').all() as unknown as { path: string }[]
  store.close()
  return rows.map(({ path }) => path)
}

const lakeFiles = (home: string) =>
  readdirSync(join(home, 'lake'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(home, 'lake').length + 1))
    .sort()

const publishedRows = (home: string) =>
  (JSON.parse(readFileSync(join(home, 'published/spec.json'), 'utf8')).files as { path: string; rows: number }[]).map(
    ({ path, rows }) => `${path} ${rows}`,
  )

test('killed ten times at random moments and started again, the demo ends as one that was left alone', async () => {
  const folder = temporaryFolder()
  const [calm, killed] = [join(folder, 'calm'), join(folder, 'killed')]
  const startedAt = performance.now()
  expect((await bullion([...demo, '--home', calm])).code).toBe(0)
  const wholeMs = performance.now() - startedAt

  let died = 0
  for (let kill = 0; kill < kills; kill++) {
    const child = startBullion([...demo, '--home', killed])
    const end = ended(child)
    // Anywhere from before the store exists to nearly the whole of an undisturbed run.
    await Promise.race([sleep(100 + Math.random() * wholeMs * 0.6), end])
    if (child.kill('SIGKILL')) died += 1
    await end
  }
  const last = await bullion([...demo, '--home', killed])

  expect(last.err).toBe('')
  expect(last.code).toBe(0)
  expect(died).toBeGreaterThan(0)
  expect(catalogueOf(killed)).toEqual(catalogueOf(calm))
  // Every file of the lake is a version that the catalogue knows: nothing half-written is left behind.
  expect(lakeFiles(killed)).toEqual(knownFiles(killed))
  expect(publishedRows(killed)).toEqual(publishedRows(calm))
  const doubled = `select count(*)::int - count(distinct (market, open_time))::int as doubled from bronze_binance_ohlcv`
  expect((await bullion(['query', doubled, '--format', 'csv', '--home', killed])).out).toBe('doubled\n0\n')
  const runs = JSON.parse((await bullion(['runs', '--limit', '100', '--json', '--home', killed])).out) as {
    status: string
    stoppedBecause?: string
  }[]
  expect(runs[0]?.status).toBe('succeeded')
  // A run whose process dies again and again is given up, and the next one makes what is left.
  const others = runs.filter(({ status }) => status !== 'succeeded')
  for (const { status, stoppedBecause } of others)
    expect([status, stoppedBecause]).toEqual(['failed', 'its process died 4 times; it is not taken up again'])
}, 180_000)
