import type { AnyAsset } from '../define/asset.ts'
import { PipelineError } from '../define/errors.ts'
import { usualMemoryMb } from '../define/isolation.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { StepJob } from '../queue/port.ts'
import { unpackFailure } from './carried-error.ts'
import type { StepContext, ToMake } from './claim-step.ts'
import { followSignal } from './follow-signal.ts'
import type { StagedPartition } from './stage-made.ts'
import { stageMade } from './stage-made.ts'
import type { OpenStepLog } from './step-log.ts'
import { startStepProcess } from './step-process.ts'

type Maker = (
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  open: ReadonlyMap<PartitionKey, ToMake>,
  signal: AbortSignal,
  log: OpenStepLog,
) => AsyncGenerator<StagedPartition>

/**
 * Where an author's function is called: in this process, or in one of its own where its asset asks for that, or a process
 * died over it (`isSuspect`): if it is to blame it takes no others along this time. Throws
 * `isolate.unavailable` and `isolate.malformed`.
 */
export async function makerOf(on: StepContext, asset: AnyAsset, isSuspect: boolean): Promise<Maker> {
  const isPossible = on.isolation !== undefined && !(await on.io()).isPrivate
  if (isPossible && (asset.isolate || isSuspect)) return makeIsolated
  if (!asset.isolate) return stageMade
  if (!on.isolation) throw new PipelineError('isolate.unavailable', { asset: asset.name })
  const issue = 'its rows are kept in the memory of this process; give definitions({ io }) a lake of files'
  throw new PipelineError('isolate.malformed', { asset: asset.name, issue })
}

/**
 * As `stageMade`, by a process that is started for it and gone afterwards. It has no lease and no store to write to: what
 * it staged counts only once it is taken here.
 */
async function* makeIsolated(...[on, asset, job, open, signal, log]: Parameters<Maker>): ReturnType<Maker> {
  const { memoryMb } = asset.isolate ?? { memoryMb: usualMemoryMb }
  const key = () => open.keys().next().value ?? job.keys[0]!
  const child = startStepProcess(on.isolation!, { asset: asset.name, key, memoryMb, log })
  const unfollow = followSignal(signal, () => child.stop(signal.reason))
  try {
    for (;;) {
      const said = await child.answer()
      switch (said.type) {
        case 'ready':
          child.send({ type: 'make', parent: process.pid, job, codeVersion: asset.codeVersion, open: sent(open) })
          break
        case 'staged':
          yield said.staged
          child.send({ type: 'next', taken: said.staged.key })
          break
        case 'done':
          log.omit(said.omitted)
          return
        case 'failed':
          log.omit(said.omitted)
          throw unpackFailure(said.failure)
        default:
          return said satisfies never
      }
    }
  } finally {
    unfollow()
    await child.end()
  }
}

const sent = (open: ReadonlyMap<PartitionKey, ToMake>): readonly Omit<ToMake, 'partition'>[] =>
  Array.from(open.values(), ({ key, published, files, versions, absent }) => ({
    ...{ key, published, files, versions, absent },
  }))
