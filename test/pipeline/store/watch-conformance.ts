import { describe, expect, test } from 'vitest'
import type { RunStore } from '#pipeline'
import { begin, claim, leaseOf, made, monday, now, opened, publish, tuesday, worker } from './conformance.ts'

const failure = { type: 'failed', error: 'no', attempt: 1, retryAt: null } as const
const checks = [
  { name: 'a "passed":false one', passed: true, blocking: true, severity: 'error', why: null },
  { name: 'few', passed: false, blocking: false, severity: 'warning', why: '"passed":false,"blocking":', metadata: {} },
] as const
const start = { event: 0, materialization: 0 }
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

/** What the run store promises to those who watch it. */
export function testWatching(name: string, make: () => { readonly open: () => RunStore | Promise<RunStore> }): void {
  const begun = async (): Promise<RunStore> => {
    const store = await opened(make().open)
    await begin(store)
    return store
  }
  const fail = async (store: RunStore, key = monday) => {
    const [held] = await claim(store, 'w1', { keys: [key] })
    expect(await store.settle(leaseOf(held!.token!, key), 'run1', failure, now + 7)).toBe(true)
  }
  const tally = { asset: 'candles', key: monday, status: 1, isReadable: 1, rows: 2, bytes: 100, at: now }

  describe(`${name}: tallies`, () => {
    test('each partition has its status and what its published version holds, checks told apart', async () => {
      const store = await begun()
      await publish(store, { checks })
      await fail(store, tuesday)

      const all = await store.partitionTallies(0, 9)

      expect(all).toMatchObject([
        { ...tally, passed: 1, failed: 1 },
        { asset: 'candles', key: tuesday, status: 2, isReadable: 0, rows: 0, bytes: 0, at: 0, passed: 0, failed: 0 },
      ])
      expect(await store.partitionTallies(all[0]!.number, 9)).toEqual([all[1]])
      expect(await store.partitionTallies(0, 1)).toEqual([all[0]])
    })

    test('changes are those of events since, by pages, and say when assets were made', async () => {
      const store = await begun()
      await publish(store)
      const first = await store.tallyChanges(start, 100)
      expect(first).toMatchObject({ isGap: false, rows: [tally], made: [{ asset: 'candles', at: now }] })
      expect(first.newest).toBe(await store.newestEvent())
      expect(await store.tallyChanges(first.upTo, 100)).toMatchObject({ upTo: first.upTo, rows: [], made: [] })

      await fail(store)
      await publish(store, { id: 'm2', key: tuesday, at: now + 9 })
      const next = await store.tallyChanges(first.upTo, 1)

      expect(next.rows).toContainEqual(expect.objectContaining({ ...tally, status: 2 }))
      expect(next.newest).toBeGreaterThan(next.upTo.event)
      const last = await store.tallyChanges(next.upTo, 9)
      expect([last.rows.map(({ key }) => key), last.made]).toEqual([[tuesday], [{ asset: 'candles', at: now + 9 }]])
      expect(await store.madeBetween(0, first.newest)).toEqual([{ asset: 'candles', at: now }])
    })

    test('what was read back from the lake is a change without an event', async () => {
      const store = await begun()
      await publish(store)
      const { upTo } = await store.tallyChanges(start, 100)

      await store.reindex([made({ id: 'm7', key: tuesday })])

      expect((await store.tallyChanges(upTo, 100)).rows.map(({ key }) => key)).toEqual([tuesday])
    })

    test('where events were dropped there is a gap', async () => {
      const store = await begun()
      await fail(store)
      await publish(store, { at: now + 100 })

      expect(await store.purgeEvents(now + 50)).toBe(1)

      expect(await store.tallyChanges(start, 100)).toMatchObject({ isGap: true })
      expect(await store.tallyChanges({ ...start, event: await store.newestEvent() }, 100)).toMatchObject({
        isGap: false,
      })
    })

    test('what workers hold is counted until its lease runs out', async () => {
      const store = await begun()
      await claim(store, 'w1', { keys: [monday, tuesday] })

      expect(await store.heldPartitions(now)).toEqual([{ asset: 'candles', count: 2 }])
      expect(await store.heldPartitions(now + 30_001)).toEqual([])
    })
  })

  describe(`${name}: counts over time`, () => {
    test('events and rows are counted by the minute they belong to', async () => {
      const store = await begun()
      await publish(store)
      await fail(store, tuesday)
      await publish(store, { id: 'm2', at: now + 60_000, rows: 5 })
      const minute = Math.floor(now / 60_000)
      const newest = await store.newestEvent()

      const counts = await store.eventCounts(0, newest)
      expect(counts).toHaveLength(3)
      expect(counts).toContainEqual({ minute, type: 'failed', count: 1 })
      expect(counts).toContainEqual({ minute: minute + 1, type: 'published', count: 1 })
      expect(await store.eventCounts(newest, newest + 9)).toEqual([])
      const { materializations, events } = await store.sizes()
      expect([materializations, events]).toEqual([2, 3])
      const rows = await store.rowsMade(0, materializations)
      expect(rows.toSorted((a, b) => a.minute - b.minute)).toEqual([
        { minute, rows: 2 },
        { minute: minute + 1, rows: 5 },
      ])
      expect(await store.eventAt(0)).toMatchObject({ at: now })
      expect(await store.eventAt(newest)).toBeUndefined()
      expect(await store.materializationAt(1)).toEqual({ id: 2, at: now + 60_000 })
    })
  })

  describe(`${name}: watching runs`, () => {
    const create = (store: RunStore, id: string, at = now) =>
      store.createRun({
        ...{ id, leader: 'w1', now: at },
        ask: { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now, reason: 'test' },
      })
    const idsOf = ({ runs }: Awaited<ReturnType<RunStore['watchRuns']>>) => runs.map(({ id }) => id)

    test('unfinished runs are seen again and again, others once', async () => {
      const store = await begun()
      const first = await store.watchRuns({ run: 0, end: 0 }, 9)
      expect(idsOf(first)).toEqual(['run1'])
      await publish(store)
      expect((await store.watchRuns(first.upTo, 9)).runs).toMatchObject([
        { id: 'run1', lastEvent: await store.newestEvent() },
      ])

      await create(store, 'run2')
      await store.progress('run1', 'w1', 'succeeded', none, now + 5)
      const second = await store.watchRuns(first.upTo, 9)

      expect(idsOf(second)).toEqual(['run2', 'run1'])
      expect(second.runs[1]).toMatchObject({ status: 'succeeded' })
      expect(idsOf(await store.watchRuns(second.upTo, 9))).toEqual(['run2'])
      expect((await store.runsEndedLast(9)).map(({ id }) => id)).toEqual(['run1'])
      expect(await store.unfinishedCounts()).toEqual({ queued: 1 })
    })

    test('runs since an instant are counted by status', async () => {
      const store = await begun()
      for (const [index, id] of ['run2', 'run3', 'run4'].entries()) await create(store, id, now + index)
      await store.progress('run3', 'w1', 'failed', none, now + 5)

      expect(await store.runsCreatedSince(now + 1)).toEqual({ queued: 1, failed: 1 })
      expect(await store.runsCreatedSince(now + 3)).toEqual({})
    })

    test('ticks come in pages, newest first, and by status', async () => {
      const store = await begun()
      const at = [now, now + 1, now + 2, now + 3]
      for (const scheduledAt of at) {
        await store.decideTick(
          {
            ...{ definition: 'nightly', scheduledAt, decidedAt: now, failures: 0, note: null },
            ...{ cursorBefore: null, cursorAfter: null, status: scheduledAt === now + 1 ? 'failed' : 'skipped' },
          },
          [],
        )
      }
      const page = async (ask: Omit<Parameters<RunStore['ticksPage']>[1], 'limit'>) =>
        (await store.ticksPage('nightly', { ...ask, limit: 2 })).map(({ scheduledAt }) => scheduledAt - now)

      expect(await page({})).toEqual([3, 2])
      expect(await page({ before: now + 2 })).toEqual([1, 0])
      expect(await page({ status: 'failed' })).toEqual([1])
      expect(await page({ status: 'skipped', before: now + 2 })).toEqual([0])
    })
  })

  test(`${name}: a worker that ticks says so`, async () => {
    const store = await begun()
    const about = { role: 'command', version: '1', pools: [], concurrency: 1, ticks: true, code: {} } as const

    await store.join({ ...worker('w2'), about }, now)

    expect(await store.workers()).toContainEqual({ ...worker('w2'), about, heartbeatAt: now })
  })
}
