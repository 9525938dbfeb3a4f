import { describe, expect, test } from 'vitest'
import type { PartitionKey, RunPlace, RunStore } from '#pipeline'
import { begin, claim, leaseOf, made, monday, now, opened, tuesday } from './conformance.ts'

const wednesday = 'date=2024-01-03' as PartitionKey
const ask = { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now, reason: 'test' } as const

/** What lists of runs, and pages of one run, are read from. */
export function testRunPages(name: string, make: () => { readonly open: () => RunStore | Promise<RunStore> }): void {
  const begun = async () => {
    const store = await opened(make().open)
    await begin(store)
    return store
  }

  describe(`${name}: pages of runs`, () => {
    test('runs are read newest first, a page after the other', async () => {
      const store = await begun()
      for (const n of [2, 3, 4, 5]) await store.createRun({ id: `run${n}`, ask, leader: 'w1', now: now + (n >> 1) })

      const pages: (readonly string[])[] = []
      let after: RunPlace | undefined
      do {
        const page: Awaited<ReturnType<RunStore['runPage']>> = await store.runPage({ limit: 2, after })
        pages.push(page.runs.map(({ id }) => id))
        after = page.next
      } while (after)

      expect(pages).toEqual([['run5', 'run4'], ['run3', 'run2'], ['run1']])
    })

    test('runs are found by status, asset, time and words', async () => {
      const store = await begun()
      const other = { ...ask, assets: ['trades', 'candles_1h'], reason: 'Nightly 100%', tags: { team: 'Größe"x"' } }
      await store.createRun({ id: 'run2', ask: other, leader: 'w1', now: now + 10 })
      await store.failRun('run2', 'x', now + 11)
      const found = async (of: Partial<Parameters<RunStore['runPage']>[0]>) =>
        (await store.runPage({ limit: 9, ...of })).runs.map(({ id }) => id)

      expect(await found({ status: 'failed' })).toEqual(['run2'])
      expect(await found({ status: 'queued' })).toEqual(['run1'])
      expect(await found({ asset: 'candles' })).toEqual(['run1'])
      expect(await found({ asset: 'candles', status: 'failed' })).toEqual([])
      expect(await found({ from: now + 10 })).toEqual(['run2'])
      expect(await found({ to: now + 10 })).toEqual(['run1'])
      expect(await found({ text: 'nightly 100%' })).toEqual(['run2'])
      expect(await found({ text: 'RUN1' })).toEqual(['run1'])
      expect(await found({ text: 'Größe"' })).toEqual(['run2'])
      expect(await found({ text: 'candles' })).toEqual([])
      expect(await found({ text: '_' })).toEqual([])
    })
  })

  test(`${name}: the published versions of some partitions tell how many they follow`, async () => {
    const store = await begun()
    await happened(store)

    const current = await store.currentOf('candles', [monday, tuesday, wednesday])

    expect(current.map(({ id, key, run, revision }) => [id, key, run, revision])).toEqual([['m2', monday, 'run2', 1]])
    expect(await store.currentOf('candles', [])).toEqual([])
    expect(await store.currentOf('candles', [monday])).toHaveLength(1)
    expect(await store.currentOf('trades', [monday])).toEqual([])
  })

  describe(`${name}: events of a run`, () => {
    test('events are read in both orders, and in part', async () => {
      const store = await begun()
      await happened(store)
      const read = async (of: Partial<Parameters<RunStore['runEvents']>[0]>) => {
        const all: string[] = []
        let after: number | undefined
        do {
          const ask = { run: 'run1', order: 'oldest', limit: 2, after, ...of } as const
          const page: Awaited<ReturnType<RunStore['runEvents']>> = await store.runEvents(ask)
          all.push(...page.events.map(({ type, key }) => `${type} ${key.slice(-2)}`))
          after = page.next
        } while (after !== undefined)
        return all
      }

      const all = ['failed 01', 'log 01', 'published 01', 'skipped 02', 'rejected 03']
      expect(await read({})).toEqual(all)
      expect(await read({ order: 'newest' })).toEqual(all.toReversed())
      expect(await read({ types: ['published', 'skipped'] })).toEqual(['published 01', 'skipped 02'])
      expect(await read({ types: ['failed', 'rejected', 'log'], order: 'newest' })).toEqual([
        'rejected 03',
        'log 01',
        'failed 01',
      ])
      expect(await read({ asset: 'candles', key: monday })).toEqual(['failed 01', 'log 01', 'published 01'])
      expect(await read({ asset: 'candles', key: monday, types: ['log'] })).toEqual(['log 01'])
      expect(await read({ asset: 'trades' })).toEqual([])
      expect(await read({ run: 'run2' })).toEqual(['published 01'])
      expect(await read({ run: 'nope' })).toEqual([])
    })

    test('the ends of attempts are told in short, from an event on', async () => {
      const store = await begun()
      await happened(store)
      const [first] = (await store.runEvents({ run: 'run1', order: 'oldest', limit: 1 })).events

      const ends = await store.runEnds('run1', 0)

      expect(ends.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))).toEqual([
        { asset: 'candles', key: monday, end: 'failed', isRetried: true },
        { asset: 'candles', key: monday, end: 'published', isRetried: false },
        { asset: 'candles', key: tuesday, end: 'skipped', isRetried: false },
        { asset: 'candles', key: wednesday, end: 'rejected', isRetried: false },
      ])
      expect(await store.runEnds('run1', first!.id)).toHaveLength(3)
      expect(await store.runEnds('run1', await store.newestEventOf('run1'))).toEqual([])
      expect(await store.newestEventOf('nope')).toBe(0)
    })

    test('of many attempts those that failed and the longest are told, and when all of them ended', async () => {
      const store = await begun()
      await happened(store)

      const told = await store.telltaleAttempts('run1', 3)

      expect(told.map(({ type, tookMs }) => [type, tookMs])).toEqual([
        ['failed', 100],
        ['published', 300],
        ['rejected', null],
      ])
      expect(await store.telltaleAttempts('run1', 9)).toHaveLength(4)
      expect(await store.runDensity('run1', 1_000)).toEqual([
        { at: now, ended: 1, failed: 1 },
        { at: now + 1_000, ended: 2, failed: 0 },
        { at: now + 2_000, ended: 1, failed: 1 },
      ])
      expect(await store.paceOf('run1', 1)).toBe(now + 1_001)
      expect(await store.paceOf('run1', 99)).toBeUndefined()
    })
  })
}

/** A partition that succeeds when it is tried again, one that is fresh, and one that a check refuses; and another run. */
async function happened(store: RunStore): Promise<void> {
  const hold = async (key = monday, run = 'run1') =>
    leaseOf((await claim(store, 'w1', { keys: [key], run }))[0]!.token!, key)
  const attempt = (begunAt: number, number: number) => ({ attempt: { by: 'here 1', begunAt, number } })
  const failure = { type: 'failed', error: 'as "retryAt":null', attempt: 1, retryAt: now + 5 } as const
  await store.settle({ ...(await hold()), ...attempt(now - 100, 1) }, 'run1', failure, now)
  await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now + 1)
  await store.publish({ ...(await hold()), ...attempt(now + 700, 2) }, made({ at: now + 1_000 }))
  const skipped = { type: 'skipped', why: 'fresh' } as const
  await store.settle({ ...(await hold(tuesday)), ...attempt(now + 1_000, 1) }, 'run1', skipped, now + 1_001)
  const refused = made({ id: 'm3', key: wednesday, at: now + 2_000 })
  await store.settle(await hold(wednesday), 'run1', { type: 'rejected', materialization: refused }, now + 2_000)
  await store.createRun({ id: 'run2', ask, leader: 'w1', now })
  await store.publish(await hold(monday, 'run2'), made({ id: 'm2', run: 'run2' }))
}
