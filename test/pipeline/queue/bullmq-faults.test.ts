/** What the queue promises when workers die, the server goes away or forgets, and messages are lost or come twice. */

import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { BullmqQueueOptions, PartitionKey, Queue, StepJob, StepReport } from '#pipeline'
import { bullmqQueue } from '#pipeline'
import { postgresServer } from '../../servers/postgres.ts'
import type { RedisServer } from '../../servers/redis.ts'
import { redisServer } from '../../servers/redis.ts'
import { tcpProxy } from '../../servers/tcp-proxy.ts'
import { eventually, job, workbench } from './conformance.ts'

let redis: RedisServer
let prefix: string
beforeAll(async () => {
  redis = await redisServer()
})
beforeEach(() => {
  prefix = `test-${randomUUID()}`
})
afterAll(() => redis?.close())

const names = ['works', 'hangs', 'a', 'b', 'c']

/** One process of a deployment. */
async function open(options: Partial<BullmqQueueOptions> = {}): Promise<Queue> {
  const queue = await bullmqQueue({
    ...{ url: redis.url, prefix, pools: {}, concurrency: 4, lockMs: 1_000, stalledMs: 1_000, checkMs: 300 },
    ...{ code: new Map(names.map((name) => [name, '1'])), graceMs: 0 },
    askOf: async () => ({ mode: 'needed', now: 0 }),
    ...options,
  })
  onTestFinished(() => queue.close())
  return queue
}

async function client(): Promise<Redis> {
  const own = new Redis(redis.url)
  onTestFinished(() => own.disconnect())
  return own
}

const keyed = (asset: string, count: number, of: Partial<StepJob> = {}): readonly StepJob[] =>
  Array.from({ length: count }, (_, index) => job({ asset, keys: [`${index}` as PartitionKey], ...of }))

/** All that a leader hears of a run. */
function hear(queue: Queue, run = 'run1') {
  const reports: (StepReport & { readonly job: StepJob })[] = []
  const ends = new Map<StepJob, number>()
  queue.follow(run, (about, report) => {
    if (report) reports.push({ ...report, job: about })
    else ends.set(about, (ends.get(about) ?? 0) + 1)
  })
  return {
    reports,
    ends,
    untilEnded: (count: number) => eventually(() => expect(ends.size).toBe(count)),
    /** How often jobs ended. */
    counts: () => [...new Set(ends.values())],
  }
}

const publish = async ({ keys }: StepJob, _: AbortSignal, report: (report: StepReport) => void): Promise<void> => {
  for (const key of keys) report({ key, outcome: 'published' })
}

test('a leader hears of what another process works on, and may stop it there by word of the store', async () => {
  const [leader, worker] = [await open(), await open()]
  const bench = workbench()
  const heard = hear(leader)
  worker.work(bench.handle)
  await leader.add([job({ asset: 'a' }), job({ asset: 'b' })])
  await bench.untilRunning(['a', 'b'])

  worker.abort('run1', new Error('canceled elsewhere'))
  expect(bench.isAborted('a')).toBe(true)
  await bench.finish('a', 'published')
  await bench.finish('b', 'published')

  await heard.untilEnded(2)
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['published', 'published'])
})

test('a step whose worker was killed is done by another process, and ends once', async () => {
  const leader = await open()
  const heard = hear(leader)
  const victim = await workerProcess()
  await leader.add(keyed('hangs', 1))
  await victim.until('begun', 1)
  victim.child.kill('SIGKILL')

  const worker = await open()
  worker.work(publish)

  await heard.untilEnded(1)
  expect(heard.counts()).toEqual([1])
  expect(heard.reports.map(({ outcome }) => outcome)).toContain('published')
}, 30_000)

test('two processes share the steps of a leader that works on none', async () => {
  const leader = await open()
  const heard = hear(leader)
  const workers = await Promise.all([workerProcess(), workerProcess()])

  await leader.add(keyed('works', 3_000))
  await heard.untilEnded(3_000)

  expect(heard.counts()).toEqual([1])
  const done = () => workers.map(({ said }) => said.filter(([what]) => what === 'ended').length)
  await eventually(() => expect(sum(done())).toBe(3_000))
  expect(Math.min(...done())).toBeGreaterThan(0)
}, 30_000)

for (const empty of [false, true]) {
  test(`every step ends once though Redis was killed under way and came back ${empty ? 'without' : 'with'} its data`, async () => {
    const pools = { binance: 3 }
    const [leader, worker] = [await open({ pools }), await open({ pools, concurrency: 10 })]
    const heard = hear(leader)
    worker.work(async (about, signal, report) => {
      await sleep(5)
      await publish(about, signal, report)
    })
    await leader.add([...keyed('a', 1_500), ...keyed('b', 500, { pool: 'binance' })])
    await eventually(() => expect(heard.ends.size).toBeGreaterThan(100))

    await redis.kill()
    const before = heard.ends.size
    await redis.start({ empty })

    await heard.untilEnded(2_000)
    expect(before).toBeLessThan(2_000)
    expect(heard.counts()).toEqual([1])
    const published = new Set(heard.reports.map(({ job: { asset }, key }) => `${asset} ${key}`))
    expect(published.size).toBe(2_000)
    const own = await client()
    expect(await own.hget(`{${prefix}}:pool-binance:meta`, 'concurrency')).toBe('3')
  }, 60_000)
}

test('steps that were done while nobody could be told still end', async () => {
  const [leader, worker] = [await open(), await open()]
  const heard = hear(leader)
  const bench = workbench()
  worker.work(bench.handle)
  await leader.add([job({ asset: 'a' })])
  await bench.untilRunning(['a'])
  const own = await client()
  // A leader that has read an event of the far future takes no notice of any that come now.
  await own.xadd(`{${prefix}}:steps:events`, '99999999999999-0', 'event', 'followed')
  await bench.finish('a', 'published')
  await heard.untilEnded(1)
  await own.del(`{${prefix}}:steps:events`)

  await leader.add([job({ asset: 'b' }), job({ asset: 'c' })])
  await bench.finish('b', 'published')
  await bench.finish('c', 'published')

  await heard.untilEnded(3)
  expect(heard.counts()).toEqual([1])
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['published', 'published', 'published'])
})

test('messages that come twice, late or about the jobs of others change nothing', async () => {
  const [leader, other, worker] = [await open(), await open(), await open()]
  const heard = hear(leader)
  const others = hear(other)
  const bench = workbench()
  worker.work(bench.handle)
  await leader.add([job({ asset: 'a' })])
  await other.add([job({ asset: 'b' })])
  await bench.untilRunning(['a', 'b'])
  const own = await client()
  const events = `{${prefix}}:steps:events`
  const ids = (await own.lrange(`{${prefix}}:steps:active`, 0, -1)) as string[]
  const done = JSON.stringify({ said: 'p', steps: 'e' })

  for (const id of [...ids, ...ids, 'unheard.of']) {
    await own.xadd(events, '*', 'event', 'completed', 'jobId', id, 'returnvalue', done)
    await own.xadd(events, '*', 'event', 'progress', 'jobId', id, 'data', JSON.stringify({ said: 'p', steps: 'b' }))
    await own.xadd(events, '*', 'event', 'failed', 'jobId', id, 'failedReason', 'late')
  }
  await heard.untilEnded(1)
  await others.untilEnded(1)
  await bench.finish('a', 'published')
  await bench.finish('b', 'published')
  await leader.add([job({ asset: 'c' })])
  await bench.finish('c', 'published')
  await heard.untilEnded(2)

  expect([heard.counts(), others.counts()]).toEqual([[1], [1]])
  expect(heard.reports.map(({ outcome, job: { asset } }) => [asset, outcome])).toEqual([
    ['a', 'published'],
    ['c', 'published'],
  ])
})

test('a job that BullMQ gives up is tried step by step, and then fails with its reason', async () => {
  const leader = await open()
  const worker = await open()
  const heard = hear(leader)
  // So that the asset is known to be cheap, and its steps travel together.
  worker.work(publish)
  await leader.add(keyed('a', 300))
  await heard.untilEnded(300)
  await worker.close()
  const sizes: number[] = []
  const refusing = new Worker(
    'steps',
    async ({ data }) => {
      sizes.push(data.steps.length)
      throw new Error('job stalled more than allowable limit')
    },
    { connection: { url: redis.url }, prefix: `{${prefix}}` },
  )
  onTestFinished(() => refusing.close())

  await leader.add(keyed('a', 10))
  await heard.untilEnded(310)

  expect(Math.max(...sizes)).toBe(10)
  expect(sizes.filter((size) => size === 1)).toHaveLength(10)
  const failed = heard.reports.slice(300)
  expect(new Set(failed.map((report) => report.outcome === 'failed' && report.error))).toEqual(
    new Set(['job stalled more than allowable limit']),
  )
})

test('cheap steps travel together and wait together, but no more than 32, and one by one where a pool has a limit', async () => {
  const pools = { binance: 8 }
  const queue = await open({ pools })
  const heard = hear(queue)
  let running = 0
  let most = 0
  queue.work(async (about, signal, report) => {
    running += 1
    most = Math.max(most, running)
    await new Promise(setImmediate)
    running -= 1
    await publish(about, signal, report)
  })
  const own = await client()
  const added = async (pool: string) => Number(await own.get(`{${prefix}}:${pool}:id`))

  await queue.add(keyed('a', 300))
  await heard.untilEnded(300)
  const before = await added('steps')
  await queue.add([...keyed('a', 1_000), ...keyed('b', 100, { pool: 'binance' })])
  await heard.untilEnded(1_400)

  expect((await added('steps')) - before).toBeLessThan(100)
  expect(await added('pool-binance')).toBe(100)
  expect(most).toBeGreaterThan(4)
  expect(most).toBeLessThanOrEqual(32 + 4)
})

test('of steps that travel together and turn out slow, those that have not begun go back for others', async () => {
  const leader = await open()
  const heard = hear(leader)
  let isSlow = false
  const worker = await open()
  worker.work(async (about, signal, report) => {
    if (isSlow) await sleep(1_100)
    await publish(about, signal, report)
  })
  await leader.add(keyed('a', 300))
  await heard.untilEnded(300)

  isSlow = true
  await leader.add(keyed('a', 50))
  await heard.untilEnded(350)

  const late = heard.reports.slice(300)
  expect(late.filter(({ outcome }) => outcome === 'published').length).toBeGreaterThanOrEqual(32)
  const back = late.filter((report) => report.outcome === 'retry' && report.error === undefined)
  expect(back.length).toBeGreaterThan(0)
})

test('a step whose worker could not give back its account is tried again', async () => {
  const leader = await open()
  const heard = hear(leader)
  const refusing = new Worker(
    'steps',
    async () => {
      throw new Error('Connection terminated unexpectedly')
    },
    { connection: { url: redis.url }, prefix: `{${prefix}}` },
  )
  refusing.once('failed', () => void refusing.close())
  await leader.add([job({ asset: 'a' })])
  await once(refusing, 'closed')

  const worker = await open()
  worker.work(publish)

  await heard.untilEnded(1)
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['published'])
})

test('every step ends once though PostgreSQL crashed under way', async () => {
  const postgres = await postgresServer()
  onTestFinished(() => postgres.close())
  const at = { url: postgres.url, pools: { binance: 3 } }
  const [leader, worker] = [await open(at), await open({ ...at, concurrency: 10, chunks: false })]
  const heard = hear(leader)
  worker.work(async (about, signal, report) => {
    await sleep(5)
    await publish(about, signal, report)
  })
  await leader.add([...keyed('a', 2_000), ...keyed('b', 100, { pool: 'binance' })])
  await eventually(() => expect(heard.ends.size).toBeGreaterThan(100))

  await postgres.restart('immediate')
  const before = heard.ends.size

  await heard.untilEnded(2_100)
  expect(before).toBeLessThan(2_100)
  expect(heard.counts()).toEqual([1])
  expect(heard.reports.every(({ outcome }) => outcome === 'published')).toBe(true)
}, 60_000)

test('no more steps of a pool run at once than its limit, whatever the number of workers', async () => {
  const pools = { binance: 3, okx: 1 }
  const leader = await open({ pools })
  const heard = hear(leader)
  const running = { binance: 0, okx: 0 }
  const most = { binance: 0, okx: 0 }
  for (const _ of ['first', 'second']) {
    const worker = await open({ pools })
    worker.work(async (about, signal, report) => {
      const pool = about.pool as 'binance' | 'okx'
      running[pool] += 1
      most[pool] = Math.max(most[pool], running[pool])
      await sleep(2)
      running[pool] -= 1
      await publish(about, signal, report)
    })
  }

  await leader.add([...keyed('a', 300, { pool: 'binance' }), ...keyed('b', 100, { pool: 'okx' })])
  await heard.untilEnded(400)

  expect(most).toEqual({ binance: 3, okx: 1 })
})

test('a closing worker hands back what it stops, and another process goes on', async () => {
  const leader = await open()
  const [going, staying] = [await open(), await open()]
  const heard = hear(leader)
  const began = Promise.withResolvers<void>()
  going.work(async ({ keys: [key] }, signal, report) => {
    began.resolve()
    await once(signal, 'abort')
    report({ key: key!, outcome: 'canceled' })
  })
  await leader.add([job({ asset: 'a' })])
  await began.promise

  await going.close()
  await heard.untilEnded(1)
  const [back] = heard.reports
  expect(back).toMatchObject({ outcome: 'retry', error: undefined })
  expect(back!.outcome === 'retry' && back!.at).toBeLessThanOrEqual(Date.now())
  staying.work(publish)
  await leader.add([job({ asset: 'a' })])

  await heard.untilEnded(2)
  expect(heard.reports.at(-1)!.outcome).toBe('published')
})

test('a closing worker lets steps end that do so within its grace', async () => {
  const [leader, worker] = [await open(), await open({ graceMs: 10_000 })]
  const heard = hear(leader)
  const bench = workbench()
  worker.work(bench.handle)
  await leader.add([job({ asset: 'a' })])
  await bench.untilRunning(['a'])

  const closing = worker.close()
  expect(bench.isAborted('a')).toBe(false)
  await bench.finish('a', 'published')
  await closing

  await heard.untilEnded(1)
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['published'])
})

test('steps of other code wait for a process that has it, and people are told once an asset', async () => {
  const leader = await open()
  const told: string[] = []
  const onTrouble = (message: string) => void told.push(message)
  const old = await open({ code: new Map([['a', '0']]), onTrouble })
  const heard = hear(leader)
  old.work(publish)
  await leader.add([...keyed('a', 3), ...keyed('b', 2)])
  await eventually(() => expect(told).toHaveLength(2))

  const current = await open()
  current.work(publish)

  await heard.untilEnded(5)
  expect(told.toSorted()).toEqual([
    'steps of "a" version "1", of which this process has version "0", are left to others; start them all alike',
    'steps of "b" version "1", which this process does not have, are left to others; start them all alike',
  ])
  expect(heard.reports.every(({ outcome }) => outcome === 'published')).toBe(true)
})

test('steps of a run that is not under way any more are dropped, and wait while the store does not answer', async () => {
  const leader = await open()
  const heard = [hear(leader, 'over'), hear(leader, 'run1')]
  let asks = 0
  const worker = await open({
    async askOf(run) {
      if (run === 'over') return undefined
      if (++asks === 1) throw new Error('the store is away')
      return { mode: 'needed', now: 0 }
    },
  })
  worker.work(publish)

  await leader.add([job({ asset: 'a', run: 'over' }), job({ asset: 'a' })])
  await Promise.all(heard.map(({ untilEnded }) => untilEnded(1)))

  expect(heard.map(({ reports }) => reports.map(({ outcome }) => outcome))).toEqual([['canceled'], ['published']])
})

test('steps of code that nobody has any more are dropped when their run is over', async () => {
  const leader = await open()
  const heard = hear(leader)
  const worker = await open({ code: new Map([['a', '2']]), askOf: async () => undefined })
  worker.work(publish)

  await leader.add([job({ asset: 'a' }), job({ asset: 'b' })])

  await heard.untilEnded(2)
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['canceled', 'canceled'])
})

test('thousands of waiting steps are canceled at once, and those under way end as their worker says', async () => {
  const leader = await open()
  const worker = await open({ concurrency: 2 })
  const heard = hear(leader)
  const bench = workbench()
  worker.work(bench.handle)
  await leader.add([job({ asset: 'a' }), job({ asset: 'b' }), ...keyed('c', 9_000)])
  await bench.untilRunning(['a', 'b'])
  const own = await client()
  await eventually(async () => expect(await own.llen(`{${prefix}}:steps:wait`)).toBe(256))

  const dropped = await leader.cancel('run1')
  worker.abort('run1', new Error('canceled'))
  await bench.finish('a')
  await bench.finish('b')

  await heard.untilEnded(2)
  expect(dropped).toHaveLength(9_000)
  expect(await own.llen(`{${prefix}}:steps:wait`)).toBe(0)
})

test('a run that is canceled while Redis is away ends when it is back', async () => {
  const leader = await open()
  const heard = hear(leader)
  await leader.add(keyed('a', 100))
  const own = await client()
  await eventually(async () => expect(await own.llen(`{${prefix}}:steps:wait`)).toBe(100))
  await redis.stop()

  const canceling = leader.cancel('run1')
  await redis.start()

  const dropped = await canceling
  expect(dropped.length + heard.ends.size).toBe(100)
})

test('Redis keeps no more than it was given room for', async () => {
  const queue = await open({ chunks: false, concurrency: 50 })
  const heard = hear(queue)
  queue.work(publish)

  await queue.add(keyed('a', 10_000))
  await heard.untilEnded(10_000)

  const own = await client()
  expect(await own.zcard(`{${prefix}}:steps:completed`)).toBe(4_096)
  expect(await own.xlen(`{${prefix}}:steps:events`)).toBeLessThanOrEqual(20_200)
  expect((await own.keys(`{${prefix}}:steps:*`)).length).toBeLessThan(4_120)
}, 60_000)

test('a worker and a leader that begin while Redis goes away do their work when it is back', async () => {
  const proxy = await tcpProxy({ port: Number(new URL(redis.url).port) })
  onTestFinished(() => proxy.close())
  const url = `redis://127.0.0.1:${proxy.port}`
  const [leader, worker] = [await open({ url }), await open({ url })]
  const heard = hear(leader)
  // The first try of each connection that they make from here fails.
  proxy.down()
  worker.work(publish)
  await leader.add([job({ asset: 'a' })])
  const client = connect(proxy.port, '127.0.0.1')
  await once(client, 'close')

  proxy.heal()

  await heard.untilEnded(1)
  expect(heard.reports.map(({ outcome }) => outcome)).toEqual(['published'])
})

test('a server that is not there is named without its password', async () => {
  const refused = bullmqQueue({
    ...{ url: 'redis://user:secret@127.0.0.1:1/0', pools: {}, concurrency: 1, code: new Map() },
    askOf: async () => undefined,
  })

  await expect(refused).rejects.toMatchObject({
    code: 'queue.unreachable',
    message: 'the queue at redis://127.0.0.1:1/0 can not be reached; start its server, or correct its address',
  })
})

test('a process can go while Redis is away', async () => {
  const queue = await open()
  queue.work(publish)
  await queue.add(keyed('a', 10))
  await redis.stop()
  onTestFinished(() => redis.start())

  await queue.close()
}, 30_000)

async function workerProcess(pools = {}) {
  const said: (readonly [string, string])[] = []
  const file = new URL('./worker-process.ts', import.meta.url).pathname
  const child: ChildProcess = fork(file, [redis.url, prefix, JSON.stringify(pools)])
  child.on('message', (message) => void said.push(message as [string, string]))
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.send('close')
    await once(child, 'exit')
  })
  const until = (what: string, count: number) =>
    eventually(() => expect(said.filter(([one]) => one === what).length).toBeGreaterThanOrEqual(count))
  await until('ready', 1)
  return { child, said, until }
}

const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
