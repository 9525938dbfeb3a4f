import type { PartitionKey } from '../define/partition.ts'
import type { RunStatus } from '../run/run-state.ts'
import type { EventRow, RunRow } from './port.ts'

/** Where a page of runs begins: after this one. */
export interface RunPlace {
  readonly createdAt: number
  readonly number: number
}

export interface RunPageAsk {
  readonly status?: RunStatus | undefined
  /** Asked for by the run. */
  readonly asset?: string | undefined
  /** Part of its id, its reason or a tag; upper and lower case are alike. */
  readonly text?: string | undefined
  /** ms; created then or later, and before. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly after?: RunPlace | undefined
  readonly limit: number
}

export interface RunEventsAsk {
  readonly run: string
  readonly order: 'oldest' | 'newest'
  /** The number of the event after which to go on, in that order. */
  readonly after?: number | undefined
  readonly types?: readonly EventRow['type'][] | undefined
  readonly asset?: string | undefined
  readonly key?: string | undefined
  readonly limit: number
}

/** What a stretch of time saw of a run. */
export interface RunStretch {
  /** ms. */
  readonly at: number
  readonly ended: number
  readonly failed: number
}

/** Pages of runs and of their events. What does not fit is passed over; a page never looks at more than a bounded part. */
export interface RunPages {
  /** Newest first. `next` tells where to go on, if more may follow: also after a page of none. */
  runPage(ask: RunPageAsk): Promise<{ readonly runs: readonly RunRow[]; readonly next: RunPlace | undefined }>
  /** `next` is the event after which to go on, if more may follow. */
  runEvents(ask: RunEventsAsk): Promise<{ readonly events: readonly EventRow[]; readonly next: number | undefined }>
  /** The number of the newest event of a run, 0 if there is none. */
  newestEventOf(run: string): Promise<number>
  /** The instant (ms) of the event that `back` events of a run follow, if there are so many. */
  paceOf(run: string, back: number): Promise<number | undefined>
  /** Ends of attempts after the event `after`, in no order: all of them, so that little is told of each. */
  runEnds(run: string, after: number): Promise<readonly RunEnd[]>
  /** Those attempts that failed and those that took longest, `limit` at most, in the order of their ends. */
  telltaleAttempts(run: string, limit: number): Promise<readonly EventRow[]>
  /** How many attempts of a run ended in each stretch of so many ms, oldest first, without empty ones. */
  runDensity(run: string, stretchMs: number): Promise<readonly RunStretch[]>
}

export interface RunEnd {
  readonly asset: string
  readonly key: PartitionKey
  readonly end: 'published' | 'unchanged' | 'skipped' | 'failed' | 'rejected' | 'canceled'
  /** It failed, and was to be tried again. */
  readonly isRetried: boolean
}
