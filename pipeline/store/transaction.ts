import type { RunStore } from './port.ts'

export type SqlParameter = string | number | null

/** One connection inside one transaction. Statements are prepared once and found again by their text. */
export interface Transaction {
  all<Row>(sql: string, ...parameters: SqlParameter[]): Promise<readonly Row[]> | readonly Row[]
  run(sql: string, ...parameters: SqlParameter[]): Promise<void> | void
  /** Ids of names, kept for the life of the connection: assets and runs are never renamed. */
  readonly ids: Map<string, number>
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

export type ReadName = Exclude<keyof RunStore, WriteName | 'close'>
