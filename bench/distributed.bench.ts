import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Queue as BullQueue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Engine } from '#pipeline'
import { openEngine, postgresStore } from '#pipeline'
import { postgresServer } from '../test/servers/postgres.ts'
import { redisServer } from '../test/servers/redis.ts'
import type { Settings } from './distributed-steps.ts'
import { ask, now, openQueue, rawQueue, steps } from './distributed-steps.ts'
import { report, timed } from './measure.ts'

/**
 * Steps over BullMQ and PostgreSQL by 1, 2 and 4 worker processes, against raw BullMQ on the same Redis with as many
 * worker processes that do nothing; how long a step waits between being handed out and its function being called; and
 * the memory of leader and workers, from 1,000 to a million steps.
 */
const jobs = 20_000
/** Steps whose way is timed. */
const waits = 400
const grows = process.argv.includes('--small') ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000]
const script = join(import.meta.dirname, 'distributed-worker.ts')

/** What a process says of itself at its end. */
interface Told {
  readonly peakMb: number
  readonly cpuMs: number
}

interface Workers {
  readonly starts: Map<string, number>
  /** Ends them. Returns what each of them used. */
  end(): Promise<readonly Told[]>
}

const redis = await redisServer()
const postgres = await postgresServer()
const client = new Redis(redis.url)
try {
  for (const count of [1, 2, 4]) await rateOf(count)
  await latency()
  for (const size of grows) await memory(size)
} finally {
  client.disconnect()
  await redis.close()
  await postgres.close()
}

async function settings(count: number, of: Partial<Settings> = {}): Promise<Settings> {
  const database = await postgres.createDatabase()
  return { redis: redis.url, postgres: database, count, isChunked: true, tellStarts: false, ...of }
}

async function rateOf(processes: number): Promise<void> {
  // In turns, so that a busy moment of the machine hits all of them.
  const rounds = { raw: [] as number[], chunked: [] as number[], single: [] as number[] }
  for (let round = 0; round < 3; round++) {
    rounds.raw.push(await raw(processes))
    rounds.chunked.push(await ours(processes, true))
    rounds.single.push(await ours(processes, false))
  }
  const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!
  const reference = middle(rounds.raw)
  const of = (name: string, list: readonly number[], goal: number | null) => {
    const value = middle(list)
    const ratio = value / reference
    const isMet = goal === null ? null : ratio >= goal
    report({ name, value, unit: 'steps/s', reference, ratio, goal: goal === null ? '' : `>= ${goal}`, ok: isMet })
  }
  const by = `${processes} worker process${processes === 1 ? '' : 'es'}`
  of(`empty steps, ${by}`, rounds.chunked, 0.6)
  of(`empty steps, one a job, ${by}`, rounds.single, null)
}

async function raw(processes: number): Promise<number> {
  const { hostname, port } = new URL(redis.url)
  const queue = new BullQueue(rawQueue, { connection: { host: hostname, port: Number(port) } })
  const workers = await startWorkers('raw', await settings(jobs), processes)
  const ms = await timed(async () => {
    for (let at = 0; at < jobs; at += 1_000) {
      const part = Array.from({ length: 1_000 }, (_, n) => ({
        name: 'step',
        data: { run: 'run', key: `${at + n}` },
        opts: { removeOnComplete: true },
      }))
      await queue.addBulk(part)
    }
    while ((await queue.getJobCountByTypes('wait', 'active')) > 0) await new Promise(setImmediate)
  })
  await workers.end()
  await queue.close()
  return (jobs / ms) * 1_000
}

async function ours(processes: number, isChunked: boolean): Promise<number> {
  const how = await settings(jobs, { isChunked })
  const workers = await startWorkers('ours', how, processes)
  const engine = await leader(how)
  const ms = await timed(() => makeAll(engine, jobs))
  await engine.close()
  await workers.end()
  return (jobs / ms) * 1_000
}

async function latency(): Promise<void> {
  const [bare, own] = [await rawWaits(), await ownWaits()]
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [value, reference] = [quantile(own, share), quantile(bare, share)]
    report({
      name: `handed out to function called, ${name}`,
      value,
      unit: 'ms',
      reference,
      ratio: null,
      goal: '',
      ok: null,
    })
  }
}

/** One after another: what is measured is the way, not the waiting in a line. */
async function ownWaits(): Promise<readonly number[]> {
  const how = await settings(waits, { isChunked: false, tellStarts: true })
  const workers = await startWorkers('ours', how, 1)
  const handed = new Map<string, number>()
  const store = await postgresStore({ url: how.postgres })
  const engine = await openEngine({
    ...{ definitions: steps(how.count, () => undefined), store, concurrency: 1, works: false },
    async queue(clock) {
      const queue = await openQueue(how, store, clock, false)
      const add: typeof queue.add = (all) => {
        for (const { keys } of all) handed.set(keys[0]!, sinceEpoch())
        return queue.add(all)
      }
      return { ...queue, add }
    },
  })
  for (let hour = 0; hour < how.count; hour++) {
    const start = now - (how.count - hour) * 3_600_000
    const filter = { keys: {}, spans: [{ start, end: start + 3_600_000 }] }
    await (await engine.start({ ...ask, filter })).result
  }
  await engine.close()
  await workers.end()
  return [...handed].map(([key, at]) => workers.starts.get(key)! - at)
}

async function rawWaits(): Promise<readonly number[]> {
  const { hostname, port } = new URL(redis.url)
  const queue = new BullQueue(rawQueue, { connection: { host: hostname, port: Number(port) } })
  const workers = await startWorkers('raw', await settings(waits, { tellStarts: true }), 1)
  const handed = new Map<string, number>()
  for (let number = 0; number < waits; number++) {
    handed.set(`${number}`, sinceEpoch())
    await queue.add('step', { run: 'run', key: `${number}` }, { removeOnComplete: true })
    while (!workers.starts.has(`${number}`)) await new Promise(setImmediate)
  }
  await workers.end()
  await queue.close()
  return [...handed].map(([key, at]) => workers.starts.get(key)! - at)
}

function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

async function memory(size: number): Promise<void> {
  // Of this run alone, without what others left.
  await client.flushall()
  const how = await settings(size)
  const workers = await startWorkers('ours', how, 2)
  // In a process of its own, so that its memory is that of one leader with one run.
  const child = fork(join(import.meta.dirname, 'distributed-leader.ts'), [JSON.stringify(how)])
  let redisPeak = 0
  const look = setInterval(async () => {
    redisPeak = Math.max(redisPeak, await redisMemory())
  }, 250)
  const redisBefore = redisCpuMs()
  const told = await new Promise<Told & { readonly ms: number }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Told & { readonly ms: number }))
    child.once('exit', (code) => reject(new Error(`the leader ended with code ${code}`)))
  })
  clearInterval(look)
  const redisMs = redisCpuMs() - redisBefore
  const ended = await workers.end()
  const workerMb = Math.max(...ended.map(({ peakMb }) => peakMb))
  const workerMs = ended.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  const count = size.toLocaleString('en-US')
  const one = { reference: null, ratio: null, goal: '', ok: null }
  report({ name: `leader's memory, ${count} steps`, value: told.peakMb, unit: 'MB', ...one })
  report({ name: `a worker's memory, ${count} steps`, value: workerMb, unit: 'MB', ...one })
  report({
    name: `memory of Redis, ${count} steps`,
    value: redisPeak,
    unit: 'MB',
    ...one,
    goal: '< 50',
    ok: redisPeak < 50,
  })
  for (const [name, ms] of [
    ['the leader', told.cpuMs],
    ['the workers', workerMs],
    ['Redis', redisMs],
  ] as const) {
    report({ name: `processor time of ${name} a step, ${count} steps`, value: (ms * 1_000) / size, unit: 'µs', ...one })
  }
  report({ name: `rate, ${count} steps, 2 worker processes`, value: (size / told.ms) * 1_000, unit: 'steps/s', ...one })
}

function redisCpuMs(): number {
  const [, ...fields] = readFileSync(`/proc/${redis.pid()}/stat`, 'utf8').split(') ')[1]!.split(' ')
  // Ticks of 10 ms in user and in system mode: fields 14 and 15 of the line.
  return 10 * (Number(fields[10]) + Number(fields[11]))
}

/** What it holds, in MB: its process keeps memory that it does not use any more. */
async function redisMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]) / 1_048_576
}

async function leader(how: Settings): Promise<Engine> {
  const store = await postgresStore({ url: how.postgres })
  return openEngine({
    ...{ definitions: steps(how.count, () => undefined), store, concurrency: 1, works: false },
    queue: (clock) => openQueue(how, store, clock, false),
  })
}

async function makeAll(engine: Engine, count: number): Promise<void> {
  const { state } = await (await engine.start(ask)).result
  if (state.counts.published.empty !== count) {
    throw new Error(`expected ${count} steps, got ${JSON.stringify(state.counts)}`)
  }
}

async function startWorkers(kind: 'raw' | 'ours', how: Settings, processes: number): Promise<Workers> {
  const starts = new Map<string, number>()
  const children = await Promise.all(Array.from({ length: processes }, () => startWorker(kind, how, starts)))
  return {
    starts,
    async end() {
      return Promise.all(children.map(endWorker))
    },
  }
}

function startWorker(kind: string, how: Settings, starts: Map<string, number>): Promise<ChildProcess> {
  const child = fork(script, [kind, JSON.stringify(how)])
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message === 'ready') resolve(child)
      else if ('key' in (message as object)) {
        const { key, at } = message as { key: string; at: number }
        starts.set(key, at)
      }
    })
    child.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)))
  })
}

function endWorker(child: ChildProcess): Promise<Told> {
  return new Promise((resolve) => {
    let told: Told | undefined
    child.on('message', (message) => {
      if ('peakMb' in (message as object)) told = message as Told
    })
    child.removeAllListeners('exit')
    child.once('exit', () => resolve(told!))
    child.send('end')
  })
}

/** ms, finer than `Date.now()`, and the same for all processes of a machine. */
function sinceEpoch(): number {
  return performance.timeOrigin + performance.now()
}
