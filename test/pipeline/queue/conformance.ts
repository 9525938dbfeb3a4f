import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PartitionKey } from '#pipeline'
import type { Queue, StepJob, StepReport } from '../../../pipeline/queue/port.ts'

type MakeQueue = (options: { readonly concurrency: number; readonly pools: Readonly<Record<string, number>> }) => Queue

let jobs = 0
const job = (of: Partial<StepJob> = {}): StepJob => ({
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

/** The promises of a queue that hands steps to the workers of one process or of many. */
export function testQueue(name: string, make: MakeQueue): void {
  const made = (concurrency = 2, pools = {}): { queue: Queue; bench: ReturnType<typeof workbench> } => {
    const queue = make({ concurrency, pools })
    const bench = workbench()
    onTestFinished(async () => {
      bench.finishAll()
      await queue.close()
    })
    return { queue, bench }
  }

  describe(name, () => {
    test('no more jobs run at once than its bound, and each ended one makes room for the next', async () => {
      const { queue, bench } = made(2)
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' }), job({ asset: 'c' })])
      expect(bench.running()).toEqual(['a', 'b'])

      await bench.finish('a')

      expect(bench.running()).toEqual(['b', 'c'])
    })

    test('jobs wait until someone works', async () => {
      const { queue, bench } = made()
      await queue.add([job({ asset: 'a' })])

      queue.work(bench.handle)

      expect(bench.running()).toEqual(['a'])
    })

    test('a full pool holds back its own jobs and no others', async () => {
      const { queue, bench } = made(4, { binance: 1 })
      queue.work(bench.handle)

      const pool = 'binance'
      await queue.add([job({ asset: 'a', pool }), job({ asset: 'b', pool }), job({ asset: 'c' })])
      expect(bench.running()).toEqual(['a', 'c'])

      await bench.finish('a')
      expect(bench.running()).toEqual(['c', 'b'])
    })

    test('the highest priority goes first over all pools, and equals go in order', async () => {
      const { queue, bench } = made(1)
      await queue.add([
        job({ asset: 'low' }),
        job({ asset: 'high', priority: 5, pool: 'binance' }),
        job({ asset: 'middle', priority: 3 }),
        job({ asset: 'also high', priority: 5, pool: 'binance' }),
      ])
      queue.work(bench.handle)
      for (const asset of ['high', 'also high', 'middle', 'low']) await bench.finish(asset)

      expect(bench.begun).toEqual(['high', 'also high', 'middle', 'low'])
    })

    test('a job does not begin before its time', async () => {
      const { queue, bench } = made()
      queue.work(bench.handle)
      const notBefore = Date.now() + 40
      await queue.add([job({ asset: 'later', notBefore }), job({ asset: 'now' })])
      expect(bench.begun).toEqual(['now'])

      await bench.untilBegun('later')

      expect(Date.now()).toBeGreaterThanOrEqual(notBefore - 1)
    })

    test('canceling a run drops what waits, also what waits for its time, and aborts what runs', async () => {
      const { queue, bench } = made(1)
      queue.work(bench.handle)
      const notBefore = Date.now() + 3_600_000
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' }), job({ asset: 'c', notBefore })])
      await queue.add([job({ asset: 'other', run: 'run2' })])

      const dropped = await queue.cancel('run1')

      expect(dropped.map(({ asset }) => asset).toSorted()).toEqual(['b', 'c'])
      expect(bench.isAborted('a')).toBe(true)
      await bench.finish('a')
      expect(bench.running()).toEqual(['other'])
      expect(bench.isAborted('other')).toBe(false)
    })

    test('a follower hears the reports of its run, then the end of each job', async () => {
      const { queue, bench } = made()
      const heard: unknown[] = []
      const unfollow = queue.follow('run1', ({ asset }, report) => heard.push([asset, report?.outcome]))
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'other', run: 'run2' })])

      await bench.finish('a', 'published')
      unfollow()
      await queue.add([job({ asset: 'b' })])
      await bench.finish('b', 'published')

      expect(heard).toEqual([
        ['a', 'published'],
        ['a', undefined],
      ])
    })

    test('closing aborts what runs, waits for its end, and begins nothing more', async () => {
      const { queue, bench } = made(1)
      queue.work(bench.handle)
      await queue.add([job({ asset: 'a' }), job({ asset: 'b' })])
      let isClosed = false

      const closing = queue.close().then(() => {
        isClosed = true
      })
      await sleep(5)

      expect([isClosed, bench.isAborted('a')]).toEqual([false, true])
      await bench.finish('a')
      await closing
      expect(bench.begun).toEqual(['a'])
    })
  })
}

/** Jobs that run until the test ends them, known by their assets. */
function workbench() {
  const under = new Map<string, { readonly signal: AbortSignal; readonly end: (outcome?: 'published') => void }>()
  const begun: string[] = []
  const settled = () => sleep(1)
  const untilBegun = async (asset: string): Promise<void> => {
    for (let tries = 0; tries < 1_000 && !under.has(asset); tries++) await settled()
    expect([...under.keys()]).toContain(asset)
  }
  return {
    begun,
    running: () => [...under.keys()],
    isAborted: (asset: string) => under.get(asset)!.signal.aborted,
    handle: (job: StepJob, signal: AbortSignal, report: (report: StepReport) => void) =>
      new Promise<void>((resolve) => {
        begun.push(job.asset)
        const end = (outcome?: 'published') => {
          if (outcome) report({ key: job.keys[0]!, outcome })
          under.delete(job.asset)
          resolve()
        }
        under.set(job.asset, { signal, end })
      }),
    untilBegun,
    async finish(asset: string, outcome?: 'published') {
      await untilBegun(asset)
      under.get(asset)!.end(outcome)
      await settled()
    },
    finishAll() {
      for (const { end } of under.values()) end()
    },
  }
}
