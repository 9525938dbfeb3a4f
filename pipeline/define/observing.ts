import type { Duration } from './duration.ts'
import type { Metadata } from './metadata.ts'
import type { PartitionKey } from './partition.ts'
import type { TableFile } from './table.ts'

/** What was seen of a partition that others make. */
export interface Seen {
  /** Tells one state of it from another: a hash, an etag, the time of its last change. */
  readonly version: string
  readonly metadata?: Metadata
  /** Where its rows are in a parquet file: an absolute path, or one in the lake. */
  readonly file?: Pick<TableFile, 'path' | 'rows' | 'bytes'>
}

/** What was seen of an external asset; the key of one that is not partitioned may be left out. */
export type SeenAsset = Seen & { readonly key?: PartitionKey }

/** How an external asset is looked at while a daemon runs. */
export interface Observing {
  readonly every: Duration
  readonly defaultStatus: 'running' | 'stopped'
  readonly look: (tick: {
    readonly at: Date
    readonly resources: Readonly<Record<string, unknown>>
    readonly signal: AbortSignal
  }) => Promise<readonly SeenAsset[]>
}
