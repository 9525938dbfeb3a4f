import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartitionKey, RunStore } from '#pipeline'
import { begin, claim, leaseOf, made, monday, now, opened, publish, tuesday } from './conformance.ts'

const day = 86_400_000
const second = { id: 'm2', path: 'candles/m2.parquet', version: 'v2', at: now + 10 } as const
const toFirst = { asset: 'candles', key: monday, materialization: 'm1', now: now + 20 } as const

/** What the run store promises about the past: putting it back, forgetting it, reading it, and giving up its files. */
export function testHistory(name: string, make: () => { readonly open: () => RunStore | Promise<RunStore> }): void {
  const begun = async (): Promise<RunStore> => {
    const store = await opened(make().open)
    await begin(store)
    return store
  }
  const withTwo = async (): Promise<RunStore> => {
    const store = await begun()
    await publish(store)
    await publish(store, second)
    return store
  }
  const versionsOf = async (store: RunStore) => (await store.files('candles')).map(({ version }) => version)

  describe(`${name}: rolling back`, () => {
    test('an earlier version is published again, and the one after it is kept', async () => {
      const store = await withTwo()

      expect(await store.rollback(toFirst)).toBe('rolled-back')
      expect(await store.rollback(toFirst)).toBe('current')

      expect(await versionsOf(store)).toEqual(['v1'])
      expect((await store.states('candles')).get(monday)).toMatchObject({
        status: 'published',
        published: { version: 'v1' },
      })
      expect((await store.history('candles', monday)).map(({ id, supersededAt }) => [id, supersededAt])).toEqual([
        ['m2', now + 20],
        ['m1', null],
      ])
      expect((await store.events({ limit: 9 })).at(-1)).toMatchObject({
        ...{ type: 'rolled-back', run: '', key: monday, payload: { materialization: 'm1' } },
      })
    })

    test('a failure after the version is forgotten with it', async () => {
      const store = await withTwo()
      const [held] = await claim(store, 'w1')
      const failure = { type: 'failed', error: 'no', attempt: 1, retryAt: null } as const
      await store.settle(leaseOf(held!.token!), 'run1', failure, now)

      await store.rollback(toFirst)

      expect((await store.partitions('candles'))[0]).toMatchObject({ error: null, state: { status: 'published' } })
    })

    test('a partition that is being made is left alone', async () => {
      const store = await withTwo()
      const [held] = await claim(store, 'w1')

      expect(await store.rollback(toFirst)).toBe('held')
      expect(await store.wipe('candles', [monday], now + 20)).toEqual({ wiped: [], held: [monday] })

      expect(await store.publish(leaseOf(held!.token!), made({ id: 'm3', version: 'v3' }))).toBe(true)
    })

    test('a worker whose lease ran out can not undo it', async () => {
      const store = await withTwo()
      const [held] = await claim(store, 'w1')

      expect(await store.rollback({ ...toFirst, now: now + day })).toBe('rolled-back')

      expect(await store.publish(leaseOf(held!.token!), made({ id: 'm3', version: 'v3' }))).toBe(false)
      expect(await versionsOf(store)).toEqual(['v1'])
    })

    test('what was refused, removed or never made is not published', async () => {
      const store = await withTwo()
      const [held] = await claim(store, 'w1')
      const materialization = made({ id: 'm3', path: 'candles/m3.rejected.parquet' })
      await store.settle(leaseOf(held!.token!), 'run1', { type: 'rejected', materialization }, now)
      const [first] = await store.superseded(0, 1)
      await store.dropVersions([first!.number], now + 15)

      expect(await store.rollback(toFirst)).toBe('removed')
      for (const unknown of ['m3', 'm4']) {
        expect(await store.rollback({ ...toFirst, materialization: unknown })).toBe('unknown')
      }
      expect(await store.rollback({ ...toFirst, key: tuesday })).toBe('unknown')
    })
  })

  describe(`${name}: wiping`, () => {
    test('a wiped partition is missing, and its history stays', async () => {
      const store = await withTwo()

      expect(await store.wipe('candles', [monday, tuesday], now + 20)).toEqual({ wiped: [monday], held: [] })
      expect(await store.wipe('candles', [monday], now + 30)).toEqual({ wiped: [], held: [] })

      expect(await versionsOf(store)).toEqual([])
      expect((await store.states('candles')).get(monday)).toEqual({ status: 'missing', published: undefined })
      expect((await store.statusChanges('candles', 0)).rows).toEqual([{ key: monday, status: 0, isReadable: 0 }])
      expect(await store.history('candles', monday)).toHaveLength(2)
      expect((await store.events({ limit: 9 })).at(-1)).toMatchObject({ type: 'wiped', key: monday })
    })

    test('a wiped partition can be put back, or made again', async () => {
      const store = await withTwo()
      await store.wipe('candles', [monday], now + 20)

      expect(await store.rollback({ ...toFirst, now: now + 30 })).toBe('rolled-back')
      await store.wipe('candles', [monday], now + 40)
      await publish(store, { ...second, id: 'm3', version: 'v3', at: now + 50 })

      expect(await versionsOf(store)).toEqual(['v3'])
    })

    test('the log remembers both when other events are dropped', async () => {
      const store = await withTwo()
      await store.rollback(toFirst)
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now + 25)
      await store.wipe('candles', [monday], now + 30)

      expect(await store.purgeEvents(now + day)).toBe(1)

      expect((await store.events({ limit: 9 })).map(({ type }) => type)).toEqual([
        ...['published', 'published', 'rolled-back', 'wiped'],
      ])
    })
  })

  describe(`${name}: as it was`, () => {
    test('an instant has the versions that were published then', async () => {
      const store = await withTwo()
      await publish(store, { id: 'm3', key: tuesday, version: 'v3', at: now + 15 })
      await store.rollback(toFirst)
      await store.wipe('candles', [tuesday], now + 30)

      const at = async (after: number) => (await store.versionsAt('candles', now + after)).map(({ id }) => id)

      expect(await at(-1)).toEqual([])
      expect(await at(0)).toEqual(['m1'])
      expect(await at(14)).toEqual(['m2'])
      expect(await at(15)).toEqual(['m2', 'm3'])
      expect(await at(20)).toEqual(['m1', 'm3'])
      expect(await at(30)).toEqual(['m1'])
    })

    test('every instant of any history has what was published then', async () => {
      const steps = fc.array(
        fc.oneof(
          fc.constant({ type: 'publish' as const }),
          fc.constant({ type: 'wipe' as const }),
          fc.record({ type: fc.constant('rollback' as const), to: fc.nat({ max: 9 }) }),
        ),
        { maxLength: 8 },
      )
      const store = await begun()
      let round = 0
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const key = `date=${++round}` as PartitionKey
          const versions: string[] = []
          const published: (string | undefined)[] = []
          for (const [index, step] of history.entries()) {
            const at = now + index
            if (step.type === 'publish') {
              const id = `${round}-${index}`
              await publish(store, { id, key, version: id, path: id, at })
              versions.push(id)
              published.push(id)
            } else if (step.type === 'wipe') {
              await store.wipe('candles', [key], at)
              published.push(undefined)
            } else {
              const id = versions[step.to % Math.max(1, versions.length)]
              if (id !== undefined) await store.rollback({ asset: 'candles', key, materialization: id, now: at })
              published.push(id)
            }
          }
          for (const [index, expected] of published.entries()) {
            const then = (await store.versionsAt('candles', now + index)).filter((file) => file.key === key)
            expect(then.map(({ id }) => id)).toEqual(expected === undefined ? [] : [expected])
          }
          const files = (await store.files('candles')).filter((file) => file.key === key)
          const last = published.at(-1)
          expect(files.map(({ version }) => version)).toEqual(last === undefined ? [] : [last])
        }),
        { numRuns: 30 },
      )
    })
  })

  describe(`${name}: giving up files`, () => {
    test('superseded and refused versions are told of, the published one is not', async () => {
      const store = await withTwo()
      const [held] = await claim(store, 'w1')
      const materialization = made({ id: 'm3', path: 'candles/m3.rejected.parquet', at: now + 12 })
      await store.settle(leaseOf(held!.token!), 'run1', { type: 'rejected', materialization }, now)

      expect(await store.superseded(0, 9)).toMatchObject([
        {
          asset: 'candles',
          key: monday,
          path: 'candles/m1.parquet',
          isRejected: false,
          supersededAt: now + 10,
          newer: 1,
        },
        { path: 'candles/m3.rejected.parquet', isRejected: true, supersededAt: now + 12, newer: 0 },
      ])
      const [first] = await store.superseded(0, 1)
      expect(await store.superseded(first!.number, 9)).toHaveLength(1)
    })

    test('a version is given up once, and not the published one', async () => {
      const store = await withTwo()
      const numbers = (await store.history('candles', monday)).map(({ number }) => number)

      const first = numbers.at(-1)!
      expect(await store.dropVersions(numbers, now + day)).toEqual([first])
      expect(await store.dropVersions(numbers, now + day)).toEqual([])

      expect(await store.superseded(0, 9)).toEqual([])
      expect((await store.versionsAt('candles', now))[0]).toMatchObject({ id: 'm1', isRemoved: true })
      expect(await store.droppedFiles(9)).toEqual([{ number: first, path: 'candles/m1.parquet' }])
      await store.forgetFiles([first])
      expect(await store.droppedFiles(9)).toEqual([])
    })

    test('partitions are walked through in parts', async () => {
      const store = await withTwo()
      await publish(store, { id: 'm3', key: tuesday })

      const [first] = await store.partitionsAfter(0, 1)

      expect(first).toMatchObject({ asset: 'candles', key: monday })
      expect(await store.partitionsAfter(first!.number, 9)).toMatchObject([{ key: tuesday }])
    })
  })

  describe(`${name}: what others make`, () => {
    const seen = { id: 'o1', asset: 'rates', key: monday, version: 'r1', metadata: { n: 1 }, at: now }

    test('a new version that was seen is published, the same again is not', async () => {
      const store = await begun()

      expect(await store.observe(seen)).toBe(true)
      expect(await store.observe({ ...seen, id: 'o2', metadata: { n: 2 }, at: now + 1 })).toBe(false)
      const file = { path: 'elsewhere.parquet', rows: 3, bytes: 9 }
      expect(await store.observe({ ...seen, id: 'o3', version: 'r2', file, at: now + 2 })).toBe(true)

      expect(await store.files('rates')).toEqual([{ key: monday, ...file, version: 'r2' }])
      expect(await store.history('rates', monday)).toMatchObject([
        { id: 'o3', supersededAt: null },
        { id: 'o1', metadata: { n: 2 }, path: '', supersededAt: now + 2 },
      ])
      expect((await store.events({ limit: 9 })).map(({ type, payload }) => [type, payload])).toEqual([
        ['observed', { version: 'r1' }],
        ['observed', { version: 'r2' }],
      ])
      const heard = await store.made(['rates'], 0, 9)
      expect(heard.made.map(({ run, isNew }) => [run, isNew])).toEqual([
        ['', true],
        ['', true],
      ])
    })

    test('a version without a file has none to list, until the same version is seen in one', async () => {
      const store = await begun()
      await store.observe(seen)
      expect(await store.files('rates')).toEqual([])

      const file = { path: 'elsewhere.parquet', rows: 3, bytes: 9 }
      expect(await store.observe({ ...seen, id: 'o2', file, at: now + 1 })).toBe(false)

      expect(await store.files('rates')).toEqual([{ key: monday, ...file, version: 'r1' }])
    })

    test('a claim tells by number what it is to read', async () => {
      const store = await begun()
      await store.observe(seen)
      const inputs = [{ key: monday, name: 'rates', asset: 'rates', keys: [monday] }]

      const [held] = await claim(store, 'w1', { inputs })
      const [read] = held!.inputs.rates!
      await store.publish(leaseOf(held!.token!), made({ sources: { rates: [read!.number] } }))

      const [version] = await store.history('candles', monday)
      expect((await store.materializations(version!.sources.rates!)).map(({ id }) => id)).toEqual(['o1'])
      expect(await store.materializations([99])).toEqual([])
    })
  })

  describe(`${name}: readers`, () => {
    test('the published versions that were made from a version are found, and no others', async () => {
      const store = await begun()
      const sources = { a: [3, 12], b: [120] }
      await publish(store, { id: 'm1', sources: { a: [12] } })
      await publish(store, { id: 'm2', sources, at: now + 1 })
      await publish(store, { id: 'm3', key: tuesday, sources: { a: [], b: [1, 20, 2] } })
      const readers = async (numbers: readonly number[], assets = ['candles'], limit = 9) =>
        (await store.readersOf(numbers, assets, limit)).map(({ id }) => id)

      for (const number of [3, 12, 120]) expect(await readers([number])).toEqual(['m2'])
      for (const number of [1, 20, 2]) expect(await readers([number])).toEqual(['m3'])
      expect(await readers([0, 5, 10, 21])).toEqual([])
      expect(await readers(Array.from({ length: 130 }, (_, number) => number))).toEqual(['m2', 'm3'])
      expect(await readers([2, 3], ['candles'], 1)).toEqual(['m2'])
      expect(await readers([2, 3], ['trades'])).toEqual([])
    })
  })

  describe(`${name}: keys`, () => {
    test('keys keep the order in which they first came, also those that went and came back', async () => {
      const store = await begun()

      expect(await store.addKeys('markets', ['b', 'a'], now)).toEqual(['b', 'a'])
      expect(await store.addKeys('markets', ['a', 'c'], now + 1)).toEqual(['c'])
      expect(await store.removeKeys('markets', ['b', 'z'], now + 2)).toEqual(['b'])
      expect(await store.dynamicKeys(['markets'], now + 2)).toEqual({ markets: ['a', 'c'] })
      expect(await store.addKeys('markets', ['b'], now + 3)).toEqual(['b'])

      expect(await store.dynamicKeys(['markets', 'others'], now + 3)).toEqual({ markets: ['b', 'a', 'c'], others: [] })
    })

    test('an instant has the keys that were there then', async () => {
      const store = await begun()
      await store.addKeys('markets', ['a'], now)
      await store.addKeys('markets', ['b'], now + 5)
      await store.removeKeys('markets', ['a'], now + 7)

      const at = async (after: number) => (await store.dynamicKeys(['markets'], now + after)).markets

      expect(await at(-1)).toEqual([])
      expect(await at(4)).toEqual(['a'])
      expect(await at(6)).toEqual(['a', 'b'])
      expect(await at(7)).toEqual(['b'])
    })

    test('a key belongs to its dimension', async () => {
      const store = await begun()
      await store.addKeys('markets', ['a'], now)

      expect(await store.removeKeys('pairs', ['a'], now)).toEqual([])
      expect(await store.addKeys('pairs', ['a'], now)).toEqual(['a'])
    })
  })

  describe(`${name}: accounts`, () => {
    test('a partition is told with its versions and what became of it, and what it was made from', async () => {
      const store = await withTwo()
      await publish(store, { id: 'm3', key: tuesday, sources: { prices: [1] } })
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now)
      await store.rollback(toFirst)
      const [held] = await claim(store, 'w1', { keys: [tuesday] })
      await store.settle(leaseOf(held!.token!, tuesday), 'run1', { type: 'skipped', why: 'fresh' }, now)
      await claim(store, 'w1', { keys: [tuesday] })

      const { partitions, purgedUpTo } = await store.partitionAccounts(0, 10)

      expect(purgedUpTo).toBe(0)
      expect(partitions).toMatchObject([
        {
          ...{ asset: 'candles', key: monday, status: 'published', pointer: 1, worker: null, leasedUntil: null },
          versions: [
            { number: 1, id: 'm1', run: 'run1', status: 'published', supersededAt: null, isReindexed: false },
            { number: 2, id: 'm2', run: 'run1', status: 'published', supersededAt: now + 20, removedAt: null },
          ],
          events: [
            { run: 'run1', type: 'published', payload: { materialization: 'm1' } },
            { run: 'run1', type: 'published', payload: { materialization: 'm2' } },
            { run: '', type: 'rolled-back', payload: { materialization: 'm1' } },
          ],
        },
        { key: tuesday, pointer: 3, worker: 'w1', versions: [{ sources: { prices: [1] } }], events: [{}] },
      ])
      expect((await store.partitionAccounts(0, 1)).partitions).toEqual([partitions[0]])
      expect((await store.partitionAccounts(partitions[0]!.number, 9)).partitions).toEqual([partitions[1]])
    })

    test('what was read back and what was refused is told as such, and which events may be missing', async () => {
      const store = await begun()
      await store.reindex([made({ run: 'a lost run', metadata: { reindexed: true } })])
      const [held] = await claim(store, 'w1')
      const refused = { type: 'rejected', materialization: made({ id: 'm2' }) } as const
      await store.settle(leaseOf(held!.token!), 'run1', refused, now)
      await store.log('run1', 'candles', monday, [{ level: 'info', at: now, message: 'hello' }], now)
      await publish(store, { id: 'm3', key: tuesday })
      await store.purgeEvents(now + 1)

      const { partitions, purgedUpTo } = await store.partitionAccounts(0, 1)

      expect(purgedUpTo).toBe(2)
      expect(partitions[0]).toMatchObject({
        ...{ status: 'rejected', pointer: 1, events: [{ type: 'rejected' }] },
        versions: [
          { id: 'm1', run: '', isReindexed: true },
          { id: 'm2', status: 'rejected', isReindexed: false },
        ],
      })
    })

    test('a run is told with its end, its publications and what its steps hold', async () => {
      const store = await begun()
      await publish(store)
      await claim(store, 'w1', { keys: [tuesday] })

      const [running] = await store.runAccounts(0, 10)
      expect(running).toMatchObject({ id: 'run1', isEnded: false, published: 1, lastEventAt: now })
      expect(running!.leasedUntil).toBeGreaterThan(now)

      await store.release('w1')
      await store.failRun('run1', 'enough', now + 1)
      expect(await store.runAccounts(0, 1)).toMatchObject([{ id: 'run1', isEnded: true, leasedUntil: null }])
      expect(await store.runAccounts(running!.number, 1)).toEqual([])
    })

    test('ticks and run keys are read page by page, by definition', async () => {
      const store = await begun()
      const ask = { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now, reason: 'test' } as const
      const decide = (definition: string, scheduledAt: number, run: string) =>
        store.decideTick(
          {
            ...{ definition, scheduledAt, decidedAt: now, status: 'succeeded', failures: 0, note: null },
            ...{ cursorBefore: null, cursorAfter: null },
          },
          [{ id: run, ask, leader: 'w1', runKey: run }],
        )
      await decide('b', 1, 'r1')
      await decide('b', 2, 'r2')
      await decide('a', 3, 'r3')

      const first = await store.ticksAfter({ definition: '', scheduledAt: 0 }, 2)
      expect(first.map(({ definition, scheduledAt, runs }) => [definition, scheduledAt, runs])).toEqual([
        ['a', 3, ['r3']],
        ['b', 1, ['r1']],
      ])
      expect(await store.ticksAfter(first[1]!, 9)).toMatchObject([{ definition: 'b', scheduledAt: 2 }])
      const keys = await store.runKeysAfter({ definition: '', runKey: '' }, 2)
      expect(keys).toEqual([
        { definition: 'a', runKey: 'r3', run: 'r3' },
        { definition: 'b', runKey: 'r1', run: 'r1' },
      ])
      expect(await store.runKeysAfter(keys[1]!, 9)).toEqual([{ definition: 'b', runKey: 'r2', run: 'r2' }])
    })
  })
}
