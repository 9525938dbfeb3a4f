import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { hubServer } from '../servers/hub.ts'
import { bullion, ended, startBullion, temporaryFolder } from './run-bullion.ts'

const demo = ['demo', '--days', '6', '--market', 'BTC-USDT', '--market', 'ETH-USDT', '--json']

test('two processes on one home share the work: each partition is made once, and both end well', async () => {
  const home = join(temporaryFolder(), 'home')
  await bullion(['demo', '--days', '1', '--market', 'BTC-USDT', '--market', 'ETH-USDT', '--json', '--home', home])

  const both = [startBullion([...demo, '--home', home]), startBullion([...demo, '--home', home])]
  const ends = await Promise.all(both.map(ended))

  expect(ends.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const versions = `select max(n)::int as most from (select count(*) as n from bullion_materializations where asset like '%ohlcv%' group by asset, partition)`
  expect((await bullion(['query', versions, '--format', 'csv', '--home', home])).out).toBe('most\n1\n')
  const rows = 'select count(*)::int as n from bronze_binance_ohlcv'
  expect((await bullion(['query', rows, '--format', 'csv', '--home', home])).out).toBe(`n\n${2 * 6 * 1440}\n`)
})

test('a run is canceled from another process within seconds, and what it published stays', async () => {
  const home = join(temporaryFolder(), 'home')
  const long = startBullion(['demo', '--days', '200', '--json', '--home', home])
  const end = ended(long)
  let run: { run: string; status: string } | undefined
  for (let tries = 0; tries < 100 && run?.status !== 'running'; tries++) {
    await sleep(100)
    const answer = await bullion(['runs', '--json', '--home', home])
    run = answer.code === 0 ? JSON.parse(answer.out)[0] : undefined
  }

  const canceled = await bullion(['cancel', run!.run, '--home', home])
  expect(canceled.code).toBe(0)
  const { code, out } = await end

  expect(code).toBe(1)
  expect(JSON.parse(out).status).toBe('canceled')
  expect((await bullion(['cancel', run!.run, '--home', home])).err).toMatch(/is over: it has canceled/)
}, 60_000)

test('up stays with its schedules until it is told to stop, and readers work beside it', async () => {
  const home = join(temporaryFolder(), 'home')
  const process = startBullion(['up', '--days', '1', '--market', 'BTC-USDT', '--home', home])
  let shown = ''
  process.stdout!.on('data', (text) => {
    shown += text
  })
  const end = ended(process)
  for (let tries = 0; tries < 200 && !shown.includes('ohlcv_daily_publish'); tries++) await sleep(100)

  expect(shown).toMatch(/staying up; the schedules run/)
  expect(
    (await bullion(['query', 'select count(*)::int as n from bronze_binance_ohlcv', '--format', 'csv', '--home', home]))
      .out,
  ).toBe('n\n1440\n')
  process.kill('SIGTERM')

  expect((await end).code).toBe(143)
})

test('with a repository and a token the release goes to the Hub, once', async () => {
  const hub = await hubServer({ token: 'hf_secret' })
  try {
    const home = join(temporaryFolder(), 'home')
    const environment = { BULLION_HF_REPO: 'acme/candles', BULLION_HF_TOKEN: 'hf_secret', BULLION_HF_URL: hub.url }
    const first = await bullion([...demo, '--home', home], environment)
    expect(first.err).toBe('')
    expect(first.code).toBe(0)
    expect(first.out).not.toContain('hf_secret')
    const commits = hub.commits('acme/candles').length
    const bytes = hub.requests.filter(({ method }) => method === 'PUT').length

    const again = await bullion(['publish', '--home', home], environment)

    expect(again.out).toContain('nothing was sent')
    expect(hub.commits('acme/candles')).toHaveLength(commits)
    expect(hub.requests.filter(({ method }) => method === 'PUT')).toHaveLength(bytes)
    expect(readFileSync(join(home, 'home.json'), 'utf8')).not.toContain('hf_secret')
  } finally {
    await hub.close()
  }
})
