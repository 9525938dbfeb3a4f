import type { RunStore } from './port.ts'

export type SqlParameter = string | number | null

/** One connection inside one transaction. Statements are prepared once and found again by their text. */
export interface Transaction {
  all<Row>(sql: string, ...parameters: SqlParameter[]): Promise<readonly Row[]> | readonly Row[]
  run(sql: string, ...parameters: SqlParameter[]): Promise<void> | void
  /** Ids of names, kept for the life of the connection: assets and runs are never renamed. */
  readonly ids: Map<string, number>
  /** Until this transaction ends, no other gets the lock of that name. Where writers take turns, nothing is to be done. */
  lock(name: string): Promise<void> | void
  /** At the end of a select: nobody else changes its rows until this transaction ends. */
  readonly forUpdate: '' | 'for update'
  /** The event up to which none is still to come. Where transactions overlap, a later event may be seen before it. */
  finalEvent(): Promise<number> | number
}
export type Operation<Name extends keyof RunStore> = (
  tx: Transaction,
  ...args: Parameters<RunStore[Name]>
) => Promise<Awaited<ReturnType<RunStore[Name]>>>

export type Operations<Names extends keyof RunStore> = { readonly [Name in Names]: Operation<Name> }

/** Changes that no run brings about: made by people, by retention, by looking at what others make. */
export type CorrectionName = 'rollback' | 'wipe' | 'observe' | 'dropVersions' | 'forgetFiles' | 'addKeys' | 'removeKeys'

/** Looks at what was. */
export type HistoryReadName =
  | 'versionsAt'
  | 'materializations'
  | 'readersOf'
  | 'superseded'
  | 'droppedFiles'
  | 'partitionsAfter'
  | 'dynamicKeys'

/** Looks at a part of what is known of one asset, however much that is. */
export type AssetPageName = 'partitionsOf' | 'currentOf' | 'heldOf' | 'materializationsPage' | 'assetEventsPage'

/** Pages of runs and of their events. */
export type RunPageName =
  | 'runPage'
  | 'runEvents'
  | 'newestEventOf'
  | 'paceOf'
  | 'runEnds'
  | 'telltaleAttempts'
  | 'runDensity'

/** Reads that hold the parts of the store against each other. */
export type AccountReadName = 'partitionAccounts' | 'runAccounts' | 'ticksAfter' | 'runKeysAfter'

/** Reads of those who watch. */
export type WatchReadName =
  | 'partitionTallies'
  | 'tallyChanges'
  | 'madeBetween'
  | 'newestEvent'
  | 'heldPartitions'
  | 'eventAt'
  | 'eventCounts'
  | 'materializationAt'
  | 'rowsMade'
  | 'watchRuns'
  | 'runsEndedLast'
  | 'runsCreatedSince'
  | 'ticksPage'
  | 'sizes'
  | 'unfinishedCounts'

export type WriteName =
  | CorrectionName
  | 'join'
  | 'heartbeat'
  | 'keepSetting'
  | 'takeRate'
  | 'pauseRate'
  | 'release'
  | 'inherit'
  | 'free'
  | 'createRun'
  | 'admitRuns'
  | 'adoptRuns'
  | 'progress'
  | 'requestCancel'
  | 'failRun'
  | 'purgeEvents'
  | 'claim'
  | 'publish'
  | 'settle'
  | 'log'
  | 'keepStatusBlock'
  | 'reindex'
  | 'decideTick'
  | 'moveCursor'
  | 'purgeTicks'
  | 'seeAutomations'
  | 'setAutomation'
  | 'claimPoll'

export type ReadName = Exclude<keyof RunStore, WriteName | 'now' | 'close'>
