import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PostgresServer } from '../servers/postgres.ts'
import { postgresServer } from '../servers/postgres.ts'
import type { RedisServer } from '../servers/redis.ts'
import { redisServer } from '../servers/redis.ts'
import { startOwnProject } from './own-project.ts'
import { bullion, ended, root, startBullion, temporaryFolder } from './run-bullion.ts'
import { until, watched } from './watched.ts'

let postgres: PostgresServer
let redis: RedisServer

beforeAll(async () => {
  postgres = await postgresServer()
  redis = await redisServer()
})
afterAll(async () => {
  await redis?.close()
  await postgres?.close()
})

const lakeModule = pathToFileURL(join(root, 'resources/lake/open-lake.ts')).href

/** Steps that say who makes them, and wait for a word. */
const source = (folder: string) => `
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { lake } from '${lakeModule}'

const makers = defineAsset({
  name: 'makers', partitions: { part: keyed(['a', 'b', 'c', 'd']) }, output: z.strictObject({ pid: z.int() }),
  async run({ signal }) {
    writeFileSync(${JSON.stringify(join(folder, 'makers'))} + '/' + process.pid, '')
    while (!existsSync(${JSON.stringify(join(folder, 'go'))})) await sleep(20, undefined, { signal })
    return [{ pid: process.pid }]
  },
})
export default definitions({
  assets: [makers], resources: {}, io: lake({ url: ${JSON.stringify(join(folder, 'lake'))} }), pools: { exchange: 2 },
})
`

/** A project whose processes share a database and, if it has one, a queue. */
async function project({ hasQueue = true, ...more }: Readonly<Record<string, unknown>> = {}) {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'makers'))
  const environment = {
    ...(hasQueue === true && {
      BULLION_STORE: await postgres.createDatabase(),
      BULLION_QUEUE: `${redis.url}/${++queues}`,
    }),
    ...(more as Record<string, string>),
  }
  const start = startOwnProject(['defineAsset', 'definitions', 'keyed'], source(folder), environment)
  return {
    start: (...args: readonly string[]) => watched(start(...args)),
    run: (...args: readonly string[]) => ended(start(...args)),
    makers: () => readdirSync(join(folder, 'makers')).map(Number),
    go: () => writeFileSync(join(folder, 'go'), ''),
  }
}
let queues = 0

const ready = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}

test('workers make what a command leads, tell how they are, and are listed', async () => {
  const { start, run, makers, go } = await project({ BULLION_HEALTH_PORT: '0' })
  const workers = [start('worker', '--concurrency', '1'), start('worker', '--concurrency', '1', '--pools', 'default')]
  const urls = await Promise.all(workers.map(async (one) => (await one.hears(/health at (http:\S+)/))[1]!))
  const led = start('materialize', 'makers', '--all', '--json')
  await until('both workers to make something', () => makers().length === 2)

  const listed = JSON.parse((await run('workers', '--json')).out)
  const table = (await run('workers')).out
  go()
  const { code, out, err } = await led.end

  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out).counts.published).toEqual({ makers: 4 })
  expect(makers().sort()).toEqual(workers.map(({ pid }) => pid).sort())
  const made = await run('query', 'select distinct pid from makers order by pid', '--format', 'csv')
  expect(made.out.trim().split('\n').slice(1).map(Number).sort()).toEqual(makers().sort())
  const seen = listed.map(({ pid, role, pools, concurrency, leads }: Record<string, unknown[]>) => {
    return { pid, role, pools, concurrency, leads: leads!.length }
  })
  expect(seen).toHaveLength(3)
  expect(seen).toContainEqual({
    pid: workers[0]!.pid,
    role: 'worker',
    pools: ['', 'exchange'],
    concurrency: 1,
    leads: 0,
  })
  expect(seen).toContainEqual({ pid: workers[1]!.pid, role: 'worker', pools: [''], concurrency: 1, leads: 0 })
  expect(seen).toContainEqual({ pid: led.pid, role: 'command', pools: [], concurrency: 0, leads: 1 })
  for (const line of [/worker .+ 1 of each pool /, /worker .+ 1 of default /, /command .+ 1 run +nothing /])
    expect(table).toMatch(line)
  expect(table).toContain('\n\n2 partitions being made: makers 2\n')

  expect((await ready(urls[0]!)).status).toBe(200)
  await redis.stop()
  const away = await ready(urls[0]!)
  expect(away.status).toBe(503)
  expect(away.text).not.toContain('127.0.0.1')
  expect((await ready(urls[0]!.replace('/ready', '/health'))).status).toBe(200)
  await redis.start()
  await until('a worker to be ready again', async () => (await ready(urls[0]!)).status === 200)
})

test('a worker that is told to stop hands back what it makes, and nothing has failed', async () => {
  const { start, run, makers, go } = await project({ BULLION_GRACE: '0' })
  const first = start('worker')
  await first.hears(/takes steps of default, exchange/)
  const led = start('materialize', 'makers', '--all', '--json')
  await until('a step to be made', () => makers().includes(first.pid))
  const second = start('worker')
  await second.hears(/takes steps/)

  const stopped = await first.stop()
  await until('the other worker to take it over', () => makers().includes(second.pid))
  go()

  expect([stopped.code, stopped.err]).toEqual([143, ''])
  expect(stopped.out).toMatch(/stopping/)
  const { code, out } = await led.end
  expect([code, JSON.parse(out).status]).toEqual([0, 'succeeded'])
  const [{ run: id }] = JSON.parse((await run('runs', '--json')).out)
  expect(JSON.parse((await run('runs', 'show', id, '--json')).out).events).toEqual([])
  expect(JSON.parse((await run('workers', '--json')).out).map(({ pid }: { pid: number }) => pid)).toEqual([second.pid])
})

test('a command whose steps nobody takes says so', async () => {
  const { start } = await project()
  const led = start('materialize', 'makers', '--all')

  await led.hears(/no worker takes steps from the queue at this moment; start some with: bullion worker/)

  const { code, err } = await led.stop()
  expect([code, err]).toEqual([
    143,
    expect.stringMatching(/run \w+ is left as it is: .+ to end it: bullion cancel \w+\n$/),
  ])
})

test('a daemon waits until the deployment is begun', async () => {
  const folder = temporaryFolder()
  const environment = { BULLION_STORE: await postgres.createDatabase(), BULLION_LAKE: join(folder, 'lake') }
  const daemon = watched(startBullion(['daemon', '--home', join(folder, 'daemon')], environment))
  await daemon.hears(/nothing has been begun in this store yet/)
  const other = watched(startBullion(['daemon', '--home', join(folder, 'other')], environment))
  await other.hears(/nothing has been begun/)

  const early = await other.stop()
  const demo = ['demo', '--days', '1', '--market', 'BTC-USDT', '--json', '--home', join(folder, 'demo')]
  const begun = await bullion(demo, environment)
  await daemon.hears(/staying up[\s\S]*ohlcv_daily_publish/)

  expect([begun.code, begun.err]).toEqual([0, ''])
  expect(early.code).toBe(143)
  expect((await daemon.stop()).code).toBe(143)
})

test('what a stopped process left is taken up with its progress shown', async () => {
  const { start, makers, go } = await project({ hasQueue: false })
  const killed = start('materialize', 'makers', '--all')
  await until('a step to be made', () => makers().length === 1)
  await killed.stop('SIGKILL')

  const up = start('up')
  await up.hears(/going on with run \w+ \(materialize makers\)/)
  go()
  await up.hears(/\] makers 4\/4\n[\s\S]*staying up/)

  expect((await up.stop()).code).toBe(143)
})

test.each([
  ['a queue without a store', 'worker', { BULLION_QUEUE: 'redis://:s3cret@127.0.0.1' }, /set "BULLION_STORE"/],
  ['no queue', 'worker', {}, /set "BULLION_QUEUE"/],
  ['a store of another kind', 'daemon', { BULLION_STORE: 'mysql://a:s3cret@b/c' }, /"BULLION_STORE" is not valid/],
  ['a password that breaks its URL', 'daemon', { BULLION_STORE: 'postgres://a:s3/cret@b/c' }, /write "@" as %40/],
  ['a lease of no time', 'daemon', { BULLION_LEASE: '0' }, /"BULLION_LEASE" is not valid/],
  ['a variable that there is not', 'daemon', { BULLION_GRASE: '5' }, /did you mean "BULLION_GRACE"/],
])('%s is refused in a sentence', async (_, command, environment, says) => {
  const { code, out, err } = await bullion([command, '--home', join(temporaryFolder(), 'home')], environment)

  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(says)
  expect(err).not.toMatch(/s3\/?cret/)
})

test('a pool that there is not, a queue that is away and a port that is taken end a worker', async () => {
  const { run } = await project()
  const pool = await run('worker', '--pools', 'exchagne')
  expect(pool).toMatchObject({ code: 2, err: 'error: no pool is called "exchagne"; did you mean "exchange"?\n' })

  const away = await project({ BULLION_QUEUE: 'redis://:s3cret@127.0.0.1:1' })
  const queue = await away.run('worker')
  expect([queue.code, queue.err]).toEqual([
    2,
    expect.stringMatching(/queue at redis:\/\/127\.0\.0\.1:1 can not be reached/),
  ])
  expect(queue.out + queue.err).not.toContain('s3cret')

  const nowhere = await project({ BULLION_STORE: 'postgres://a:s3cret@127.0.0.1:1/c' })
  const store = await nowhere.run('worker')
  expect([store.code, store.err]).toEqual([1, expect.stringMatching(/"BULLION_STORE" can not be reached/)])
  expect(store.out + store.err).not.toContain('s3cret')

  const busy = await project({ BULLION_HEALTH_PORT: new URL(redis.url).port })
  for (const command of ['worker', 'daemon']) {
    expect(await busy.run(command)).toMatchObject({ code: 1, err: expect.stringMatching(/EADDRINUSE/) })
  }
})
