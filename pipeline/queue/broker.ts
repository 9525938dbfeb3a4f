import type { Account, Parcel } from './step-parcel.ts'

/** Parcels by the name of their queue: that of a pool, or "" for steps of none. */
export interface Broker {
  /** Rejects if it is not known whether all of them arrived. An id that is there already is not added again. */
  add(pool: string, parcels: readonly SentParcel[]): Promise<void>
  /** What is known of parcels, without those that it does not hold. */
  look(pool: string, ids: readonly string[]): Promise<ReadonlyMap<string, SeenParcel>>
  /** Takes back what nobody works on. Resolves to the ids that were there. */
  remove(pool: string, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Hears of all parcels of a pool that are added once it has resolved. */
  follow(pool: string, listener: ParcelListener): Promise<void>
  work(pool: string, options: WorkOptions, work: ParcelWork): ParcelWorker
  /** Called when it is there again after it was away. */
  onReturn(callback: () => void): void
  /** `isForced` waits for nothing. */
  close(isForced: boolean): Promise<void>
}

export interface SentParcel {
  readonly id: string
  readonly parcel: Parcel
  /** Goes before parcels of lower priority; undefined where all are equal. */
  readonly priority: number | undefined
}

export type SeenParcel =
  | { readonly status: 'under-way' }
  | { readonly status: 'done'; readonly account: Account }
  | { readonly status: 'failed'; readonly error: string }

export interface ParcelListener {
  readonly onAccount: (id: string, account: Account) => void
  readonly onDone: (id: string, account: Account) => void
  readonly onFailed: (id: string, error: string) => void
}

export interface WorkOptions {
  /** Parcels at once. */
  readonly concurrency: number
  readonly lockMs: number
  readonly stalledMs: number
}

/** What to do with a parcel: its account, or to have it brought again later. */
export type ParcelWork = (parcel: Parcel, tell: (account: Account) => Promise<void>) => Promise<Account | 'later'>

export interface ParcelWorker {
  /** Takes no more, and resolves when all it took is done. */
  close(): Promise<void>
}
