import type { PartitionKey } from '../define/partition.ts'
import type { StepJob } from '../queue/port.ts'
import type { CarriedFailure } from './carried-error.ts'
import type { ToMake } from './claim-step.ts'
import type { StagedPartition } from './stage-made.ts'
import type { SaidLine } from './step-log.ts'

/** What an engine says to the process of one step. */
export type ToStep =
  | {
      readonly type: 'make'
      /** The process that asks: the other one ends with it. */
      readonly parent: number
      readonly job: StepJob
      /** Of the asset, as the engine knows it. */
      readonly codeVersion: string
      readonly open: readonly Omit<ToMake, 'partition'>[]
    }
  /** What was staged last is taken: go on. */
  | { readonly type: 'next'; readonly taken: PartitionKey }
  | { readonly type: 'stop'; readonly reason: string }

/** What the process of one step says: first that it is ready; in the end that it is done, or has failed. */
export type FromStep =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly line: SaidLine }
  | { readonly type: 'staged'; readonly staged: StagedPartition }
  /** `omitted` counts lines of the log beyond those that are kept. */
  | { readonly type: 'done'; readonly omitted: number }
  | { readonly type: 'failed'; readonly omitted: number; readonly failure: CarriedFailure }
