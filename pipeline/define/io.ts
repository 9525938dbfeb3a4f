import type { AnyAsset } from './asset.ts'
import type { Claim } from './check.ts'
import type { PartitionKey } from './partition.ts'
import type { Rows, Sql, Table, TableFile } from './table.ts'

/**
 * What a file says of itself, so that a lost catalogue can be read back from the files. Its name says which
 * materialization it is, and the rest follows from what was asked for: the same rows make the same bytes, whoever makes
 * them and when.
 */
export interface FileIdentity {
  readonly asset: string
  readonly key: PartitionKey
  readonly materialization: string
  readonly codeVersion: string
  readonly inputs: InputVersions
  /** Given by the author, in place of the hash of the rows. */
  readonly version?: string
}

/** By input name: one version over all the files that were read. */
export type InputVersions = Readonly<Record<string, string>>

export interface StagedFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  /** Hash of the rows alone: making the same rows again gives the same version. */
  readonly version: string
}

export interface ClaimResult {
  /** Rows, or whatever it counts, that break the claim. */
  readonly failures: number
  /** The first few of them. */
  readonly sample: readonly Readonly<Record<string, unknown>>[]
  /** What was measured, or the columns: what the claim wants an answer about. */
  readonly value?: unknown
}

export interface SweepLimits {
  /** Files that were last written from `since` on and before `before`; ms. */
  readonly since: number
  readonly before: number
  /** Of files that were refused, none if absent: those that were set aside from then on; ms. */
  readonly refusedSince?: number
  /** Only counts them. */
  readonly dryRun: boolean
}

/** A file of the lake as it lies there, whoever knows of it. */
export interface LakeFile {
  readonly asset: string
  readonly key: PartitionKey
  readonly path: string
  /** ms. */
  readonly writtenAt: number
}

/** Where rows live between assets. Every file has a new name, so nothing here can be seen before it is published. */
export interface IoManager {
  /** Rows are in the memory of this process: another one can neither read nor stage them. */
  readonly isPrivate?: boolean
  /** Writes rows to a file of a new name, durably. Throws `asset.output-invalid`, `asset.columns-differ`. */
  stage(ask: {
    readonly asset: AnyAsset
    readonly identity: FileIdentity
    readonly rows: Rows<object>
    readonly signal: AbortSignal
  }): Promise<StagedFile>
  /** A lazy handle on files of one asset. */
  table<Row>(asset: Pick<AnyAsset, 'name' | 'output'>, files: readonly TableFile[]): Table<Row>
  /** Answers all claims about a table together, in their order. Throws `check.engine-missing`. */
  prove(table: Table<any>, claims: readonly Claim[]): Promise<readonly ClaimResult[]>
  /** Runs a query and hands out its rows; closing the iterator interrupts it. */
  query<Row>(query: Sql<Row>, signal: AbortSignal): AsyncIterable<Row>
  /** Has files of tables on this machine for the length of `work`, which is told where each is. */
  lend<T>(
    files: readonly TableFile[],
    work: (pathOf: (file: TableFile) => string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>
  /**
   * What is wrong with a file, if it is not there or does not hold what its version says. By `size` it is not read, only
   * looked at.
   */
  damage(asset: Pick<AnyAsset, 'output'>, file: TableFile, by?: 'content' | 'size'): Promise<string | undefined>
  /** Removes a file that will not be published; no error if it is gone. */
  discard(path: string): Promise<void>
  /** Sets aside a file that a blocking check refused, for people to look at. Returns its new path. */
  reject(path: string): Promise<string>
  /**
   * Removes what a lost step left behind in one partition's folder: every file but those in `keep`. With limits only those
   * within them. Returns how many.
   */
  sweep(asset: string, key: PartitionKey, keep: ReadonlySet<string>, limits?: SweepLimits): Promise<number>
  /** Every file there is, those of one partition after each other; also what was refused or is no version at all. */
  list(): AsyncIterable<LakeFile>
  /** Reads back every file's account of itself; a file that is damaged is told of and passed over. */
  scan(): AsyncIterable<
    | { readonly file: StagedFile; readonly identity: FileIdentity; readonly writtenAt: number }
    | { readonly path: string; readonly error: string }
  >
}
