import type { Queue } from 'bullmq'
import type { SeenParcel } from './broker.ts'
import type { Account, Parcel } from './step-parcel.ts'

export type ParcelQueue = Queue<Parcel, Account, string>

/** A server that BullMQ keeps its queues on. */
export interface BrokerServer {
  /** Options that each queue, worker and listener is made with. */
  readonly options: { readonly connection: unknown; readonly prefix?: string }
  readonly backend: unknown
  nameOf(queue: string): string
  look(queue: ParcelQueue, ids: readonly string[]): Promise<ReadonlyMap<string, SeenParcel>>
  /** Takes back those that are there and that nobody works on. */
  remove(queue: ParcelQueue, ids: readonly string[]): Promise<ReadonlySet<string>>
  onReturn(callback: () => void): void
  /** Waits for its answer, however long that takes. */
  check(): Promise<void>
  /** `isForced` waits for nothing. */
  close(isForced: boolean): Promise<void>
}
