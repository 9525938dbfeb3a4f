import type { AnyAsset, StepLog } from '../define/asset.ts'
import { versioned } from '../define/data-version.ts'
import { PipelineError } from '../define/errors.ts'
import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { TableFile } from '../define/table.ts'
import { listed } from '../plan/plan-run.ts'
import type { StepJob } from '../queue/port.ts'
import type { AuthorContext, MadeByKey } from './call-author.ts'
import { callAuthor } from './call-author.ts'
import type { ToMake } from './claim-step.ts'
import { newId } from './identity.ts'

/** One partition that was made and written down, and that nobody can see yet. */
export interface StagedPartition {
  readonly key: PartitionKey
  /** Of the materialization. */
  readonly id: string
  readonly file: TableFile
  readonly metadata: Metadata
}

/**
 * Calls the author and stages each partition as it is made. Whoever takes one removes it from `open` before asking for
 * the next. Throws `asset.partition-unexpected` and `asset.partition-omitted`.
 */
export async function* stageMade(
  on: AuthorContext,
  asset: AnyAsset,
  job: StepJob,
  open: ReadonlyMap<PartitionKey, ToMake>,
  signal: AbortSignal,
  log: StepLog,
): AsyncGenerator<StagedPartition> {
  for await (const made of callAuthor(on, asset, job, [...open.values()], signal, log)) {
    const one = open.get(made.key)
    if (!one) throw new PipelineError('asset.partition-unexpected', { asset: asset.name, key: made.key })
    yield await stage(on, asset, one, made, signal)
  }
  if (open.size > 0) {
    throw new PipelineError('asset.partition-omitted', { asset: asset.name, keys: listed([...open.keys()]) })
  }
}

async function stage(
  on: AuthorContext,
  asset: AnyAsset,
  one: ToMake,
  made: MadeByKey,
  signal: AbortSignal,
): Promise<StagedPartition> {
  const id = newId(on.clock())
  const identity = {
    asset: asset.name,
    key: one.key,
    materialization: id,
    codeVersion: asset.codeVersion,
    inputs: one.versions,
    ...(made.version !== undefined && { version: made.version }),
  }
  const io = await on.io()
  const file = versioned(await io.stage({ asset, identity, rows: made.rows, signal }), made.version)
  return { key: one.key, id, file: { ...file, key: one.key }, metadata: made.metadata() }
}
