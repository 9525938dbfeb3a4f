import type { AnyAsset, Made, RangeRun, Run, StepLog } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import { checkedVersion, versionOf } from '../define/data-version.ts'
import type { Metadata } from '../define/metadata.ts'
import { checkedMetadata } from '../define/metadata.ts'
import { paramsOf } from '../define/params.ts'
import type { PartitionKey } from '../define/partition.ts'
import { keyOf } from '../define/partition.ts'
import type { Rows } from '../define/table.ts'
import type { StepJob } from '../queue/port.ts'
import type { SourceFile } from '../store/port.ts'
import type { StepContext, ToMake } from './claim-step.ts'

export interface MadeByKey {
  readonly key: PartitionKey
  readonly rows: Rows<object>
  readonly version: string | undefined
  readonly metadata: () => Metadata
}

/** Of what others make there may be a version without a file. */
export const readable = ({ files }: ToMake, input: string): readonly SourceFile[] =>
  (files[input] ?? []).filter(({ path }) => path !== '')

/** Partitions of one call may read the same file: its rows are there once. */
const onceEach = (files: readonly SourceFile[]): readonly SourceFile[] =>
  files.length < 2 ? files : [...new Map(files.map((file) => [file.path, file])).values()]

/** What an author's function is given its inputs and resources from. */
export type AuthorContext = Pick<StepContext, 'io' | 'resources' | 'clock'>

/** The one place where an author's function is called. */
export async function* callAuthor(
  on: AuthorContext,
  asset: AnyAsset,
  job: StepJob,
  open: readonly ToMake[],
  signal: AbortSignal,
  log: StepLog,
): AsyncGenerator<MadeByKey> {
  const io = await on.io()
  const resources: Record<string, unknown> = {}
  for (const name of Object.keys(asset.resources)) resources[name] = await on.resources.get(name)
  const inputs = Object.fromEntries(
    depsOf(asset).map(([name, dependency]) => [
      name,
      io.table(dependency, onceEach(open.flatMap((held) => readable(held, name)))),
    ]),
  )
  const { previous = io.table(asset, []), ...listedInputs } = inputs
  const published = (held: ToMake | undefined) => held?.published && io.table(asset, [held.published])
  const params = paramsOf(asset, job.params)
  const basis = { inputs: listedInputs, resources, params, signal, now: new Date(job.now), log }
  const given = job.params?.[asset.name]
  const foundOut: Metadata = given ? { params: given } : {}

  if (!asset.range) {
    const [held] = open as [ToMake]
    let metadata: Metadata = { ...foundOut, ...held.absent }
    const version = versionOf(asset.name, held.key)
    const run = asset.run as (run: Run<any, any, any>) => Rows<object> | Promise<Rows<object>>
    const rows = await run({
      ...basis,
      partition: held.partition,
      key: held.key,
      published: published(held),
      previous,
      metadata: (values) => {
        metadata = { ...metadata, ...checkedMetadata(asset.name, values) }
      },
      version: version.say,
    })
    const ready = await version.begin(rows)
    yield { key: held.key, rows: ready, version: version.given(), metadata: () => metadata }
    return
  }
  const byKey = new Map(open.map((held) => [held.key, held]))
  const run = asset.run as unknown as (
    run: RangeRun<any, any, any>,
  ) => AsyncIterable<Made<Record<string, unknown>, object>>
  const partitions = open.map((held) => held.partition)
  const made = run({
    ...basis,
    partitions,
    published: (partition) => published(byKey.get(keyOf(asset.partitions, partition as never))),
  })
  for await (const { partition, rows, metadata, version } of made) {
    const key = keyOf(asset.partitions, partition as never)
    const said = checkedMetadata(asset.name, metadata ?? {})
    yield {
      ...{ key, rows, version: version === undefined ? undefined : checkedVersion(asset.name, version) },
      metadata: () => ({ ...foundOut, ...byKey.get(key)?.absent, ...said }),
    }
  }
}
