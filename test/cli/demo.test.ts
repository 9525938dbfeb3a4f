import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { expect, test } from 'vitest'
import { bullion, temporaryFolder } from './run-bullion.ts'

const small = ['--market', 'BTC-USDT', '--market', 'ETH-USDT', '--days', '3', '--interval', '15m']

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

test('the demo makes, checks and publishes; a second one writes nothing; every command then has something to say', async () => {
  const home = join(temporaryFolder(), 'home')

  const first = await bullion(['demo', ...small, '--json', '--home', home])
  expect(first.err).toBe('')
  expect(first.code).toBe(0)
  const summary = JSON.parse(first.out)
  expect(summary.isPublished).toBe(true)
  const rows = Object.fromEntries(
    summary.assets.map((asset: { asset: string; rows: number }) => [asset.asset, asset.rows]),
  )
  // 2 markets × 3 days × 96 quarter hours; resampled to 24 hours, 6 four-hours and 1 day.
  expect(rows.bronze_binance_ohlcv).toBe(576)
  expect(rows.silver_ohlcv_normalized).toBe(576)
  expect(rows.silver_ohlcv_resampled).toBe(186)
  expect(rows.gold_huggingface_ohlcv).toBe(576 + 186)

  const lake = filesIn(join(home, 'lake'))
  const published = filesIn(join(home, 'published'))
  const second = await bullion(['demo', ...small, '--json', '--home', home])
  expect(JSON.parse(second.out).counts.planned).toEqual({})
  expect(filesIn(join(home, 'lake'))).toEqual(lake)
  expect(filesIn(join(home, 'published'))).toEqual(published)

  const assets = JSON.parse((await bullion(['assets', '--json', '--home', home])).out)
  expect(assets.map((asset: { published: number }) => asset.published)).toEqual([6, 6, 6, expect.any(Number), 1])
  const graph = await bullion(['graph', '--home', home])
  expect(graph.out).toContain('silver_ohlcv_normalized')
  const partitions = JSON.parse(
    (await bullion(['partitions', 'silver_ohlcv_normalized', '--status', 'fresh', '--json', '--home', home])).out,
  )
  expect(partitions).toHaveLength(6)
  const runs = JSON.parse((await bullion(['runs', '--json', '--home', home])).out)
  expect(runs.map((run: { status: string }) => run.status)).toEqual(['succeeded', 'succeeded'])
  const run = await bullion(['runs', 'show', runs[1].run, '--home', home])
  expect(run.out).toContain('succeeded')
  const publish = await bullion(['publish', '--home', home])
  expect(publish.out).toContain('nothing had changed, nothing was sent')
  const doctor = await bullion(['doctor', '--home', home])
  expect(doctor.code).toBe(0)
})

test('the published folder opens in plain DuckDB and in hyparquet', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--home', home])
  const data = join(home, 'published/data/15m/sandbox-binance')

  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const plain = await connection.runAndReadAll('select count(*)::int as n from read_parquet($1)', [`${data}/*.parquet`])
  expect(plain.getRowObjects()).toEqual([{ n: 576 }])
  connection.closeSync()
  let rows = 0
  for (const file of readdirSync(data)) {
    rows += (await parquetReadObjects({ file: await asyncBufferFromFile(join(data, file)), compressors })).length
  }
  expect(rows).toBe(576)
})

test('a query prints a table, JSON, CSV or parquet, and refuses what is no question', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--home', home])
  const query = (text: string, ...more: string[]) => bullion(['query', text, '--home', home, ...more])

  const count = 'select market, count(*) as n from silver_ohlcv_normalized group by market order by market'
  expect((await query(count)).out).toMatch(/market +n\nBTC-USDT +288\nETH-USDT +288\n2 rows/)
  expect(JSON.parse((await query(count, '--format', 'json')).out)).toEqual([
    { market: 'BTC-USDT', n: 288 },
    { market: 'ETH-USDT', n: 288 },
  ])
  expect((await query(count, '--format', 'csv')).out).toBe('market,n\nBTC-USDT,288\nETH-USDT,288\n')
  const file = join(home, 'answer.parquet')
  expect((await query(count, '--format', 'parquet', '--output', file)).code).toBe(0)
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })).toHaveLength(2)
  const catalogue = await query(
    "select sum(rows)::int as rows from bullion_materializations where asset = 'bronze_binance_ohlcv'",
    '--format',
    'csv',
  )
  expect(catalogue.out).toBe('rows\n576\n')

  const refused: readonly (readonly [string, RegExp])[] = [
    ['drop view silver_ohlcv_normalized', /expected a SELECT, got DROP/],
    [`copy (select 1) to '${home}/x.csv'`, /outside the lake/],
    ["select * from read_text('/etc/passwd')", /outside the lake/],
    ['select 1; select 2', /expected one SELECT, got 2/],
    ['selct 1', /syntax error/i],
    ['select * from silver_ohlcv_normalised', /silver_ohlcv_normalised/],
  ]
  for (const [text, message] of refused) {
    const answer = await query(text)
    expect(answer.err, text).toMatch(message)
    expect(answer.code, text).toBe(2)
  }
  expect(existsSync(join(home, 'x.csv'))).toBe(false)
})

test('bad input gets a sentence, exit code 2, and leaves no trace', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--from', '2026-01-31', '--to', '2026-01-31', '--home', home])
  const before = filesIn(join(home, 'lake'))
  const cases: readonly (readonly [readonly string[], RegExp, Readonly<Record<string, string>>?])[] = [
    [['materialize', 'silver_ohlcv_normalised', '--all'], /did you mean "silver_ohlcv_normalized"\?/],
    [['materialize', 'bronze_binance_ohlcv'], /is partitioned; say which partitions/],
    [['materialize', 'bronze_binance_ohlcv', '--partition', '2024-02-31'], /expected a UTC day/],
    [['materialize', 'bronze_binance_ohlcv', '--partition', '2999-01-01'], /does not exist yet/],
    [['materialize', 'bronze_binance_ohlcv', '--partition', 'venue=x'], /has no dimension "venue"/],
    [['backfill', 'bronze_binance_ohlcv', '--from', '2026-02-02', '--to', '2026-02-01'], /starts after it ends/],
    [
      ['backfill', '+gold_huggingface_ohlcv', '--from', '2026-02-01', '--to', '2026-02-02', '--market', 'BTC-USDTT'],
      /did you mean "BTC-USDT"\?/,
    ],
    [['materialize', ' ', '--all'], /expected a name, an attribute/],
    [['runs', 'show', 'nosuchrun'], /no run has the id/],
    [['cancel', 'nosuchrun'], /no run has the id/],
    [['partitions', 'silver_ohlcv_normalized', '--status', 'stail'], /no status is called/],
    [['demo', '--market', 'DOGE-USDTX'], /has no market/],
    [['demo', '--market', 'btcusdt'], /market/],
    [['demo', '--interval', '7m'], /no interval is called "7m"/],
    [['demo', '--live', 'binanse'], /did you mean "binance"\?/],
    [['demo', '--from', '2026-02-02', '--to', '2026-02-01'], /starts after it ends/],
    [['demo', '--interval', '1h'], /holds 15m candles, not 1h/],
    [['asets'], /Did you mean assets\?/],
    [['assets'], /did you mean "BULLION_HOME"\?/, { BULLION_HOM: 'x' }],
    [['assets'], /"BULLION_CONCURRENCY" is not valid/, { BULLION_CONCURRENCY: 'many' }],
  ]
  for (const [args, message, environment] of cases) {
    const answer = await bullion([...args, '--home', home], environment)
    expect(answer.err, args.join(' ')).toMatch(message)
    expect(answer.code, args.join(' ')).toBe(2)
  }
  expect(filesIn(join(home, 'lake'))).toEqual(before)
})

test('a home of the sandbox refuses live data and a live home refuses the sandbox', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--home', home])
  const settings = JSON.parse(readFileSync(join(home, 'home.json'), 'utf8'))
  writeFileSync(join(home, 'home.json'), JSON.stringify({ ...settings, kind: 'live', source: { type: 'exchange' } }))

  const answer = await bullion(['demo', ...small, '--home', home])

  expect(answer.code).toBe(2)
  expect(answer.err).toMatch(/holds live data, and sandbox data is refused there/)
})

test('a damaged file is found by the doctor, named by a query, and made again', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--home', home])
  const victim = filesIn(join(home, 'lake', 'silver_ohlcv_normalized'))[0]!
  truncateSync(victim, statSync(victim).size - 20)

  const doctor = await bullion(['doctor', '--home', home])
  expect(doctor.code).toBe(1)
  expect(doctor.out).toContain('cut short')
  const query = await bullion(['query', 'select sum(volume) from silver_ohlcv_normalized', '--home', home])
  expect(query.code).toBe(1)
  expect(query.err).toContain(victim)

  const again = await bullion(['materialize', 'silver_ohlcv_normalized', '--all', '--home', home])
  expect(again.err).toBe('')
  expect((await bullion(['doctor', '--home', home])).code).toBe(0)
})

test('the catalogue is read back from the files when the store is lost', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', ...small, '--home', home])
  const question = [
    'query',
    'select count(*)::int as n, sum(volume::decimal(18, 6)) as v from silver_ohlcv_normalized',
    '--format',
    'csv',
    '--home',
    home,
  ]
  const before = (await bullion(question)).out
  for (const file of readdirSync(home).filter((name) => name.startsWith('store.sqlite')))
    truncateSync(join(home, file), 0)

  const reindex = await bullion(['lake', 'reindex', '--json', '--home', home])

  expect(JSON.parse(reindex.out).unreadable).toEqual([])
  expect((await bullion(question)).out).toBe(before)
})

test('a folder that can not be written is refused with a sentence', async () => {
  const answer = await bullion(['demo', ...small, '--home', '/dev/null/home'])

  expect(answer.code).toBe(1)
  expect(answer.err).toMatch(/a part of the path is a file; choose another folder/)
})
