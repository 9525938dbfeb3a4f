import { describe, expect, test } from 'vitest'
import type { PartitionKey, RunStore } from '#pipeline'
import { begin, claim, leaseOf, made, monday, now, opened, publish, tuesday } from './conformance.ts'

const wednesday = 'date=2024-01-03' as PartitionKey
const failure = { type: 'failed', error: 'no answer', attempt: 1, retryAt: null } as const

/** What the run store promises to those who look at a part of an asset. */
export function testAssetPages(name: string, make: () => { readonly open: () => RunStore | Promise<RunStore> }): void {
  /** Three versions of `candles` with one of another asset between them. */
  const begun = async (): Promise<RunStore> => {
    const store = await opened(make().open)
    await begin(store)
    await publish(store)
    const [other] = await claim(store, 'w1', { asset: 'ranges' })
    await store.publish({ asset: 'ranges', key: monday, token: other!.token! }, made({ id: 'r1', asset: 'ranges' }))
    await publish(store, { id: 'm2', key: tuesday, version: 'v2' })
    await publish(store, { id: 'm3', version: 'v3', at: now + 3 })
    return store
  }

  describe(`${name}: parts of an asset`, () => {
    test('partitions are found by their keys, those that were never attempted are not', async () => {
      const store = await begun()

      const found = await store.partitionsOf('candles', [tuesday, wednesday, monday])

      const all = await store.partitions('candles')
      expect(found.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(all)
      expect(await store.partitionsOf('candles', [wednesday])).toEqual([])
      expect(await store.partitionsOf('no_such_asset', [monday])).toEqual([])
    })

    test('many partitions are found at once', async () => {
      const store = await begun()
      const others = Array.from({ length: 250 }, (_, at) => `date=${at}` as PartitionKey)

      const found = await store.partitionsOf('candles', [...others, monday, ...others, tuesday])

      expect(found.map(({ key }) => key).sort()).toEqual([monday, tuesday])
    })

    test('published versions are found by their keys, as they are now', async () => {
      const store = await begun()
      await store.wipe('candles', [tuesday], now + 9)

      const found = await store.currentOf('candles', [monday, tuesday, wednesday])

      expect(found).toMatchObject([{ id: 'm3', key: monday, version: 'v3', supersededAt: null }])
      expect(await store.currentOf('no_such_asset', [monday])).toEqual([])
    })

    test('what workers hold of an asset is known with its end, and nothing else', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1', { keys: [wednesday] })
      await claim(store, 'w1', { asset: 'ranges' })

      expect(await store.heldOf('candles')).toEqual([{ key: wednesday, leasedUntil: now + 30_000 }])

      await store.settle(leaseOf(held!.token!, wednesday), 'run1', failure, now)
      expect(await store.heldOf('candles')).toEqual([])
      expect(await store.heldOf('no_such_asset')).toEqual([])
    })

    test('versions come newest first, page by page, without those of other assets', async () => {
      const store = await begun()

      const first = await store.materializationsPage({ asset: 'candles', limit: 2 })
      const second = await store.materializationsPage({ asset: 'candles', before: first.next, limit: 2 })

      expect(first.items.map(({ id }) => id)).toEqual(['m3', 'm2'])
      expect(second.items.map(({ id, supersededAt }) => [id, supersededAt])).toEqual([['m1', now + 3]])
      expect(second.next).toBeUndefined()
      const nothing = { items: [], next: undefined }
      expect(await store.materializationsPage({ asset: 'no_such_asset', limit: 2 })).toEqual(nothing)
    })

    test('refused versions are among them', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1', { keys: [wednesday] })
      const materialization = made({ id: 'm4', key: wednesday })
      await store.settle(leaseOf(held!.token!, wednesday), 'run1', { type: 'rejected', materialization }, now)

      const { items } = await store.materializationsPage({ asset: 'candles', limit: 1 })

      expect(items).toMatchObject([{ id: 'm4', status: 'rejected', run: 'run1' }])
    })

    test('events come newest first, page by page, by type where that is asked', async () => {
      const store = await begun()
      const [held] = await claim(store, 'w1', { keys: [wednesday] })
      await store.settle(leaseOf(held!.token!, wednesday), 'run1', failure, now + 9)

      const first = await store.assetEventsPage({ asset: 'candles', limit: 2 })
      const second = await store.assetEventsPage({ asset: 'candles', before: first.next, limit: 9 })
      const failed = await store.assetEventsPage({ asset: 'candles', types: ['failed', 'rejected'], limit: 9 })

      expect(first.items.map(({ key, type }) => [key, type])).toEqual([
        [wednesday, 'failed'],
        [monday, 'published'],
      ])
      expect(second).toMatchObject({ items: [{ key: tuesday }, { key: monday }], next: undefined })
      expect(failed.items).toMatchObject([{ asset: 'candles', run: 'run1', at: now + 9, payload: { attempt: 1 } }])
    })

    test('a look at few events says where the next one begins, also when it has found nothing', async () => {
      const store = await begun()
      const found: string[] = []
      let pages = 0

      for (let before: number | undefined; ; pages++) {
        const { items, next } = await store.assetEventsPage({ asset: 'ranges', before, limit: 5, scan: 1 })
        found.push(...items.map(({ asset }) => asset))
        if (next === undefined) break
        before = next
      }

      expect(found).toEqual(['ranges'])
      expect(pages).toBe(3)
    })
  })
}
