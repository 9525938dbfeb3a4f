import { describe, expect, onTestFinished, test } from 'vitest'
import type { Materialization, PartitionKey, RunStore, TickRow } from '#pipeline'

export const now = 1_700_000_000_000
const leaseMs = 30_000
export const monday = 'date=2024-01-01' as PartitionKey
export const tuesday = 'date=2024-01-02' as PartitionKey
const ask = { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now, reason: 'test' } as const
export const worker = (id: string) => ({ id, host: 'here', pid: 1, startedAt: 1 })

const none = {
  planned: {},
  published: {},
  unchanged: {},
  skipped: {},
  rejected: {},
  failed: {},
  blocked: {},
  canceled: {},
}

const tick = (of: Partial<TickRow> = {}): Omit<TickRow, 'runs'> => ({
  definition: 'nightly',
  scheduledAt: now,
  decidedAt: now + 1,
  status: 'succeeded',
  failures: 0,
  note: null,
  cursorBefore: null,
  cursorAfter: null,
  ...of,
})

export const made = (of: Partial<Materialization> = {}): Materialization => ({
  id: 'm1',
  asset: 'candles',
  key: monday,
  run: 'run1',
  path: 'candles/m1.parquet',
  rows: 2,
  bytes: 100,
  version: 'v1',
  codeVersion: '1',
  inputs: {},
  checks: [],
  metadata: {},
  at: now,
  ...of,
})

/** The promises of the run store. `open` opens the same store again, as another process would. */
export function testStore(name: string, make: () => { readonly open: () => RunStore | Promise<RunStore> }): void {
  const begun = async (): Promise<RunStore> => {
    const store = await opened(make().open)
    await begin(store)
    return store
  }

  describe(`${name}: workers`, () => {
    test('a worker is known from joining to its release, with its last heartbeat', async () => {
      const store = await begun()
      await store.heartbeat('w1', now + 5, leaseMs)

      expect(await store.workers()).toEqual([{ ...worker('w1'), heartbeatAt: now + 5 }])

      await store.release('w1')
      expect(await store.workers()).toEqual([])
    })

    test('a worker says what it is there for, and joins again after it was taken for dead', async () => {
      const store = await begun()
      const about = {
        role: 'worker',
        version: '1',
        pools: ['binance'],
        concurrency: 4,
        code: { candles: '1' },
      } as const
      await store.join({ ...worker('w9'), about }, now)
      await store.inherit('w9', 'w1', now, leaseMs)

      await store.join({ ...worker('w9'), about }, now + 5)
      await store.join({ ...worker('w9'), about }, now + 6)

      expect(await store.workers()).toContainEqual({ ...worker('w9'), about, heartbeatAt: now + 6 })
    })

    test('a worker hears of the cancellation of runs that others lead', async () => {
      const store = await begun()
      await claim(store, 'w2')
      await store.requestCancel('run1', 'too long')

      const cancel = [{ run: 'run1', reason: 'too long' }]
      expect(await store.heartbeat('w2', now, leaseMs)).toMatchObject({ cancel })
      expect(await store.heartbeat('w3', now, leaseMs)).toMatchObject({ isKnown: false, cancel: [] })
    })

    test('a heartbeat renews the leases of its worker, and tells which of its runs are to be canceled', async () => {
      const store = await begun()
      await claim(store, 'w1')
      expect(await store.requestCancel('run1')).toBe(true)

      const cancel = [{ run: 'run1', reason: null }]
      expect(await store.heartbeat('w1', now + 20_000, leaseMs)).toMatchObject({ isKnown: true, workers: 1, cancel })
      const [held] = await claim(store, 'w2', { now: now + leaseMs + 1 })

      expect(held!.token).toBeUndefined()
      expect(held!.heldUntil).toBe(now + 20_000 + leaseMs)
    })

    test('a release frees what the worker held, names it, and makes its leases worthless', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1')

      expect(await store.release('w1')).toEqual([{ asset: 'candles', key: monday }])

      expect(await store.publish(leaseOf(held!.token!), made())).toBe(false)
      expect((await claim(store, 'w2'))[0]!.token).toBeGreaterThan(held!.token!)
    })
  })

  describe(`${name}: leases`, () => {
    test('of many that claim one partition one wins', async () => {
      const store = await begun()

      const claims = await Promise.all(['w1', 'w2', 'w3', 'w4'].map((one) => claim(store, one)))

      expect(claims.flat().filter(({ token }) => token !== undefined)).toHaveLength(1)
    })

    test('a held partition is refused until its lease runs out', async () => {
      const store = await begun()
      const [first] = await claim(store, 'w1')

      const [early] = await claim(store, 'w2', { now: now + leaseMs })
      const [late] = await claim(store, 'w2', { now: now + leaseMs + 1 })

      expect(early!.token).toBeUndefined()
      expect(early!.heldUntil).toBe(now + leaseMs)
      expect(late!.token).toBe(first!.token! + 1)
    })

    test('the deaths over a partition are counted until its step ends, with all its attempts', async () => {
      const store = await begun()
      expect((await claim(store, 'w1'))[0]!.deaths).toBe(0)

      await store.inherit('w1', 'w2', now, leaseMs)
      await store.free('w2', [{ asset: 'candles', key: monday }])
      expect((await claim(store, 'w3'))[0]!.deaths).toBe(1)

      // One that fell silent is as good as dead, one that left in order is not.
      const [third] = await claim(store, 'w4', { now: now + leaseMs + 1 })
      expect(third!.deaths).toBe(2)
      await store.release('w4')
      const [fourth] = await claim(store, 'w5')
      expect(fourth!.deaths).toBe(2)

      const failed = { type: 'failed', error: 'no answer', attempt: 1 } as const
      await store.settle(leaseOf(fourth!.token!), 'run1', { ...failed, retryAt: now }, now)
      const [fifth] = await claim(store, 'w5')
      expect(fifth!.deaths).toBe(2)
      await store.settle(leaseOf(fifth!.token!), 'run1', { ...failed, retryAt: null }, now)
      expect((await claim(store, 'w5'))[0]!.deaths).toBe(0)
    })

    test('an older lease can not publish, and changes nothing', async () => {
      const store = await begun()
      const [old] = await claim(store, 'w1')
      const [young] = await claim(store, 'w2', { now: now + leaseMs + 1 })

      expect(await store.publish(leaseOf(old!.token!), made())).toBe(false)

      expect(await store.files('candles')).toEqual([])
      expect(await store.history('candles', monday)).toEqual([])
      expect(await store.events({ limit: 10 })).toEqual([])
      expect(await store.publish(leaseOf(young!.token!), made())).toBe(true)
    })

    test('a lease is spent by one outcome', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1')
      await store.publish(leaseOf(held!.token!), made())

      expect(await store.publish(leaseOf(held!.token!), made({ id: 'm2', version: 'v2' }))).toBe(false)
      expect(await store.settle(leaseOf(held!.token!), 'run1', { type: 'canceled' }, now)).toBe(false)

      expect((await store.files('candles')).map(({ version }) => version)).toEqual(['v1'])
    })

    test('a claim brings the state, the published file and the files of the inputs', async () => {
      const store = await begun()
      await publish(store)
      const file = { key: monday, path: 'candles/m1.parquet', rows: 2, bytes: 100, version: 'v1' }

      const [held] = await claim(store, 'w1')
      const [reader] = await claim(store, 'w1', {
        asset: 'ranges',
        inputs: [{ key: monday, name: 'candles', asset: 'candles', keys: [monday, tuesday] }],
      })

      const published = { codeVersion: '1', version: 'v1', inputs: {}, run: 'run1' }
      expect(held).toMatchObject({ state: { status: 'published', published }, published: file })
      expect(reader).toMatchObject({ state: { status: 'missing' }, inputs: { candles: [file] } })
    })
  })

  describe(`${name}: outcomes`, () => {
    test('publishing again moves the pointer and keeps the old version in the history', async () => {
      const store = await begun()
      await publish(store)
      await publish(store, { id: 'm2', path: 'candles/m2.parquet', version: 'v2', at: now + 1 })

      expect((await store.files('candles')).map(({ path }) => path)).toEqual(['candles/m2.parquet'])
      expect((await store.current('candles')).map(({ id }) => id)).toEqual(['m2'])
      expect((await store.history('candles', monday)).map(({ id, status }) => [id, status])).toEqual([
        ['m2', 'published'],
        ['m1', 'published'],
      ])
      expect(await store.knownPaths('candles', monday)).toEqual(new Set(['candles/m1.parquet', 'candles/m2.parquet']))
    })

    test('unchanged keeps the file and takes over what it is now known to come from', async () => {
      const store = await begun()
      await publish(store)
      const inputs = { trades: 'v9' }

      const outcome = { type: 'unchanged', codeVersion: '2', inputs, checks: [], metadata: { n: 1 } } as const
      await settle(store, outcome)

      const [current] = await store.current('candles')
      expect(current).toMatchObject({ id: 'm1', codeVersion: '2', inputs, metadata: { n: 1 }, version: 'v1' })
    })

    test('a failure keeps the published version; one that is tried again changes no state', async () => {
      const store = await begun()
      await publish(store)

      await settle(store, { type: 'failed', error: 'no answer', attempt: 1, retryAt: now + 1 })
      expect((await store.states('candles')).get(monday)!.status).toBe('published')
      await settle(store, { type: 'failed', error: 'no answer', attempt: 2, retryAt: null })

      const [row] = await store.partitions('candles')
      expect(row).toMatchObject({ error: 'no answer', state: { status: 'failed', published: { version: 'v1' } } })
      expect(row!.file!.path).toBe('candles/m1.parquet')
    })

    test('what a check refused is kept in the history and never becomes the version', async () => {
      const store = await begun()
      await publish(store)
      const checks = [
        { name: 'sane', passed: false, blocking: true, severity: 'error' as const, why: '1 row breaks it' },
      ]
      const materialization = made({ id: 'm2', version: 'v2', path: 'candles/m2.rejected.parquet', checks })

      await settle(store, { type: 'rejected', materialization })

      const [row] = await store.partitions('candles')
      expect(row).toMatchObject({ state: { status: 'rejected' }, error: 'check "sane": 1 row breaks it' })
      expect((await store.files('candles')).map(({ version }) => version)).toEqual(['v1'])
      expect((await store.history('candles', monday))[0]).toMatchObject({ id: 'm2', status: 'rejected', checks })
    })

    test.each([{ type: 'skipped', why: 'fresh' }, { type: 'canceled' }] as const)(
      '$type changes no state',
      async (outcome) => {
        const store = await begun()
        await publish(store)

        await settle(store, outcome)

        expect((await store.states('candles')).get(monday)).toMatchObject({ status: 'published' })
        expect((await store.events({ limit: 9 })).map(({ type }) => type)).toEqual(['published', outcome.type])
      },
    )

    test('a summary counts partitions, rows and bytes of what is published', async () => {
      const store = await begun()
      await publish(store)
      await publish(store, { id: 'm2', key: tuesday, rows: 3, bytes: 50, at: now + 7 })
      await claim(store, 'w1', { keys: [tuesday] })

      expect(await store.summaries()).toEqual([
        {
          asset: 'candles',
          ...{ published: 2, failed: 0, rejected: 0, running: 1 },
          ...{ rows: 5, bytes: 150, lastPublishedAt: now + 7 },
        },
      ])
    })
  })

  describe(`${name}: what all processes share`, () => {
    test('a setting is kept by who knows what it was', async () => {
      const { open } = make()
      const [one, other] = [await opened(open), await opened(open)]
      expect(await one.setting('home')).toBeUndefined()

      const first = await Promise.all([one, other].map((store, n) => store.keepSetting('home', `v${n}`, null)))
      expect(first.filter(Boolean)).toHaveLength(1)

      const kept = (await other.setting('home'))!
      expect(await other.keepSetting('home', 'later', 'something else')).toBe(false)
      expect(await one.keepSetting('home', 'later', kept)).toBe(true)
      expect(await other.setting('home')).toBe('later')
    })

    test('a budget is spent by all together, flows in again, and stops for a pause', async () => {
      const { open } = make()
      const [one, other] = [await opened(open), await opened(open)]
      // 20 at once, the other 600 a minute as 10 a second.
      const budget = { name: 'binance spot', perMinute: 620, burst: 20, weight: 15 }

      expect(await one.takeRate({ ...budget, now })).toEqual({ waitMs: 0, pausedMs: 0 })
      expect(await other.takeRate({ ...budget, now })).toEqual({ waitMs: 1_000, pausedMs: 0 })
      expect(await one.takeRate({ ...budget, now: now + 2_500 })).toEqual({ waitMs: 0, pausedMs: 0 })
      expect(await one.takeRate({ ...budget, now: now - 9_000 })).toEqual({ waitMs: 1_500, pausedMs: 0 })
      expect(await one.takeRate({ ...budget, now: now + 3_600_000 })).toEqual({ waitMs: 0, pausedMs: 0 })

      await other.pauseRate('binance spot', now + 3_601_000)
      await one.pauseRate('binance spot', now)
      expect(await one.takeRate({ ...budget, weight: 1, now: now + 3_600_000 })).toEqual({ waitMs: 0, pausedMs: 1_000 })
    })
  })

  describe(`${name}: runs, ticks and cursors`, () => {
    test('a run tells how it is getting on, and is led by nobody once it is final', async () => {
      const store = await begun()
      await store.progress('run1', 'w1', 'running', { ...none, planned: { candles: 2 } }, now + 1)
      expect(await store.run('run1')).toMatchObject({ status: 'running', leader: 'w1', finishedAt: null, ask })

      await store.progress('run1', 'w1', 'succeeded', { ...none, published: { candles: 2 } }, now + 2)

      expect(await store.run('run1')).toMatchObject({ status: 'succeeded', leader: null, finishedAt: now + 2 })
      expect(await store.requestCancel('run1')).toBe(false)
      expect(await store.run('no such run')).toBeUndefined()
    })

    test('a leader that was replaced can not say how its run ended', async () => {
      const store = await begun()
      await store.release('w1')
      await store.adoptRuns('w2')

      await store.progress('run1', 'w1', 'failed', none, now + 1)
      expect(await store.run('run1')).toMatchObject({ status: 'queued', leader: 'w2' })
      await store.progress('run1', 'w2', 'succeeded', none, now + 2)
      await store.progress('run1', 'w1', 'failed', none, now + 3)

      expect(await store.run('run1')).toMatchObject({ status: 'succeeded', finishedAt: now + 2 })
    })

    test('a run whose leader is gone is adopted by one worker', async () => {
      const store = await begun()
      for (const heir of ['w2', 'w3']) await store.join(worker(heir), now)
      await store.release('w1')

      const adopted = await Promise.all([store.adoptRuns('w2'), store.adoptRuns('w3')])

      expect(adopted.flat().map(({ id, ask }) => [id, ask])).toEqual([['run1', ask]])
    })

    test('a run that was given to a worker when it had left already is adopted', async () => {
      const store = await begun()
      await store.release('w1')
      await store.createRun({ id: 'run2', ask, leader: 'w1', now })

      const adopted = await store.adoptRuns('w2')

      expect(adopted.map(({ id }) => id).sort()).toEqual(['run1', 'run2'])
    })

    test('runs leave the queue as the limits admit them, whoever leads them, and each once', async () => {
      const store = await begun()
      const limits = { tags: [{ key: 'db', most: 1 }] }
      const tagged = { ...ask, tags: { db: 'tiny' } }
      await store.createRun({ id: 'run2', ask: tagged, leader: 'w1', now })
      await store.createRun({ id: 'run3', ask: { ...tagged, priority: 1 }, leader: 'w2', now })

      expect(await store.admitRuns('w1', limits, now + 1)).toEqual(['run1'])
      expect(await store.admitRuns('w2', limits, now + 2)).toEqual(['run3'])
      expect(await store.run('run3')).toMatchObject({ status: 'queued', admittedAt: now + 1 })

      await store.progress('run3', 'w2', 'succeeded', none, now + 3)
      expect(await store.admitRuns('w1', limits, now + 4)).toEqual(['run1', 'run2'])
    })

    test('a run that its leader never began goes back to the queue', async () => {
      const store = await begun()
      await store.admitRuns('w1', {}, now)

      await store.release('w1')

      expect(await store.run('run1')).toMatchObject({ admittedAt: null, leader: null })
    })

    test('being taken up counts where the leader died, and not where it left', async () => {
      const store = await begun()
      await store.admitRuns('w1', {}, now)
      await store.progress('run1', 'w1', 'running', none, now + 1)
      await store.inherit('w1', 'w2', now, leaseMs)
      expect(await store.run('run1')).toMatchObject({ isOrphan: true, resumes: 0, startedAt: now + 1 })

      const [adopted] = await store.adoptRuns('w2')
      expect(adopted).toMatchObject({ isOrphan: false, resumes: 1, admittedAt: now })

      await store.release('w2')
      expect((await store.adoptRuns('w3'))[0]).toMatchObject({ resumes: 1 })
    })

    test('a run that gets on forgets how often its leaders died', async () => {
      const store = await begun()
      await store.progress('run1', 'w1', 'running', { ...none, published: { candles: 1 } }, now)
      await store.inherit('w1', 'w2', now, leaseMs)
      await store.adoptRuns('w2')

      await store.progress('run1', 'w2', 'running', { ...none, published: { candles: 1 } }, now)
      expect(await store.run('run1')).toMatchObject({ resumes: 1 })

      await store.progress('run1', 'w2', 'running', { ...none, published: { candles: 2 } }, now)
      expect(await store.run('run1')).toMatchObject({ resumes: 0 })
    })

    test('a finished run never changes', async () => {
      const store = await begun()
      await store.progress('run1', 'w1', 'succeeded', none, now + 1)
      const finished = await store.run('run1')

      await store.progress('run1', 'w1', 'running', none, now + 2)

      expect(await store.failRun('run1', 'too late', now + 2)).toBe(false)
      expect(await store.requestCancel('run1', 'too late')).toBe(false)
      expect(await store.run('run1')).toEqual(finished)
    })

    test('a run that is failed from outside can not publish any more', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1')

      expect(await store.failRun('run1', 'took too long', now + 1)).toBe(true)

      expect(await store.publish(leaseOf(held!.token!), made())).toBe(false)
      const over = { status: 'failed', reason: 'took too long', finishedAt: now + 1, leader: null }
      expect(await store.run('run1')).toMatchObject(over)
      expect(await store.unfinishedRuns()).toEqual([])
    })

    test('a run is asked to stop for the first reason given', async () => {
      const store = await begun()
      await store.requestCancel('run1', 'took too long')
      await store.requestCancel('run1', 'and longer')

      const cancel = [{ run: 'run1', reason: 'took too long' }]
      expect(await store.heartbeat('w1', now, leaseMs)).toMatchObject({ cancel })
    })

    test('a run knows which ran it again', async () => {
      const store = await begun()
      await store.createRun({ id: 'run2', ask: { ...ask, rerunOf: 'run1' }, leader: 'w1', now })

      expect((await store.rerunsOf('run1')).map(({ id }) => id)).toEqual(['run2'])
      expect(await store.rerunsOf('run2')).toEqual([])
    })

    test('old events are purged, materializations are kept, and statuses stay true', async () => {
      const store = await begun()
      await publish(store)
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'old' }], now + 1)
      await settle(store, { type: 'failed', error: 'no answer', attempt: 1, retryAt: null })
      const [first] = await store.events({ limit: 1 })
      await publish(store, { id: 'm2', version: 'v2', key: tuesday, at: now + 100 })

      expect(await store.purgeEvents(now + 50)).toBe(2)

      expect((await store.events({ limit: 10 })).map(({ type }) => type)).toEqual(['published', 'published'])
      expect(await store.purgeEvents(now + 50)).toBe(0)
      // Someone who knew of the first event only can not hear of the failure from events any more.
      const { isWhole, rows } = await store.statusChanges('candles', first!.id)
      expect([isWhole, rows.map(({ status }) => status)]).toEqual([true, [2, 1]])
    })

    test('what follows a purge is news to whoever had read all events', async () => {
      const store = await begun()
      await publish(store)
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'old' }], now + 1)
      const after = (await store.events({ limit: 10 })).at(-1)!.id

      await store.purgeEvents(now + 50)
      await store.wipe('candles', [monday], now + 60)

      expect((await store.events({ after, limit: 10 })).map(({ type }) => type)).toEqual(['wiped'])
    })

    test('runs are listed newest first, as many as asked for', async () => {
      const store = await begun()
      await store.createRun({ id: 'run2', ask, leader: 'w1', now: now + 1 })
      await store.createRun({ id: 'run3', ask, leader: 'w1', now: now + 2 })

      expect((await store.runs(2)).map(({ id }) => id)).toEqual(['run3', 'run2'])
    })

    test('a tick is decided once, together with its run', async () => {
      const store = await begun()
      const decide = (id: string) => store.decideTick(tick(), [{ id, ask, leader: 'w1' }])

      const decided = await Promise.all([decide('a'), decide('b'), decide('c')])

      const [created] = decided.filter((runs) => runs !== undefined)
      expect(decided.filter((runs) => runs !== undefined)).toHaveLength(1)
      expect((await store.runs(10)).map(({ id }) => id)).toEqual([...created!, 'run1'])
      expect(await store.ticks('nightly', 10)).toEqual([{ ...tick(), runs: created }])
      expect(await store.ticks('hourly', 10)).toEqual([])
    })

    test('a tick whose runs can not be written leaves nothing', async () => {
      const store = await begun()

      const doubled = store.decideTick(tick({ cursorAfter: '"1"' }), [
        { id: 'run2', ask, leader: 'w1', runKey: 'a' },
        { id: 'run1', ask, leader: 'w1' },
      ])

      await expect(doubled).rejects.toThrow(/unique/i)
      expect(await store.ticks('nightly', 10)).toEqual([])
      expect(await store.cursor('nightly')).toBeUndefined()
      expect(await store.run('run2')).toBeUndefined()
      expect(await store.decideTick(tick(), [{ id: 'run2', ask, leader: 'w1', runKey: 'a' }])).toEqual(['run2'])
    })

    test('keys that a tick changes come with it, or not at all', async () => {
      const store = await begun()
      await store.addKeys('markets', ['a', 'b'], now)
      const keys = { add: { markets: ['c', 'b'] }, remove: { markets: ['b', 'a'] } }

      const lost = store.decideTick(tick(), [{ id: 'run1', ask, leader: 'w1' }], keys)
      await expect(lost).rejects.toThrow(/unique/i)
      expect(await store.dynamicKeys(['markets'], now)).toEqual({ markets: ['a', 'b'] })
      await store.decideTick(tick(), [], keys)
      await store.decideTick(tick(), [], { add: { markets: ['late'] }, remove: {} })

      expect(await store.dynamicKeys(['markets'], tick().decidedAt)).toEqual({ markets: ['b', 'c'] })
    })

    test('a tick that failed is decided again by who knows how often it did, one that did not never', async () => {
      const store = await begun()
      const fails = (failures: number) => store.decideTick(tick({ status: 'failed', failures, note: 'no' }), [])

      expect(await fails(1)).toEqual([])
      expect(await fails(1)).toBeUndefined()
      expect(await fails(2)).toEqual([])
      expect(await store.decideTick(tick({ failures: 1 }), [])).toBeUndefined()
      expect(await store.decideTick(tick({ failures: 2 }), [{ id: 'a', ask, leader: 'w1' }])).toEqual(['a'])
      expect(await fails(3)).toBeUndefined()

      expect(await store.ticks('nightly', 10)).toEqual([{ ...tick({ failures: 2 }), runs: ['a'] }])
    })

    test('a tick is not decided any more once a later one was', async () => {
      const store = await begun()
      await store.decideTick(tick({ scheduledAt: now, status: 'failed', failures: 1 }), [])
      await store.decideTick(tick({ scheduledAt: now + 2 }), [])

      expect(await store.decideTick(tick({ scheduledAt: now + 1 }), [{ id: 'a', ask, leader: 'w1' }])).toBeUndefined()
      expect(await store.decideTick(tick({ scheduledAt: now, failures: 1 }), [])).toBeUndefined()
      expect(await store.run('a')).toBeUndefined()
    })

    test('a run key is used once by its definition, and a tick left without runs is skipped', async () => {
      const store = await begun()
      const run = (id: string) => ({ id, ask, leader: 'w1', runKey: 'file-7' })
      await store.decideTick(tick(), [run('a')])

      expect(await store.decideTick(tick({ scheduledAt: now + 1 }), [run('b')])).toEqual([])
      expect(await store.decideTick(tick({ definition: 'other' }), [run('c')])).toEqual(['c'])

      expect((await store.ticks('nightly', 10)).map(({ status, runs }) => [status, runs])).toEqual([
        ['skipped', []],
        ['succeeded', ['a']],
      ])
      expect(await store.run('b')).toBeUndefined()
    })

    test('a cursor moves only from where the tick found it', async () => {
      const store = await begun()
      const move = (scheduledAt: number, cursorBefore: string | null, cursorAfter: string) =>
        store.decideTick(tick({ scheduledAt, cursorBefore, cursorAfter }), [])

      expect(await move(1, null, '"1"')).toEqual([])
      expect(await move(2, null, '"2"')).toBeUndefined()
      expect(await move(3, '"1"', '"3"')).toEqual([])
      expect(await move(4, '"1"', '"4"')).toBeUndefined()

      expect(await store.cursor('nightly')).toBe('"3"')
      expect((await store.ticks('nightly', 10)).map(({ scheduledAt }) => scheduledAt)).toEqual([3, 1])
    })

    test('old ticks are forgotten, but not the newest of a definition', async () => {
      const store = await begun()
      for (const scheduledAt of [1, 2, 3]) await store.decideTick(tick({ scheduledAt }), [])
      await store.decideTick(tick({ definition: 'rare', scheduledAt: 1 }), [])

      expect(await store.purgeTicks(3)).toBe(2)

      expect((await store.ticks('nightly', 10)).map(({ scheduledAt }) => scheduledAt)).toEqual([3])
      expect(await store.ticks('rare', 10)).toHaveLength(1)
      expect(await store.purgeTicks(100)).toBe(0)
    })

    test('an automation begins when it is first seen, and anew when it is switched on', async () => {
      const store = await begun()
      await store.seeAutomations(['nightly'], 10)
      await store.seeAutomations(['nightly'], 20)
      const row = async () => {
        const [found] = await store.automations()
        return [found!.isOn, found!.since]
      }
      expect(await row()).toEqual([undefined, 10])

      await store.setAutomation('nightly', true, true, 30)
      expect(await row()).toEqual([true, 10])
      await store.setAutomation('nightly', false, true, 40)
      expect(await row()).toEqual([false, 10])
      await store.setAutomation('nightly', true, true, 50)
      expect(await row()).toEqual([true, 50])
    })

    test('an automation that is off by default begins when it is switched on', async () => {
      const store = await begun()
      await store.seeAutomations(['nightly'], 10)

      await store.setAutomation('nightly', true, false, 20)
      await store.setAutomation('unseen', true, false, 30)
      await store.decideTick(tick(), [])

      expect(await store.automations()).toEqual([
        { name: 'nightly', isOn: true, since: 20, polledAt: null, lastTick: { ...tick(), runs: [] } },
        { name: 'unseen', isOn: true, since: 30, polledAt: null, lastTick: undefined },
      ])
    })

    test('a poll begins for one caller, and not before its time', async () => {
      const store = await begun()
      await store.seeAutomations(['arrivals'], 1)

      const claimed = await Promise.all([store.claimPoll('arrivals', 100, 50), store.claimPoll('arrivals', 100, 50)])

      expect(claimed.filter(Boolean)).toHaveLength(1)
      expect(await store.claimPoll('arrivals', 149, 50)).toBe(false)
      expect(await store.claimPoll('arrivals', 150, 50)).toBe(true)
    })

    test('the ends of runs are told once each, in their order, from where the reader stopped', async () => {
      const store = await begun()
      for (const id of ['run2', 'run3']) await store.createRun({ id, ask, leader: 'w1', now })
      const { upTo: begin } = await store.endedRuns(undefined, 10)

      await store.progress('run3', 'w1', 'succeeded', none, now + 9)
      await store.progress('run3', 'w1', 'failed', none, now + 9)
      await store.failRun('run1', 'no time', now + 5)
      await store.failRun('run1', 'no time', now + 6)
      await store.progress('run2', 'w1', 'running', none, now + 9)

      const first = await store.endedRuns(begin, 1)
      const rest = await store.endedRuns(first.upTo, 10)
      expect(first.runs).toEqual([
        { id: 'run3', status: 'succeeded', assets: ['candles'], tags: {}, asked: 'test', why: null, endedAt: now + 9 },
      ])
      expect(rest.runs.map(({ id, status, why }) => [id, status, why])).toEqual([['run1', 'failed', 'no time']])
      expect(await store.endedRuns(rest.upTo, 10)).toEqual({ runs: [], upTo: rest.upTo })
    })

    test('what was made of an asset is told from where the reader stopped', async () => {
      const store = await begun()
      const { upTo: begin } = await store.made(['candles'], undefined, 10)
      await publish(store)
      await publish(store, { id: 'm2', key: tuesday })
      const [held] = await claim(store, 'w1')
      const again = { type: 'unchanged', codeVersion: '1', inputs: {}, checks: [], metadata: {} } as const
      await store.settle({ asset: 'candles', key: monday, token: held!.token! }, 'run1', again, now + 3)

      const first = await store.made(['candles', 'other'], begin, 1)
      const rest = await store.made(['candles'], first.upTo, 10)

      expect(first.made).toEqual([{ asset: 'candles', key: monday, run: 'run1', isNew: true, at: now }])
      expect(rest.made.map(({ key, isNew }) => [key, isNew])).toEqual([
        [tuesday, true],
        [monday, false],
      ])
      expect(await store.made(['candles'], rest.upTo, 10)).toEqual({ made: [], upTo: rest.upTo })
      expect((await store.made(['other'], begin, 10)).made).toEqual([])
    })

    test('events are read in order, by run and from where the reader stopped', async () => {
      const store = await begun()
      await publish(store)
      await store.createRun({ id: 'run2', ask, leader: 'w1', now })
      await publish(store, { id: 'm2', run: 'run2', key: tuesday })
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now)

      const all = await store.events({ limit: 10 })

      expect(all.map(({ run, type }) => [run, type])).toEqual([
        ['run1', 'published'],
        ['run2', 'published'],
        ['run1', 'log'],
      ])
      expect(await store.events({ after: all[1]!.id, limit: 10 })).toEqual([all[2]])
      expect(await store.events({ run: 'run1', limit: 1 })).toEqual([all[0]])
      expect(all[2]!.payload).toEqual({ lines: [{ level: 'info', at: now, message: 'hello' }] })
    })

    test('the end of an attempt says who made it, which of its run it was and how long it took, if that is known', async () => {
      const store = await begun()
      const attempt = { by: 'here 1', begunAt: now - 1_500, number: 2 }
      const failure = { type: 'failed', error: 'x', attempt: 1, retryAt: null } as const
      const hold = async (key = monday) => leaseOf((await claim(store, 'w1', { keys: [key] }))[0]!.token!, key)

      await store.settle({ ...(await hold()), attempt: { ...attempt, number: 1 } }, 'run1', failure, now)
      await store.publish({ ...(await hold()), attempt }, made())
      const late = { ...attempt, by: 'there 2', begunAt: now + 9 }
      await Promise.all([
        store.settle({ ...(await hold(tuesday)), attempt: late }, 'run1', { type: 'skipped', why: 'fresh' }, now),
        store.publish(await hold(), made({ id: 'm2' })),
      ])

      const events = await store.events({ limit: 9 })
      const ends = events.toSorted((a, b) => Number(a.by === null) - Number(b.by === null) || a.id - b.id)
      expect(ends.map(({ type, by, attempt: number, tookMs }) => [type, by, number, tookMs])).toEqual([
        ['failed', 'here 1', 1, 1_500],
        ['published', 'here 1', 2, 1_500],
        ['skipped', 'there 2', 2, 0],
        ['published', null, null, null],
      ])
    })
  })

  describe(`${name}: together`, () => {
    test('an operation that fails does not fail those of its commit', async () => {
      const store = await begun()

      const outcomes = await Promise.allSettled([
        store.createRun({ id: 'run2', ask, leader: 'w1', now }),
        store.createRun({ id: 'run1', ask, leader: 'w1', now }),
        claim(store, 'w1', { run: 'no such run' }),
        store.createRun({ id: 'run3', ask, leader: 'w1', now }),
      ])

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
      expect((await store.runs(9)).map(({ id }) => id)).toEqual(['run3', 'run2', 'run1'])
    })

    test('files found in the lake become the version, the newest last, and are taken once', async () => {
      const store = await begun()
      const found = [
        made({ id: 'm2', version: 'v2', at: now + 2, run: 'a lost run' }),
        made({ id: 'm1', version: 'v1', at: now + 1 }),
        made({ id: 'm3', key: tuesday, version: 'v3' }),
      ]

      expect(await store.reindex(found)).toBe(3)
      expect(await store.reindex(found)).toBe(0)

      expect((await store.files('candles')).map(({ key, version }) => [key, version])).toEqual([
        [monday, 'v2'],
        [tuesday, 'v3'],
      ])
      expect((await store.history('candles', monday)).map(({ id, run }) => [id, run])).toEqual([
        ['m2', ''],
        ['m1', 'run1'],
      ])
    })

    test('two processes see and refuse one another', async () => {
      const { open } = make()
      const [ours, theirs] = [await opened(open), await opened(open)]
      await begin(ours)

      const [mine] = await claim(ours, 'w1')
      expect((await claim(theirs, 'w2'))[0]!.token).toBeUndefined()
      await ours.publish(leaseOf(mine!.token!), made())

      expect((await theirs.files('candles')).map(({ version }) => version)).toEqual(['v1'])
      expect((await claim(theirs, 'w2'))[0]!.token).toBe(2)
    })
  })
}

export async function opened(open: () => RunStore | Promise<RunStore>): Promise<RunStore> {
  const store = await open()
  onTestFinished(() => store.close())
  return store
}

export async function begin(store: RunStore): Promise<void> {
  await store.join(worker('w1'), now)
  await store.createRun({ id: 'run1', ask, leader: 'w1', now })
}

export const claim = (store: RunStore, by: string, of: Partial<Parameters<RunStore['claim']>[0]> = {}) =>
  store.claim({ run: 'run1', worker: by, asset: 'candles', keys: [monday], now, leaseMs, inputs: [], ...of })

export const leaseOf = (token: number, key = monday) => ({ asset: 'candles', key, token })

export async function publish(store: RunStore, of: Partial<Materialization> = {}): Promise<void> {
  const version = made(of)
  const [held] = await claim(store, 'w1', { keys: [version.key], run: version.run })
  expect(await store.publish(leaseOf(held!.token!, version.key), version)).toBe(true)
}

async function settle(store: RunStore, outcome: Parameters<RunStore['settle']>[2]): Promise<void> {
  const [held] = await claim(store, 'w1')
  expect(await store.settle(leaseOf(held!.token!), 'run1', outcome, now)).toBe(true)
}
