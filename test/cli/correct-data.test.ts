import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqliteStore } from '#pipeline'
import { bullion, temporaryFolder } from './run-bullion.ts'

const demo = ['demo', '--market', 'BTC-USDT', '--days', '2', '--interval', '15m', '--json']

test('data is wiped, made again, put back, read as it was, and followed to where it came from', async () => {
  const home = join(temporaryFolder(), 'home')
  const run = (...args: readonly string[]) => bullion([...args, '--home', home])
  const parsed = async (...args: readonly string[]) => JSON.parse((await run(...args, '--json')).out)
  await run(...demo)
  const [first] = await parsed('runs')
  const [{ partition }] = await parsed('partitions', 'bronze_binance_ohlcv', '--status', 'fresh')
  const countRows = async (...more: readonly string[]) =>
    (await run('query', 'select count(*)::int as n from bronze_binance_ohlcv', '--format', 'csv', ...more)).out

  const look = await run('wipe', 'bronze_binance_ohlcv', '--partition', partition)
  expect([look.code, look.err]).toEqual([2, expect.stringContaining('to do it, say --yes')])
  expect(look.out).toContain(`${partition}\n\n1 partition of bronze_binance_ohlcv would be missing`)
  expect(await countRows()).toBe('n\n192\n')
  const wiped = await run('wipe', 'bronze_binance_ohlcv', '--partition', partition, '--yes')
  expect([wiped.code, wiped.err]).toEqual([0, ''])
  expect(await countRows()).toBe('n\n96\n')
  expect(await countRows('--at', first.run)).toBe('n\n192\n')
  expect(await countRows('--at', '2020-01-01')).toBe('n\n0\n')
  const about = await run('query', 'select * from bullion_materializations', '--at', first.run)
  expect([about.code, about.err]).toEqual([2, expect.stringContaining('leave out --at')])

  await run('materialize', 'bronze_binance_ohlcv', '--partition', partition)
  const readers = async () => {
    const { edges } = await parsed('lineage', 'bronze_binance_ohlcv', partition, '--down', '--depth', '1')
    return edges[0].nodes.map((node: { asset: string; isStale: boolean }) => [node.asset, node.isStale])
  }
  expect(await readers()).toEqual([['silver_ohlcv_normalized', true]])
  const up = await run('lineage', 'silver_ohlcv_normalized', partition)
  expect(up.out).toMatch(/silver_ohlcv_normalized .+ run /)
  expect(up.out).toMatch(/└─ bronze_binance_ohlcv .+ {2}as candles .+ {2}not published any more\n {6}.*requests 1/)

  const dry = await run('rollback', 'bronze_binance_ohlcv', '--to', first.run, '--dry-run')
  expect(dry.out).toMatch(/1 would be put back/)
  const back = await run('rollback', 'bronze_binance_ohlcv', '--to', first.run)
  expect([back.code, back.err]).toEqual([0, ''])
  expect(back.out).toMatch(/1 put back/)
  expect(await readers()).toEqual([['silver_ohlcv_normalized', false]])
  const [newest] = await parsed('runs')
  rmSync(join(home, 'lake', 'bronze_binance_ohlcv', partition), { recursive: true })
  const damaged = await run('rollback', 'bronze_binance_ohlcv', '--to', newest.run)
  expect([damaged.code, damaged.out]).toEqual([1, expect.stringContaining('its file is not what it was: it is gone')])

  const store = sqliteStore(join(home, 'store.sqlite'))
  const versions = await store.history('bronze_binance_ohlcv', partition)
  await store.dropVersions(
    versions.map(({ number }) => number),
    0,
  )
  await store.close()
  const gone = await run('query', 'select * from bronze_binance_ohlcv', '--at', newest.run)
  expect([gone.code, gone.err]).toEqual([2, expect.stringContaining(`of partition "${partition}" of asset "bronze_`)])

  const retained = await run('lake', 'retain', '--dry-run')
  expect(retained.out).toBe('no file would be given up\nnothing was given up\n')
  expect((await run('lake', 'retain')).out).toMatch(/^no file was given up\n0 events and 0 ticks were forgotten\n$/)
}, 60_000)

test('what can not be meant is refused with a sentence', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion([...demo, '--home', home])
  // The home then begins on that day, and nothing is made of the next.
  await bullion([...demo, '--from', '2019-12-31', '--to', '2019-12-31', '--home', home])
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['rollback', 'bronze_binance_ohlcv', '--to', 'yesterday'], /expected an instant such as/],
    [['rollback', 'bronze_binance_ohlcv', '--to', '0mwqbx5w9435b408a5854'], /nothing that was chosen/],
    [['wipe', 'bronze_binance_ohlcv'], /is partitioned; say which partitions/],
    [['lineage', 'bronze_binance_ohlcv'], /is partitioned; say which partition/],
    [
      ['lineage', 'bronze_binance_ohlcv', '2020-01-01..2020-01-02'],
      /is 2 partitions of "bronze_binance_ohlcv"; name one/,
    ],
    [['lineage', 'bronze_binance_ohlcv', '2020-01-01'], /nothing is published of partition/],
    [['lineage', 'gold_huggingface_release', '--depth', 'x'], /expected --depth to be a whole number/],
    [['query', 'select * from bronze_binance_ohlcv', '--at', '0mwqbx5w9435b408a5854'], /no run has the id/],
  ]
  for (const [args, message] of cases) {
    const answer = await bullion([...args, '--home', home])
    expect([args.join(' '), answer.code, answer.err]).toEqual([args.join(' '), 2, expect.stringMatching(message)])
  }
}, 60_000)
