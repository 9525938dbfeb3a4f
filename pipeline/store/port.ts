import type { EndedRun, MadePartition } from '../define/automation.ts'
import type { Severity } from '../define/check.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import type { InputVersions } from '../define/io.ts'
import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { RunLimits } from '../define/run-limits.ts'
import type { TableFile } from '../define/table.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import type { PartitionState } from '../plan/staleness.ts'
import type { RunCounts, RunStatus } from '../run/run-state.ts'

/** A process that makes steps, or leads runs. Its leases die with it. */
export interface WorkerIdentity {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** Tells a process from a later one of the same pid. */
  readonly startedAt: number
  /** What it is there for, where it said so. */
  readonly about?: WorkerAbout
}

export interface WorkerAbout {
  readonly role: 'worker' | 'daemon' | 'command'
  /** Of the deployment's code. */
  readonly version: string
  /** The pools it works on; none where it only leads. */
  readonly pools: readonly string[]
  readonly concurrency: number
  /** It decides the ticks of schedules and sensors. */
  readonly ticks?: boolean
  /** Code versions by asset: it makes no step of another. */
  readonly code: Readonly<Record<string, string>>
}

export interface RunRow {
  readonly id: string
  readonly ask: RunAsk
  readonly status: RunStatus
  readonly createdAt: number
  readonly finishedAt: number | null
  /** The worker that leads it; a run whose leader died is taken up by another. */
  readonly leader: string | null
  readonly cancelRequested: boolean
  readonly counts: RunCounts
  /** When it was let out of the queue. */
  readonly admittedAt: number | null
  readonly startedAt: number | null
  /** How often another process took it up after its leader died. */
  readonly resumes: number
  /** Its leader died; one that left in order left no orphan. */
  readonly isOrphan: boolean
  /** Why it was stopped, where that was not a person's wish. */
  readonly reason: string | null
}

export interface HeldPartition {
  readonly asset: string
  readonly key: PartitionKey
}

/** A right to publish one partition. `token` grows with each attempt, so an older holder can not publish any more. */
export interface Lease {
  readonly asset: string
  readonly key: PartitionKey
  readonly token: number
  /** Written down with its end, if it is known. */
  readonly attempt?: Attempt
}

export interface Attempt {
  /** The process, by a name for people that outlives it. */
  readonly by: string
  /** ms. */
  readonly begunAt: number
  /** 1 for the first of a run. */
  readonly number: number
}

export interface CheckOutcome {
  readonly name: string
  readonly passed: boolean
  /** Whether it stops publication if it fails. */
  readonly blocking: boolean
  readonly severity: Severity
  /** Why it failed; of one that passed, why that says little. */
  readonly why: string | null
  /** What was found: how many rows broke it, some of them, what was measured. */
  readonly metadata?: Metadata
}

/** One version of one partition. */
export interface Materialization extends TableFile {
  readonly id: string
  readonly asset: string
  readonly run: string
  readonly codeVersion: string
  readonly inputs: InputVersions
  /** By input: the numbers of the materializations that were read. Absent where that was not written down. */
  readonly sources?: Sources
  readonly checks: readonly CheckOutcome[]
  readonly metadata: Metadata
  /** ms. */
  readonly at: number
}

export type Sources = Readonly<Record<string, readonly number[]>>

/** A materialization together with whether it was let through, and what has become of it. */
export interface KeptMaterialization extends Materialization {
  readonly sources: Sources
  /** Its number in this store. */
  readonly number: number
  readonly status: 'published' | 'rejected'
  /** ms; since when it is not the published version. */
  readonly supersededAt: number | null
  /** ms; when its file was given up. */
  readonly removedAt: number | null
}

/** A file as it is read by a step, with the number of the materialization that made it. */
export interface SourceFile extends TableFile {
  readonly number: number
}

/** What was published of a partition at some instant. */
export interface PastVersion extends TableFile {
  readonly id: string
  readonly isRemoved: boolean
}

/** What was seen of a partition that others make. */
export interface Observation {
  readonly id: string
  readonly asset: string
  readonly key: PartitionKey
  readonly version: string
  /** The file of the rows, where there is one that can be read. */
  readonly file?: Pick<TableFile, 'path' | 'rows' | 'bytes'>
  readonly metadata: Metadata
  /** ms. */
  readonly at: number
}

/** A version that is not the published one any more, or never was. */
export interface SupersededVersion {
  readonly number: number
  readonly asset: string
  readonly key: PartitionKey
  readonly path: string
  readonly bytes: number
  readonly isRejected: boolean
  readonly supersededAt: number
  /** How many later versions of its partition there are, without rejected and removed ones. */
  readonly newer: number
}

/** At most `perMinute` weight in any minute, of which `burst` may be spent at once. */
export interface RateAsk {
  readonly name: string
  readonly perMinute: number
  readonly burst: number
  readonly weight: number
  readonly now: number
}

export interface ClaimAsk {
  readonly run: string
  readonly worker: string
  readonly asset: string
  readonly keys: readonly PartitionKey[]
  readonly now: number
  readonly leaseMs: number
  /** What the step will read: looked up in the same transaction. */
  readonly inputs: readonly {
    readonly key: PartitionKey
    readonly name: string
    readonly asset: string
    readonly keys: readonly PartitionKey[]
  }[]
}

export interface Claimed {
  readonly key: PartitionKey
  /** Absent if another worker holds the partition until `heldUntil`. */
  readonly token: number | undefined
  readonly heldUntil: number
  /** How many workers died, or fell silent, over this partition since a step of it last ended, with all its attempts. */
  readonly deaths: number
  readonly state: PartitionState
  readonly published: TableFile | undefined
  /** By input name. */
  readonly inputs: Readonly<Record<string, readonly SourceFile[]>>
}

/** Something that an author had to say; an event `log` holds some, as `lines`. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** ms. */
  readonly at: number
  readonly message: string
  readonly fields?: Metadata
}

/** How an attempt at a partition ended without a new version. */
export type Unpublished =
  | {
      readonly type: 'unchanged'
      readonly codeVersion: string
      readonly inputs: InputVersions
      readonly sources?: Sources
      readonly checks: readonly CheckOutcome[]
      readonly metadata: Metadata
    }
  | { readonly type: 'skipped'; readonly why: string }
  | { readonly type: 'failed'; readonly error: string; readonly attempt: number; readonly retryAt: number | null }
  | { readonly type: 'rejected'; readonly materialization: Materialization }
  | { readonly type: 'canceled' }

export interface EventRow {
  readonly id: number
  readonly at: number
  /** Empty where no run brought it about. */
  readonly run: string
  readonly type: 'published' | 'log' | 'rolled-back' | 'wiped' | 'observed' | Unpublished['type']
  readonly asset: string
  readonly key: PartitionKey
  readonly payload: Metadata
  /** Of the end of an attempt, as far as these were written down. */
  readonly tookMs: number | null
  readonly by: string | null
  readonly attempt: number | null
}

/** A part of a list, newest first. It may hold fewer than asked, or none, and still be followed by others. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next part begins, to be said as `before`; `undefined` at the end. */
  readonly next: number | undefined
}

export interface PartitionRow {
  readonly asset: string
  readonly key: PartitionKey
  readonly state: PartitionState
  readonly file: TableFile | undefined
  readonly publishedAt: number | null
  readonly run: string | null
  readonly error: string | null
  /** Held by a worker until then, if it is being made. */
  readonly leasedUntil: number | null
}

/** One partition with all that the catalogue and the log of events say of it: what can be held against each other. */
export interface PartitionAccount extends HeldPartition {
  readonly number: number
  readonly status: PartitionState['status']
  /** The number of the published version. */
  readonly pointer: number | null
  readonly worker: string | null
  readonly leasedUntil: number | null
  /** Oldest first. */
  readonly versions: readonly VersionAccount[]
  /** Oldest first; only those that say what became of the partition. */
  readonly events: readonly Pick<EventRow, 'id' | 'run' | 'type' | 'payload'>[]
}

export interface VersionAccount extends TableFile {
  readonly number: number
  readonly id: string
  /** Empty where this store does not know the run. */
  readonly run: string
  readonly status: KeptMaterialization['status']
  readonly sources: Sources
  readonly supersededAt: number | null
  readonly removedAt: number | null
  /** It was read back from its file, so that no event tells of it. */
  readonly isReindexed: boolean
}

/** A run with what others say of it. */
export interface RunAccount extends RunRow {
  readonly number: number
  /** It is among the ends of runs. */
  readonly isEnded: boolean
  readonly published: number
  /** When one of its steps last told something; ms. */
  readonly lastEventAt: number | null
  /** Until when its steps hold partitions; ms. */
  readonly leasedUntil: number | null
}

export interface UsedRunKey {
  readonly definition: string
  readonly runKey: string
  readonly run: string
}

/** The statuses of an asset's partitions, true up to the event `asOf`. */
export interface StatusBlock {
  readonly asOf: number
  /** Tells whether the numbering of the partitions is still the one of the block. */
  readonly layout: string
  /** Base64 of one byte a partition. */
  readonly bytes: string
}

export interface StatusChanges {
  /** The newest event that is taken into account. */
  readonly asOf: number
  /** These are all partitions, so that a block must be begun anew. */
  readonly isWhole: boolean
  readonly rows: readonly { readonly key: PartitionKey; readonly status: number; readonly isReadable: number }[]
}

export interface AssetSummary {
  readonly asset: string
  readonly published: number
  readonly failed: number
  readonly rejected: number
  readonly running: number
  readonly rows: number
  readonly bytes: number
  readonly lastPublishedAt: number | null
}

/** What is added up of one partition that was ever attempted: how it is, and what its published version holds. */
export interface PartitionTally {
  readonly asset: string
  readonly key: PartitionKey
  readonly status: number
  readonly isReadable: number
  /** 0 without a version, as all that follows. */
  readonly rows: number
  readonly bytes: number
  /** When it was made; ms. */
  readonly at: number
  /** Checks of it. */
  readonly passed: number
  readonly failed: number
}

/** How far someone has looked who keeps up tallies. */
export interface TallyCursor {
  readonly event: number
  readonly materialization: number
}

export interface TallyChanges {
  readonly upTo: TallyCursor
  readonly newest: number
  /** Events since the cursor are not all kept: all partitions have to be read again. */
  readonly isGap: boolean
  readonly rows: readonly PartitionTally[]
  /** By asset: when it was last made in that time, unchanged or not; ms. */
  readonly made: readonly { readonly asset: string; readonly at: number }[]
}

/** What came of one instant of a schedule, or of one poll of a sensor. */
export interface TickRow {
  readonly definition: string
  readonly scheduledAt: number
  readonly decidedAt: number
  readonly status: 'succeeded' | 'skipped' | 'failed'
  /** How often it failed, also if it succeeded in the end. */
  readonly failures: number
  /** The error, or why it was skipped. */
  readonly note: string | null
  readonly runs: readonly string[]
  /** Cursors of more than 1,000 characters are not remembered with their ticks. */
  readonly cursorBefore: string | null
  readonly cursorAfter: string | null
}

/** By dynamic dimension: keys that a tick removes and then adds. */
export interface KeyChanges {
  readonly add: DynamicKeys
  readonly remove: DynamicKeys
}

/** A run that a tick asks for. */
export interface TickRun {
  readonly id: string
  readonly ask: RunAsk
  readonly leader: string
  /** Used once by its definition. */
  readonly runKey?: string | undefined
}

/** A schedule or sensor as the deployment knows it. */
export interface AutomationRow {
  readonly name: string
  /** Absent if nobody has switched it. */
  readonly isOn: boolean | undefined
  /** When it was first seen or last switched on: nothing before is caught up with. */
  readonly since: number
  /** When a sensor was last called. */
  readonly polledAt: number | null
  readonly lastTick: TickRow | undefined
}

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

export interface RunEnd {
  readonly asset: string
  readonly key: PartitionKey
  readonly end: 'published' | 'unchanged' | 'skipped' | 'failed' | 'rejected' | 'canceled'
  /** It failed, and was to be tried again. */
  readonly isRetried: boolean
}

/**
 * The run store and catalogue. Each method is one transaction; those of one moment share a commit. Races between
 * processes are decided here: a claim, a publication and a tick each succeed for one caller only.
 */
export interface RunStore {
  /** A worker that was taken for dead may join again. */
  join(worker: WorkerIdentity, now: number): Promise<void>
  /** Workers that joined and have not left, with their last heartbeat. */
  workers(): Promise<readonly (WorkerIdentity & { readonly heartbeatAt: number })[]>
  /**
   * Renews every lease and every run of the worker. Returns the runs to be canceled that it leads or works for, and why.
   */
  heartbeat(
    worker: string,
    now: number,
    leaseMs: number,
  ): Promise<{
    /** Whether others have not taken it for dead. */
    readonly isKnown: boolean
    /** How many processes share the store. */
    readonly workers: number
    readonly cancel: readonly { readonly run: string; readonly reason: string | null }[]
  }>
  /** What was kept under a name. */
  setting(name: string): Promise<string | undefined>
  /** Keeps a value, if what is there is still `before`. `false`: another was faster, and nothing changed. */
  keepSetting(name: string, value: string, before: string | null): Promise<boolean>
  /**
   * Takes weight from a budget that all processes share; who asks first goes first. Returns how long (ms) to wait for it,
   * and how long nothing may be sent at all.
   */
  takeRate(ask: RateAsk): Promise<{ readonly waitMs: number; readonly pausedMs: number }>
  /** Nothing may be taken of a budget before `until` (ms). */
  pauseRate(name: string, until: number): Promise<void>

  /** Ends a worker that is leaving: frees its leases and runs. Returns the partitions it held. */
  release(worker: string): Promise<readonly HeldPartition[]>
  /**
   * Ends a dead worker and hands what it held to `heir`, so that it stays held until its leftovers are removed: an heir
   * that dies over this is itself inherited from. Its runs become free. Returns the partitions.
   */
  inherit(dead: string, heir: string, now: number, leaseMs: number): Promise<readonly HeldPartition[]>
  /** Frees partitions that the worker inherited. */
  free(worker: string, partitions: readonly HeldPartition[]): Promise<void>

  createRun(run: {
    readonly id: string
    readonly ask: RunAsk
    readonly leader: string | null
    readonly now: number
  }): Promise<void>
  /**
   * Lets those runs out of the queue that the limits admit, whoever leads them: for all processes together never more
   * than that. Returns the unfinished runs of `worker` that are out of it, whoever let them out.
   */
  admitRuns(worker: string, limits: RunLimits, now: number): Promise<readonly string[]>
  /**
   * Runs that are not finished and have no leader, or one that is not among the workers, become this worker's; those whose
   * leader died count it.
   */
  adoptRuns(worker: string): Promise<readonly RunRow[]>
  /**
   * Writes down how a run is getting on, if `leader` still leads it; the word of one that was replaced changes nothing,
   * and neither does any word about a run that is finished. One that failed and has retries left is followed by its retry,
   * created with the same leader in the same transaction.
   */
  progress(run: string, leader: string, status: RunStatus, counts: RunCounts, now: number): Promise<void>
  /** Whether there was such a run to cancel. With a reason it is to end as failed, for that reason. */
  requestCancel(run: string, reason?: string): Promise<boolean>
  /**
   * Ends a run without its leader, which can not publish for it any more; a retry that it has left waits for a leader.
   * `false`: it was finished already.
   */
  failRun(run: string, reason: string, now: number): Promise<boolean>
  run(id: string): Promise<RunRow | undefined>
  runs(limit: number): Promise<readonly RunRow[]>
  /** Runs that ended after the end number `after`, in order of their ends, and the number up to which these are all. */
  endedRuns(
    after: number | undefined,
    limit: number,
  ): Promise<{ readonly runs: readonly EndedRun[]; readonly upTo: number }>
  /** Oldest first. */
  unfinishedRuns(): Promise<readonly RunRow[]>
  /** Runs that run this one again, oldest first. */
  rerunsOf(run: string): Promise<readonly RunRow[]>

  /** Newest first; looks at a bounded part of them. `next` tells where to go on, if more may follow: also after a page of none. */
  runPage(ask: RunPageAsk): Promise<{ readonly runs: readonly RunRow[]; readonly next: RunPlace | undefined }>
  /** Looks at a bounded part of them, too. `next` is the event after which to go on, if more may follow. */
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

  claim(ask: ClaimAsk): Promise<readonly Claimed[]>
  /** Moves the catalogue's pointer, if the lease is still held. `false`: it was lost, nothing changed. */
  publish(lease: Lease, made: Materialization): Promise<boolean>
  /** Ends an attempt without moving the pointer, if the lease is still held. */
  settle(lease: Lease, run: string, outcome: Unpublished, now: number): Promise<boolean>
  /** Adds lines to the log of a step, as one event. */
  log(run: string, asset: string, key: PartitionKey, lines: readonly LogLine[], now: number): Promise<void>

  /** State of every partition that was ever attempted. */
  states(asset: string): Promise<ReadonlyMap<PartitionKey, PartitionState>>
  partitions(asset: string): Promise<readonly PartitionRow[]>
  /** Those of these partitions that were ever attempted, in no order. */
  partitionsOf(asset: string, keys: readonly PartitionKey[]): Promise<readonly PartitionRow[]>
  /** The partitions of an asset that workers hold, and until when (ms). */
  heldOf(asset: string): Promise<readonly { readonly key: PartitionKey; readonly leasedUntil: number }[]>
  /** The statuses that were last kept, if any. */
  statusBlock(asset: string): Promise<StatusBlock | undefined>
  /** Statuses of the partitions that had an event after `after`; of all for 0, or where events since are not all kept. */
  statusChanges(asset: string, after: number): Promise<StatusChanges>
  keepStatusBlock(asset: string, block: StatusBlock): Promise<void>
  /** The published files of an asset, in order of their keys; a version that was observed may have none. */
  files(asset: string): Promise<readonly TableFile[]>
  summaries(): Promise<readonly AssetSummary[]>
  /** Every version of one partition, newest first. */
  history(asset: string, key: PartitionKey): Promise<readonly KeptMaterialization[]>
  /** Versions of an asset's partitions, refused ones too, numbered below `before`. Looks at `scan` numbers at most. */
  materializationsPage(ask: {
    readonly asset: string
    readonly before?: number | undefined
    readonly limit: number
    readonly scan?: number
  }): Promise<Page<KeptMaterialization>>
  /** The published version of every partition of an asset, in order of their keys. */
  current(asset: string): Promise<readonly Materialization[]>
  /** The published versions of some partitions, each with how many it follows, in no order. */
  currentOf(
    asset: string,
    keys: readonly PartitionKey[],
  ): Promise<readonly (KeptMaterialization & { readonly revision: number })[]>
  events(ask: { readonly run?: string; readonly after?: number; readonly limit: number }): Promise<readonly EventRow[]>
  /** What happened to an asset before the event `before`; of some types if they are said. Looks at `scan` events at most. */
  assetEventsPage(ask: {
    readonly asset: string
    readonly types?: readonly EventRow['type'][] | undefined
    readonly before?: number | undefined
    readonly limit: number
    readonly scan?: number
  }): Promise<Page<EventRow>>
  /**
   * Drops what happened before the instant `before` in ms, except the materializations, which are the history of the
   * assets, and the newest event. Returns how many events were dropped.
   */
  purgeEvents(before: number): Promise<number>
  /**
   * Partitions of some assets that were made, or seen to be another, after the event `after`, in order, and the event up
   * to which these are all; none without `after`.
   */
  made(
    assets: readonly string[],
    after: number | undefined,
    limit: number,
  ): Promise<{ readonly made: readonly MadePartition[]; readonly upTo: number }>
  /** Paths that the catalogue knows in one partition. */
  knownPaths(asset: string, key: PartitionKey): Promise<ReadonlySet<string>>
  /** Takes files found in the lake into the catalogue: the newest of a partition becomes its version. Returns how many were new. */
  reindex(found: readonly Materialization[]): Promise<number>

  /**
   * Makes an earlier version of a partition the published one again. `current`: it is that already. `held`: a worker is
   * making the partition. `removed`: the file was given up. `unknown`: no such version was published.
   */
  rollback(to: {
    readonly asset: string
    readonly key: PartitionKey
    readonly materialization: string
    readonly now: number
  }): Promise<'rolled-back' | 'current' | 'held' | 'removed' | 'unknown'>
  /**
   * Forgets what is published of some partitions, so that they are missing; their history stays. Returns those wiped, and
   * those left as they are because a worker is making them.
   */
  wipe(
    asset: string,
    keys: readonly PartitionKey[],
    now: number,
  ): Promise<{ readonly wiped: readonly PartitionKey[]; readonly held: readonly PartitionKey[] }>
  /** What was published of an asset at an instant (ms), in order of keys. */
  versionsAt(asset: string, at: number): Promise<readonly PastVersion[]>
  /** Materializations by their numbers in this store, as far as they are known. */
  materializations(numbers: readonly number[]): Promise<readonly KeptMaterialization[]>
  /** The published versions of some assets that were made from any of these materializations, in order of their numbers. */
  readersOf(
    numbers: readonly number[],
    assets: readonly string[],
    limit: number,
  ): Promise<readonly KeptMaterialization[]>
  /**
   * Takes down what was seen of a partition that others make. Returns whether its version is another than before; if not,
   * there is no event.
   */
  observe(seen: Observation): Promise<boolean>

  /** Superseded versions whose files are there, numbered above `after`, in order of their numbers. */
  superseded(after: number, limit: number): Promise<readonly SupersededVersion[]>
  /** Gives up the files of superseded versions. Returns those given up: a published version is not. */
  dropVersions(numbers: readonly number[], now: number): Promise<readonly number[]>
  /** Files that were given up and may still be there. */
  droppedFiles(limit: number): Promise<readonly { readonly number: number; readonly path: string }[]>
  /** Files that were given up are gone. */
  forgetFiles(numbers: readonly number[]): Promise<void>
  /** Partitions that were ever attempted, numbered above `after`, in order of their numbers. */
  partitionsAfter(after: number, limit: number): Promise<readonly (HeldPartition & { readonly number: number })[]>

  /**
   * Accounts of the partitions numbered above `after`, in order of their numbers, and the event up to which some may have
   * been dropped.
   */
  partitionAccounts(
    after: number,
    limit: number,
  ): Promise<{ readonly partitions: readonly PartitionAccount[]; readonly purgedUpTo: number }>
  /** Accounts of the runs numbered above `after`, in order of their numbers. */
  runAccounts(after: number, limit: number): Promise<readonly RunAccount[]>
  /** Ticks that follow one, by definition and then by instant. */
  ticksAfter(tick: Pick<TickRow, 'definition' | 'scheduledAt'>, limit: number): Promise<readonly TickRow[]>
  /** Run keys that follow one, by definition and then by key. */
  runKeysAfter(key: Pick<UsedRunKey, 'definition' | 'runKey'>, limit: number): Promise<readonly UsedRunKey[]>

  /** Tallies of the partitions numbered above `after`, in order of their numbers. */
  partitionTallies(after: number, limit: number): Promise<readonly (PartitionTally & { readonly number: number })[]>
  /** Tallies of the partitions of which something was told after a cursor, by the next `limit` events at most. */
  tallyChanges(after: TallyCursor, limit: number): Promise<TallyChanges>
  /** When assets were last made, unchanged or not, by the events above `after` up to `upTo`. */
  madeBetween(after: number, upTo: number): Promise<readonly { readonly asset: string; readonly at: number }[]>
  /** The number of the newest event before which none is still to come; 0 without any. */
  newestEvent(): Promise<number>
  /** How many partitions of which asset workers hold at `now` (ms). */
  heldPartitions(now: number): Promise<readonly { readonly asset: string; readonly count: number }[]>
  /** The first event numbered above `after`. */
  eventAt(after: number): Promise<Pick<EventRow, 'id' | 'at'> | undefined>
  /** How many events of each type are numbered above `after` up to `upTo`, by the minute (since 1970) they happened in. */
  eventCounts(
    after: number,
    upTo: number,
  ): Promise<readonly { readonly minute: number; readonly type: EventRow['type']; readonly count: number }[]>
  /** The first materialization numbered above `after`. */
  materializationAt(after: number): Promise<{ readonly id: number; readonly at: number } | undefined>
  /** Rows of the materializations numbered above `after` up to `upTo` by minute, without those that were refused. */
  rowsMade(after: number, upTo: number): Promise<readonly { readonly minute: number; readonly rows: number }[]>
  /**
   * The newest unfinished runs, those created after the run number and those that ended after the end number of a cursor,
   * newest first, of each at most `limit`; with the newest event of each.
   */
  watchRuns(
    after: { readonly run: number; readonly end: number },
    limit: number,
  ): Promise<{
    readonly upTo: { readonly run: number; readonly end: number }
    readonly runs: readonly (RunRow & { readonly lastEvent: number })[]
  }>
  /** The runs that ended last, newest first. */
  runsEndedLast(limit: number): Promise<readonly RunRow[]>
  /** How many runs were created since an instant (ms), by status. */
  runsCreatedSince(at: number): Promise<Readonly<Partial<Record<RunStatus, number>>>>
  /** Ticks of a definition scheduled before an instant (ms), newest first. */
  ticksPage(
    definition: string,
    ask: {
      readonly before?: number | undefined
      readonly status?: TickRow['status'] | undefined
      readonly limit: number
    },
  ): Promise<readonly TickRow[]>
  /** About how many events, runs and materializations are kept; the largest of these are not counted. */
  sizes(): Promise<{ readonly events: number; readonly runs: number; readonly materializations: number }>
  /** How many runs are not finished, by status. */
  unfinishedCounts(): Promise<Readonly<Partial<Record<RunStatus, number>>>>

  /** The keys that dynamic dimensions had at an instant (ms), in the order in which they were first added. */
  dynamicKeys(names: readonly string[], at: number): Promise<Readonly<Record<string, readonly string[]>>>
  /** Adds keys to a dynamic dimension; one that was removed is there again, in its old place. Returns those that were not there. */
  addKeys(name: string, keys: readonly string[], now: number): Promise<readonly string[]>
  /** Removes keys; what was made of them stays in the catalogue. Returns those that were there. */
  removeKeys(name: string, keys: readonly string[], now: number): Promise<readonly string[]>

  /**
   * Decides a tick: its row, its runs, the move of its cursor and what it changes of keys are one transaction. Returns the
   * ids of the runs that were created, without those whose run key was used before; a tick left with none of its runs is
   * skipped. `undefined`: it or a later one was decided before, or the cursor is not at `cursorBefore` any more, and
   * nothing changed. A tick that failed may be decided again by who knows how often it did.
   */
  decideTick(
    tick: Omit<TickRow, 'runs'>,
    runs: readonly TickRun[],
    keys?: KeyChanges,
  ): Promise<readonly string[] | undefined>
  /** The newest ticks of a definition, newest first. */
  ticks(definition: string, limit: number): Promise<readonly TickRow[]>
  /** Forgets the ticks scheduled before an instant, except the newest of each definition. Returns how many. */
  purgeTicks(before: number): Promise<number>
  cursor(definition: string): Promise<string | undefined>
  /** Moves a cursor without a tick. `false`: it is not at `cursorBefore` any more. */
  moveCursor(move: Pick<TickRow, 'definition' | 'decidedAt' | 'cursorBefore' | 'cursorAfter'>): Promise<boolean>
  automations(): Promise<readonly AutomationRow[]>
  /** Writes down when automations were first seen; those known stay as they are. */
  seeAutomations(names: readonly string[], now: number): Promise<void>
  /** Switches an automation. One that was off, here or by default, begins anew. */
  setAutomation(name: string, isOn: boolean, wasOnByDefault: boolean, now: number): Promise<void>
  /** Whether a poll of a sensor may begin; it is this caller's only if the last began `everyMs` ago. */
  claimPoll(sensor: string, now: number, everyMs: number): Promise<boolean>

  /** The clock of the store in ms: that of the database where many machines share one. Leases are measured by it. */
  now(): Promise<number>
  close(): Promise<void>
}
