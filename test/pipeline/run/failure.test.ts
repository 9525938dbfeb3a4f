import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { PartitionKey, Queue, RunStore, StepReport } from '#pipeline'
import { daily, defineAsset, keyed, sqliteStore } from '#pipeline'
import { localQueue } from '../../../pipeline/queue/local.ts'
import { newId } from '../../../pipeline/run/identity.ts'
import { asking, engineOf, gate, make, newPlace, now, rowsOf, until } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
const market = keyed(['A', 'B', 'C'])
const thrice = { attempts: 3, backoff: '1ms', most: '4ms' } as const

/** An asset whose attempts end one after the other as said; the last is repeated. */
function flaky(...ends: readonly (() => readonly { n: number }[])[]) {
  const times: number[] = []
  const asset = defineAsset({
    name: 'flaky',
    output,
    retry: thrice,
    run() {
      times.push(Date.now())
      return ends[Math.min(times.length, ends.length) - 1]!()
    },
  })
  return { asset, times }
}

const day = daily({ since: '2024-01-01' })

/** An asset that makes all of its partitions in one call, and then does something else. */
const rangeOf = (after: () => void = () => undefined) =>
  defineAsset({
    name: 'prices',
    partitions: { day },
    range: 'day',
    output,
    async *run({ partitions }) {
      for (const partition of partitions) yield { partition, rows: [{ n: 1 }] }
      after()
    },
  })

const throws = (error: unknown) => () => {
  throw error
}

test('a failure of the outside world is tried again', async () => {
  const { asset, times } = flaky(throws(new Error('away')), throws(new Error('away')), () => [{ n: 1 }])
  const engine = await engineOf([asset])

  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 1 } })

  expect(times).toHaveLength(3)
  const events = await engine.store.events({ limit: 10 })
  expect(events.map(({ type, payload }) => [type, payload.attempt])).toEqual([
    ['failed', 1],
    ['failed', 2],
    ['published', undefined],
  ])
  expect(events.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  for (const { by, tookMs } of events) {
    expect(by).toMatch(new RegExp(` ${process.pid}$`))
    expect(tookMs).toBeGreaterThanOrEqual(0)
  }
})

test('attempts end, and the last error with its causes is told', async () => {
  const { asset, times } = flaky(throws(new Error('no answer', { cause: new Error('connection reset') })))

  const made = await make(await engineOf([asset]))

  expect(made).toMatchObject({ status: 'failed', failures: { flaky: 'no answer; because connection reset' } })
  expect(times).toHaveLength(3)
})

test('a wait that the error asks for is kept', async () => {
  const { asset, times } = flaky(throws(Object.assign(new Error('slow down'), { retryAfterMs: 60 })), () => [])

  await make(await engineOf([asset]))

  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(59)
})

test.each([
  ['a mistake in code', new TypeError('x is not a function')],
  ['an error that says so itself', Object.assign(new Error('no such market'), { retryable: false })],
])('%s is not tried again', async (_, error) => {
  const { asset, times } = flaky(throws(error))

  expect(await make(await engineOf([asset]))).toMatchObject({ status: 'failed', ends: { failed: 1 } })

  expect(times).toHaveLength(1)
})

test('a row that does not fit the schema fails its step and leaves nothing behind', async () => {
  const { asset, times } = flaky(() => [{ n: 1 }, { n: 'two' as never }])
  const engine = await engineOf([asset])

  const made = await make(engine)

  expect(made.failures.flaky).toContain('row 1, n: ')
  expect(times).toHaveLength(1)
  expect(await Array.fromAsync((await engine.io()).scan())).toEqual([])
})

test('a function that takes too long is told to stop, and its time is in the error', async () => {
  const slow = defineAsset({
    name: 'slow',
    output,
    timeout: '20ms',
    retry: { ...thrice, attempts: 1 },
    async run({ signal }) {
      await sleep(5_000, undefined, { signal })
      return []
    },
  })

  const made = await make(await engineOf([slow]))

  expect(made.failures.slow).toBe(
    'asset "slow" partition "" took longer than its timeout of 20 ms; give it more, or heed its signal; because The operation was aborted; because the time limit of 20 ms is over',
  )
})

test('a function that ignores its signal is left alone after a while and can not publish', async () => {
  const late = gate()
  let isDone = false
  const deaf = defineAsset({
    name: 'deaf',
    output,
    timeout: '10ms',
    retry: { ...thrice, attempts: 1 },
    async run() {
      await late.passed
      isDone = true
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([deaf])

  const made = await make(engine)
  late.open()
  await until(() => isDone)
  await sleep(20)

  expect(made).toMatchObject({ status: 'failed', ends: { failed: 1 } })
  expect(await engine.store.files('deaf')).toEqual([])
})

test('an asset that reads itself goes no further than the day that failed, and on from there', async () => {
  let isBroken = true
  const total = defineAsset({
    name: 'total',
    partitions: { date: daily({ since: '2024-01-01' }) },
    output,
    previous: 'date',
    retry: { attempts: 1 },
    async run({ key, previous }) {
      if (isBroken && key === 'date=2024-01-02') throw new Error('no answer')
      const [before] = await previous.toArray()
      return [{ n: (before?.n ?? 0) + 1 }]
    },
  })
  const engine = await engineOf([total])

  expect((await make(engine)).ends).toEqual({ published: 1, failed: 1, blocked: 1 })
  isBroken = false
  const second = await make(engine)
  expect(second.failures).toEqual({})
  expect(second.ends).toEqual({ published: 2 })
  expect(await rowsOf(engine, total, 'date=2024-01-03')).toEqual([{ n: 3 }])
})

test('canceling stops what runs and drops what waits', async () => {
  const begun = gate()
  const patient = defineAsset({
    name: 'patient',
    partitions: { market },
    output,
    async run({ signal }) {
      begun.open()
      await sleep(30_000, undefined, { signal })
      return []
    },
  })
  const reader = defineAsset({ name: 'reader', partitions: { market }, deps: { patient }, output, run: () => [] })
  const engine = await engineOf([patient, reader], undefined, { concurrency: 1 })
  const started = await engine.start(asking(engine))
  await begun.passed

  expect(await engine.cancel(started.id)).toBe(true)

  const { state } = await started.result
  expect([state.status, state.counts.canceled]).toEqual(['canceled', { patient: 3, reader: 3 }])
  expect(await engine.store.run(started.id)).toMatchObject({ status: 'canceled' })
  expect((await engine.store.partitions('patient')).every(({ leasedUntil }) => leasedUntil === null)).toBe(true)
  expect(await engine.cancel(started.id)).toBe(false)
})

test('a partition whose failure the store could not take down can be made again', async () => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let isFull = true
  const settle: RunStore['settle'] = (...args) =>
    isFull ? Promise.reject(new Error('the disk is full')) : inner.settle(...args)
  const prices = defineAsset({
    name: 'prices',
    output: z.strictObject({ n: z.int() }),
    run() {
      if (isFull) throw new Error('no answer')
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([prices], place, { store: { ...inner, settle } })
  expect((await make(engine)).status).toBe('failed')

  isFull = false

  expect((await make(engine)).status).toBe('succeeded')
})

test('partitions that were claimed although nobody heard can be made again', async () => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let isAway = true
  const claim: RunStore['claim'] = async (...args) => {
    const claimed = await inner.claim(...args)
    if (isAway) throw new Error('the server went away')
    return claimed
  }
  const prices = defineAsset({ name: 'prices', partitions: { market }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([prices], place, { store: { ...inner, claim } })
  expect((await make(engine)).status).toBe('failed')

  isAway = false

  expect((await make(engine)).ends).toEqual({ published: 3 })
})

test('every partition of a range ends, and can be made again, though the store refuses one of them at first', async () => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let refusals = 0
  const settle: RunStore['settle'] = (...args) =>
    refusals-- > 0 ? Promise.reject(new Error('the disk is full')) : inner.settle(...args)
  const prices = rangeOf()
  const engine = await engineOf([prices], place, { store: { ...inner, settle } })
  await make(engine)
  refusals = 1

  expect((await make(engine, { mode: 'all' })).ends).toEqual({ unchanged: 3 })
  expect(refusals).toBeLessThan(0)
})

test('what was claimed together is free again though the store refuses what becomes of the first', async () => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let refusals = 1
  const settle: RunStore['settle'] = (...args) =>
    refusals-- > 0 ? Promise.reject(new Error('the disk is full')) : inner.settle(...args)
  const claim: RunStore['claim'] = async (...args) => {
    const claimed = await inner.claim(...args)
    return refusals > 0 ? claimed.map((one, at) => (at === 0 ? { ...one, deaths: 10 } : one)) : claimed
  }
  const prices = rangeOf()
  const engine = await engineOf([prices], place, { store: { ...inner, claim, settle } })

  expect((await make(engine)).ends).toEqual({ published: 3 })
  expect(refusals).toBeLessThan(0)
})

test('each partition is said to have ended once, whatever its function does after the last', async () => {
  const prices = rangeOf(throws(new Error('could not clean up')))
  const said: StepReport[] = []
  const engine = await engineOf([prices], undefined, {
    queue: async (clock) => {
      const queue = localQueue({ concurrency: 1, pools: {}, clock })
      const work: Queue['work'] = (handle) =>
        queue.work((job, signal, report) =>
          handle(job, signal, (one) => {
            said.push(one)
            report(one)
          }),
        )
      return { ...queue, work }
    },
  })

  await make(engine)

  expect(said.map(({ outcome }) => outcome)).toEqual(['started', 'published', 'published', 'published'])
})

test.each([
  { what: 'was not written down', isDone: false, isBack: true },
  { what: 'was not written down, nor its failure', isDone: false, isBack: false },
  { what: 'was written down although nobody heard', isDone: true, isBack: true },
])('a publication that $what leaves no file behind and loses none', async ({ isDone, isBack }) => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let isAway = true
  const refusal = () => Promise.reject(new Error('the server went away'))
  const publish: RunStore['publish'] = async (...args) => {
    if (!isAway) return inner.publish(...args)
    if (isDone) await inner.publish(...args)
    return refusal()
  }
  const settle: RunStore['settle'] = (...args) => (isAway && !isBack ? refusal() : inner.settle(...args))
  const prices = defineAsset({ name: 'prices', output, retry: { attempts: 1 }, run: () => [{ n: 1 }] })
  const engine = await engineOf([prices], place, { store: { ...inner, publish, settle } })
  const first = await make(engine)
  isAway = false
  const second = await make(engine)

  // Whether it was done is looked up: the lease is gone, and the version is of this run.
  expect([first.status, second.status]).toEqual([isDone ? 'succeeded' : 'failed', 'succeeded'])
  const known = await inner.knownPaths('prices', '' as PartitionKey)
  expect(known.size).toBe(1)
  const files = async () => (await Array.fromAsync(place.io.list())).map(({ path }) => path)
  await until(async () => (await files()).length === 1)
  expect(await files()).toEqual([...known])
})

test('a lake that does not answer keeps no process from beating', async () => {
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let isAway = true
  const away = () => Promise.reject(new Error('the server went away'))
  const publish: RunStore['publish'] = (...args) => (isAway ? away() : inner.publish(...args))
  const settle: RunStore['settle'] = (...args) => (isAway ? away() : inner.settle(...args))
  let discards = 0
  const discard = () => {
    discards += 1
    return new Promise<never>(() => undefined)
  }
  const prices = defineAsset({ name: 'prices', output, run: () => [{ n: 1 }] })
  const lake = { ...place, io: { ...place.io, discard } }
  const engine = await engineOf([prices], lake, { store: { ...inner, publish, settle }, leaseMs: 60 })
  await make(engine)
  isAway = false
  await until(() => discards > 0)

  const heartbeat = async () => (await inner.workers())[0]!.heartbeatAt
  const before = await heartbeat()
  await until(async () => (await heartbeat()) > before + 60)
})

test('a run that is taken up and can not be planned any more has failed, and holds up no other', async () => {
  const place = newPlace()
  const output = z.strictObject({ n: z.int() })
  const [kept, gone] = ['kept', 'gone'].map((name) => defineAsset({ name, output, run: () => [{ n: 1 }] }))
  const before = await engineOf([kept!, gone!], place)
  const [both, one] = [newId(now), newId(now)]
  await before.store.createRun({ id: both, ask: asking(before), leader: null, now })
  await before.store.createRun({ id: one, ask: asking(before, { assets: ['kept'] }), leader: null, now })
  const engine = await engineOf([kept!], place)

  const runs = await engine.resume()
  await Promise.all(runs.map(({ result }) => result))

  expect(runs.map(({ id }) => id)).toEqual([one])
  expect(await engine.store.run(both)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('no asset is named "gone"'),
  })
})
