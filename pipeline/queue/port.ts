import type { RunParams } from '../define/params.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { RunMode } from '../plan/plan-run.ts'

/** One call of one asset's function: ids only, since it may be read by another machine. */
export interface StepJob {
  /** Unique among all attempts. */
  readonly id: string
  readonly run: string
  readonly asset: string
  /** One, or neighbours along the range dimension of the asset. */
  readonly keys: readonly PartitionKey[]
  readonly attempt: number
  readonly mode: RunMode
  /** Of the run, by asset; only those of this one matter. */
  readonly params?: RunParams | undefined
  /** ms; which partitions exist is decided as of this instant. */
  readonly now: number
  readonly pool: string | undefined
  readonly priority: number
  /** Not before this ms. */
  readonly notBefore: number
}

/** How one partition of a job ended. */
export type StepReport =
  /** Said once, when the job begins; `key` is its first. */
  | { readonly key: PartitionKey; readonly outcome: 'started' }
  | { readonly key: PartitionKey; readonly outcome: 'published' | 'unchanged' | 'skipped' | 'canceled' | 'lost' }
  | { readonly key: PartitionKey; readonly outcome: 'rejected'; readonly why: string }
  | { readonly key: PartitionKey; readonly outcome: 'failed'; readonly error: string }
  | { readonly key: PartitionKey; readonly outcome: 'retry'; readonly at: number; readonly error: string | undefined }

/**
 * Makes the partitions of a job; reports each as soon as it is done. May resolve to how long (ms) that was work, and not
 * waiting for the store. Never throws.
 */
export type StepHandler = (
  job: StepJob,
  signal: AbortSignal,
  report: (report: StepReport) => void,
) => Promise<number | void>

/** Hands ready steps to workers. At least once: what a lost worker held comes again, and its lease keeps that harmless. */
export interface Queue {
  /** Jobs that one run hands over at once: enough to keep every worker busy, and no more than a broker should hold. */
  readonly window: number
  add(jobs: readonly StepJob[]): Promise<void>
  /** Takes jobs until closed. */
  work(handler: StepHandler): void
  /** Called for every report about a job of this run, then once with `undefined` for each job that ended. */
  follow(run: string, listener: (job: StepJob, report: StepReport | undefined) => void): () => void
  /** Drops the waiting jobs of a run and aborts its running ones. Resolves to the dropped. */
  cancel(run: string): Promise<readonly StepJob[]>
  /** Aborts the jobs of a run that run in this process, whoever leads it. */
  abort(run: string, reason: Error): void
  /** Throws if the broker is out of reach. */
  check(): Promise<void>
  /** Aborts what runs and resolves when all of it has ended. */
  close(): Promise<void>
}
