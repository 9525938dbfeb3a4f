import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { PartitionKey } from '#pipeline'
import type { Queue, StepJob, StepReport } from '../../../pipeline/queue/port.ts'

export type MakeQueue = (options: {
  readonly concurrency: number
  readonly pools: Readonly<Record<string, number>>
}) => Queue | Promise<Queue>

let jobs = 0
export const job = (of: Partial<StepJob> = {}): StepJob => ({
  id: `job${jobs++}`,
  run: 'run1',
  asset: 'candles',
  keys: ['' as PartitionKey],
  attempt: 1,
  mode: 'needed',
  now: 0,
  pool: undefined,
  priority: 0,
  notBefore: 0,
  ...of,
})

/** Long enough for any broker, and over as soon as it holds. */
export const eventually = <Value>(claim: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(claim, { timeout: 40_000, interval: 2 })

/** The promises of a queue that hands steps to the workers of one process or of many. */
export function testQueue(name: string, make: MakeQueue): void {
  const made = async (concurrency = 2, pools = {}) => {
    const queue = await make({ concurrency, pools })
    const bench = workbench()
    onTestFinished(async () => {
      bench.finishAll()
      await queue.close()
    })
    return { queue, bench }
  }

  describe(name, () => {
    test('no more jobs run at once than its bound, and each ended one makes room for the next', async () => {
      const { queue, bench } = await made(2)
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' }), job({ asset: 'c' })])
      await bench.untilRunning(['a', 'b'])

      await bench.finish('a')

      await bench.untilRunning(['b', 'c'])
      expect(bench.mostAtOnce()).toBe(2)
    })

    test('jobs wait until someone works', async () => {
      const { queue, bench } = await made()
      await queue.add([job({ asset: 'a' })])

      queue.work(bench.handle)

      await bench.untilRunning(['a'])
    })

    test('a worker is told all that it has to know of a job', async () => {
      const { queue, bench } = await made(1, { binance: 1 })
      const keys = ['x', 'y'] as PartitionKey[]
      const asked = job({ asset: 'a', keys, attempt: 3, pool: 'binance', priority: 2, run: randomUUID() })
      queue.work(bench.handle)
      await queue.add([asked])
      await bench.untilRunning(['a'])

      const { id: _, ...told } = bench.job('a')

      expect(told).toEqual({ ...asked, id: undefined, params: undefined })
    })

    test('a full pool holds back its own jobs and no others', async () => {
      const { queue, bench } = await made(4, { binance: 1 })
      queue.work(bench.handle)

      const pool = 'binance'
      await queue.add([job({ asset: 'a', pool }), job({ asset: 'b', pool }), job({ asset: 'c' })])
      await bench.untilRunning(['a', 'c'])

      await bench.finish('a')
      await bench.untilRunning(['b', 'c'])
      expect(bench.mostAtOnce()).toBe(2)
    })

    test('the highest priority of a pool goes first, and equals go in order', async () => {
      const { queue, bench } = await made(1)
      await queue.add([
        job({ asset: 'low' }),
        job({ asset: 'high', priority: 5 }),
        job({ asset: 'lowest', priority: -1 }),
        job({ asset: 'middle', priority: 3 }),
        job({ asset: 'also high', priority: 5 }),
      ])
      queue.work(bench.handle)
      const order = ['high', 'also high', 'middle', 'low', 'lowest']
      for (const asset of order) await bench.finish(asset)

      expect(bench.begun).toEqual(order)
    })

    test('a job does not begin before its time', async () => {
      const { queue, bench } = await made()
      queue.work(bench.handle)
      const notBefore = Date.now() + 200
      await queue.add([job({ asset: 'later', notBefore }), job({ asset: 'now' })])
      await bench.untilBegun('now')
      expect(bench.begun).toEqual(['now'])

      await bench.untilBegun('later')

      expect(Date.now()).toBeGreaterThanOrEqual(notBefore - 1)
    })

    test('canceling a run drops what waits, also what waits for its time, and aborts what runs', async () => {
      const { queue, bench } = await made(1)
      queue.work(bench.handle)
      const notBefore = Date.now() + 3_600_000
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' }), job({ asset: 'c', notBefore })])
      await queue.add([job({ asset: 'other', run: 'run2' })])
      await bench.untilRunning(['a'])

      const dropped = await queue.cancel('run1')

      expect(dropped.map(({ asset }) => asset).toSorted()).toEqual(['b', 'c'])
      expect(bench.isAborted('a')).toBe(true)
      await bench.finish('a')
      await bench.untilRunning(['other'])
      expect(bench.isAborted('other')).toBe(false)
    })

    test('aborting a run says why to its jobs and to no others', async () => {
      const { queue, bench } = await made(2)
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'other', run: 'run2' })])
      await bench.untilRunning(['a', 'other'])
      const reason = new Error('someone asked for it')

      queue.abort('run1', reason)

      expect(bench.reasonOf('a')).toBe(reason)
      expect(bench.isAborted('other')).toBe(false)
    })

    test('a follower hears the reports of its run, then the end of each job', async () => {
      const { queue, bench } = await made()
      const heard: unknown[] = []
      const unfollow = queue.follow('run1', ({ asset }, report) => heard.push([asset, report?.outcome]))
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'other', run: 'run2' })])

      await bench.finish('a', 'published')
      await eventually(() => expect(heard).toHaveLength(2))
      unfollow()
      await queue.add([job({ asset: 'b' })])
      await bench.finish('b', 'published')
      await bench.finish('other', 'published')

      expect(heard).toEqual([
        ['a', 'published'],
        ['a', undefined],
      ])
    })

    test('a follower hears all that was said of each key, of the very job that it added', async () => {
      const { queue } = await made()
      const keys = ['p', 'r', 'f', 't', 'h'] as PartitionKey[]
      const reports: StepReport[] = [
        { key: keys[0]!, outcome: 'published' },
        { key: keys[1]!, outcome: 'rejected', why: 'too few rows' },
        { key: keys[2]!, outcome: 'failed', error: 'no answer' },
        { key: keys[3]!, outcome: 'retry', at: 1_700_000_000_000, error: 'slow down' },
        { key: keys[4]!, outcome: 'retry', at: 1_700_000_000_001, error: undefined },
      ]
      const heard: (StepReport | undefined)[] = []
      const own = job({ keys })
      const jobsHeard = new Set<StepJob>()
      queue.follow('run1', (about, report) => {
        jobsHeard.add(about)
        heard.push(report)
      })
      queue.work(async (_, _signal, report) => {
        for (const one of reports) report(one)
      })

      await queue.add([own])
      await eventually(() => expect(heard).toEqual([...reports, undefined]))

      expect(jobsHeard.size).toBe(1)
      expect(jobsHeard.has(own)).toBe(true)
    })

    test('a job that goes on is heard of while it does', async () => {
      const { queue } = await made()
      const heard: unknown[] = []
      const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
      onTestFinished(() => finish())
      queue.follow('run1', (_, report) => heard.push(report?.outcome))
      queue.work(async ({ keys: [key, other] }, _signal, report) => {
        report({ key: key!, outcome: 'started' })
        report({ key: key!, outcome: 'published' })
        await finished
        report({ key: other!, outcome: 'unchanged' })
      })

      await queue.add([job({ keys: ['a', 'b'] as PartitionKey[] })])
      await eventually(() => expect(heard).toEqual(['started', 'published']))
      finish()

      await eventually(() => expect(heard).toEqual(['started', 'published', 'unchanged', undefined]))
    })

    test('each of thousands of jobs runs once and ends once', async () => {
      const { queue } = await made(20, { binance: 3 })
      const ran = new Map<string, number>()
      const ends = new Map<StepJob, number>()
      const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1)
      queue.follow('run1', (about, report) => {
        if (!report) count(ends, about)
      })
      queue.work(async ({ keys: [key] }, _signal, report) => {
        count(ran, key!)
        report({ key: key!, outcome: 'published' })
      })
      const added = Array.from({ length: 2_000 }, (_, index) =>
        job({
          asset: `asset${index % 7}`,
          keys: [`${index}` as PartitionKey],
          ...(index % 5 === 0 && { pool: 'binance' }),
        }),
      )

      for (const half of [added.slice(0, 1_000), added.slice(1_000)]) await queue.add(half)
      await eventually(() => expect(ends.size).toBe(added.length))

      expect(new Set(ends.values())).toEqual(new Set([1]))
      expect(ran.size).toBe(added.length)
      expect(new Set(ran.values())).toEqual(new Set([1]))
    })

    test('closing aborts what runs, waits for its end, and begins nothing more', async () => {
      const { queue, bench } = await made(1)
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' })])
      await bench.untilRunning(['a'])
      let isClosed = false

      const closing = queue.close().then(() => {
        isClosed = true
      })
      await eventually(() => expect(bench.isAborted('a')).toBe(true))

      expect(isClosed).toBe(false)
      await bench.finish('a')
      await closing
      expect(bench.begun).toEqual(['a'])
    })
  })
}

/** Jobs that run until the test ends them, known by their assets. */
export function workbench() {
  interface Under {
    readonly job: StepJob
    readonly signal: AbortSignal
    readonly end: (outcome?: 'published') => void
  }
  const under = new Map<string, Under>()
  const begun: string[] = []
  let most = 0
  const untilBegun = (asset: string) => eventually(() => expect([...under.keys()]).toContain(asset))
  return {
    begun,
    running: () => [...under.keys()],
    mostAtOnce: () => most,
    job: (asset: string) => under.get(asset)!.job,
    isAborted: (asset: string) => under.get(asset)!.signal.aborted,
    reasonOf: (asset: string) => under.get(asset)!.signal.reason,
    handle: (job: StepJob, signal: AbortSignal, report: (report: StepReport) => void) =>
      new Promise<void>((resolve) => {
        begun.push(job.asset)
        const end = (outcome?: 'published') => {
          if (outcome) report({ key: job.keys[0]!, outcome })
          under.delete(job.asset)
          resolve()
        }
        under.set(job.asset, { job, signal, end })
        most = Math.max(most, under.size)
      }),
    untilBegun,
    untilRunning: (assets: readonly string[]) => eventually(() => expect([...under.keys()].toSorted()).toEqual(assets)),
    async finish(asset: string, outcome?: 'published') {
      await untilBegun(asset)
      under.get(asset)!.end(outcome)
    },
    finishAll() {
      for (const { end } of under.values()) end()
    },
  }
}
