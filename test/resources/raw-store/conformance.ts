import { describe, expect, test } from 'vitest'
import type { BookSnapshot, RawStore, SnapshotOf } from '../../../resources/raw-store/port.ts'
import { snapshotMs } from '../../../resources/raw-store/port.ts'
import type { Storage } from '../../../resources/storage/port.ts'

const noon = Date.parse('2024-02-29T12:00:00Z')

export const snapshot = (of: Partial<Record<keyof BookSnapshot, unknown>> = {}) =>
  ({
    ...{ exchange: 'binance', market: 'BTC-USDT', at: noon, exchangeTime: noon - 12, localTime: noon + 3 },
    ...{ sequence: '9007199254740993', state: 'synced' },
    bids: [['61000.10', '0.50000000']],
    asks: [['61000.20', '1e-8']],
    ...of,
  }) as BookSnapshot

/** The promises of a raw store. Each `make` is an empty one, and the place that it keeps its files in. */
export function testRawStore(name: string, make: () => Promise<{ store: RawStore; storage: Storage }>): void {
  describe(`raw store: ${name}`, () => {
    test.each([
      ['as it was, with every digit', snapshot()],
      [
        'while its changes are fetched, without a time or number of the exchange',
        snapshot({ state: 'resyncing', exchangeTime: null, sequence: null }),
      ],
      ['that is stale and empty', snapshot({ state: 'stale', bids: [], asks: [] })],
    ])('a snapshot %s comes back', async (_, kept) => {
      const { store } = await make()

      expect(await store.put(kept)).toBe('written')

      expect(await store.get({ exchange: kept.exchange, market: kept.market, at: kept.at })).toEqual(kept)
    })

    test('a snapshot lies at its market and UTC day', async () => {
      const { store, storage } = await make()

      await store.put(snapshot({ market: 'BTC-USDT-PERP', at: Date.parse('2024-02-29T23:55:00Z') }))

      expect((await Array.fromAsync(storage.walk())).map(({ path }) => path)).toEqual([
        'raw_data/binance/BTC-USDT-PERP/2024/02/29/20240229T235500Z.json',
      ])
    })

    test('the same snapshot again is no other, whatever the order of its fields', async () => {
      const { store } = await make()
      await store.put(snapshot())
      const turned = Object.fromEntries(Object.entries(snapshot()).reverse()) as BookSnapshot

      expect(await store.put(snapshot())).toBe('same')
      expect(await store.put(turned)).toBe('same')
    })

    test('another snapshot of the same five minutes is refused, and the first stays', async () => {
      const { store } = await make()
      await store.put(snapshot())

      await expect(store.put(snapshot({ localTime: noon + 4 }))).rejects.toThrow(
        /^"raw_data\/binance\/BTC-USDT\/2024\/02\/29\/20240229T120000Z.json" in .* holds another snapshot of binance BTC-USDT; /,
      )

      expect(await store.get({ exchange: 'binance', market: snapshot().market, at: noon })).toEqual(snapshot())
    })

    test('what was not kept is not there', async () => {
      const { store } = await make()
      const { exchange, market } = snapshot()

      expect(await store.get({ exchange, market, at: noon })).toBeUndefined()
      expect(await store.day({ exchange, market, at: noon })).toEqual([])
    })

    test('a day tells of its snapshots in order, and of no other day, market or file', async () => {
      const { store, storage } = await make()
      const midnight = Date.parse('2024-02-29T00:00:00Z')
      const instants = [noon, midnight, midnight + 86_400_000 - snapshotMs]
      for (const at of instants) await store.put(snapshot({ at }))
      await store.put(snapshot({ at: midnight - snapshotMs }))
      await store.put(snapshot({ at: midnight + 86_400_000 }))
      await store.put(snapshot({ market: 'ETH-USDT' }))
      await storage.put('raw_data/binance/BTC-USDT/2024/02/29/notes.json', { bytes: Buffer.from('{}') })

      const { exchange, market } = snapshot()

      expect(await store.day({ exchange, market, at: noon })).toEqual(instants.sort((a, b) => a - b))
    })

    test.each([
      ['an exchange that leads out', { exchange: '../binance' }, 'exchange: expected small letters'],
      ['an exchange that is a folder more', { exchange: 'a/b' }, 'exchange: expected small letters'],
      ['no exchange', { exchange: '' }, 'exchange: expected small letters'],
      ['a market that leads out', { market: '..' }, 'market: expected a market'],
      ['a market that is none', { market: 'BTC/USDT' }, 'market: expected a market'],
      ['a time between two snapshots', { at: noon + 1 }, 'at: '],
    ])('%s is refused', async (_, of, why) => {
      const { store, storage } = await make()
      const wrong = snapshot(of)
      const name: SnapshotOf = { exchange: wrong.exchange, market: wrong.market, at: wrong.at }

      await expect(store.put(wrong)).rejects.toThrow(why)
      await expect(store.get(name)).rejects.toThrow(why)
      await expect(store.day(name)).rejects.toThrow(why)
      expect(await Array.fromAsync(storage.walk())).toEqual([])
    })

    test.each([
      ['a price that is a number', { bids: [[61000.1, '1']] }, 'bids.0.0: '],
      ['an amount that is none', { asks: [['1', 'many']] }, 'asks.0.1: expected a decimal number'],
      ['a state that is unknown', { state: 'fine' }, 'state: '],
      ['a sequence that may lose its digits', { sequence: 12 }, 'sequence: '],
      ['a field that means nothing', { depth: 5 }, 'depth'],
    ])('%s is refused before it is kept', async (_, of, why) => {
      const { store, storage } = await make()

      await expect(store.put({ ...snapshot(), ...of } as BookSnapshot)).rejects.toThrow(why)

      expect(await Array.fromAsync(storage.walk())).toEqual([])
    })

    test.each([
      ['is cut short', '{"exchange":"bin'],
      ['is of another kind', '{"exchange":"binance"}'],
      ['is another snapshot', JSON.stringify(snapshot({ at: noon + snapshotMs }))],
    ])('a file that %s is told of by its path', async (_, text) => {
      const { store, storage } = await make()
      const path = 'raw_data/binance/BTC-USDT/2024/02/29/20240229T120000Z.json'
      await storage.put(path, { bytes: Buffer.from(text) })
      const { exchange, market } = snapshot()

      await expect(store.get({ exchange, market, at: noon })).rejects.toThrow(path)
    })

    test('of several collectors of one snapshot, one writes it', async () => {
      const { store } = await make()

      const ends = await Promise.all(Array.from({ length: 5 }, () => store.put(snapshot())))

      expect(ends.sort()).toEqual(['same', 'same', 'same', 'same', 'written'])
    })
  })
}
