import { z } from 'zod'
import type { Market } from '../../market/market.ts'
import { isMarket } from '../../market/market.ts'

/** Between two snapshots of a market; ms. */
export const snapshotMs = 5 * 60_000

/** As the exchange wrote it: a number of JavaScript would not keep its digits. */
const Decimal = z.string().regex(/^\d+(\.\d+)?([eE][+-]?\d+)?$/, 'expected a decimal number as text')
const Level = z.tuple([Decimal, Decimal])

/** Which snapshot: the names are parts of its path. */
const identity = {
  exchange: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected small letters and digits, as in "binance"'),
  market: z.string().refine((text): text is Market => isMarket(text), 'expected a market, as in "BTC-USDT"'),
  /** The five minutes it stands for begin here; ms since 1970 UTC. */
  at: z.int().nonnegative().multipleOf(snapshotMs),
}
export const SnapshotOf = z.strictObject(identity)
export type SnapshotOf = z.output<typeof SnapshotOf>

/** An order book as it was, by the exchange's word and by our clock. */
export const BookSnapshot = z.strictObject({
  ...identity,
  /** What the exchange says the time was, if it does; ms since 1970 UTC. */
  exchangeTime: z.int().nonnegative().nullable(),
  /** When it was taken here; ms since 1970 UTC. */
  localTime: z.int().nonnegative(),
  /** Of the last change that is in it, as the exchange wrote it; null where there are none. */
  sequence: z.string().min(1).nullable(),
  /** `resyncing`: changes were lost and are being fetched. `stale`: nothing came for too long. */
  state: z.enum(['synced', 'resyncing', 'stale']),
  /** Price and amount, best first. */
  bids: z.array(Level),
  asks: z.array(Level),
})
export type BookSnapshot = z.output<typeof BookSnapshot>

/** Order books as they were seen, one every five minutes. Throws `RawStoreError`, and what its place throws. */
export interface RawStore {
  /** Keeps a snapshot. `same`: it was kept before. Another one in its place is an error. */
  put(snapshot: BookSnapshot, signal?: AbortSignal): Promise<'written' | 'same'>
  get(of: SnapshotOf, signal?: AbortSignal): Promise<BookSnapshot | undefined>
  /** The instants of all snapshots of the UTC day that this one is of, in their order. */
  day(of: SnapshotOf, signal?: AbortSignal): Promise<readonly number[]>
}

/** A snapshot that can not be kept, or is not what it should be. */
export class RawStoreError extends Error {
  override readonly name = 'RawStoreError'
}
