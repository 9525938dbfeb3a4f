import type { AnyAsset, RowOf, Run, StepLog } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { CheckResult, CheckSubject } from '../define/check.ts'
import { versionOf } from '../define/data-version.ts'
import type { IoManager } from '../define/io.ts'
import type { Metadata } from '../define/metadata.ts'
import { checkedMetadata } from '../define/metadata.ts'
import type { GivenParams } from '../define/params.ts'
import { paramsOf } from '../define/params.ts'
import type { PartitionKey } from '../define/partition.ts'
import { endOf, keyOf } from '../define/partition.ts'
import type { Rows, Table } from '../define/table.ts'
import { newId } from '../run/identity.ts'
import { proveChecks } from '../run/prove-checks.ts'
import { memoryIo } from './memory-io.ts'

type UnlessEmpty<T> = { [K in keyof T as {} extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as {} extends T[K] ? K : never]?: T[K]
}

/** What one partition of `A` needs to be made in memory; parts the asset does not use may be left out. */
export type Given<A extends AnyAsset> = UnlessEmpty<{
  readonly partition: Run<A['partitions'], A['deps'], A['resources']>['partition']
  readonly inputs: { readonly [K in keyof A['deps']]: readonly RowOf<A['deps'][K]>[] }
  readonly resources: Run<A['partitions'], A['deps'], A['resources']>['resources']
}> & {
  /** The rows that are published now, where the asset looks at them. */
  readonly published?: readonly RowOf<A>[]
  /** What the asset is given for its parameters; the others have their defaults. */
  readonly params?: GivenParams<A>
  /** The engine of assets and checks that are written in SQL. */
  readonly io?: IoManager
  readonly now?: Date
}

/** `Given` once its asset is no longer known. */
type Loose = {
  partition?: Record<string, unknown>
  inputs?: Record<string, readonly object[]>
  resources?: Record<string, unknown>
  published?: readonly object[]
  params?: Metadata
  io?: IoManager
  now?: Date
}

/** What a run needs of a step: the one partition of a range asset is a range of one. */
type Author = (run: object) => Rows<object> | Promise<Rows<object>>

/**
 * Makes one partition of one asset from plain rows: no queue, no store, no schedule. The test door of the framework.
 * What asks to be isolated is made in this process all the same, without its limits.
 * Throws what `run` throws, `params.invalid`, `asset.output-invalid`, and `check.engine-missing` where SQL is met without `io`.
 */
export async function materialize<A extends AnyAsset>(
  asset: A,
  given: Given<A>,
): Promise<{
  rows: RowOf<A>[]
  checks: Record<keyof A['checks'], CheckResult>
  metadata: Metadata
  /** Where the asset gave one. */
  version: string | undefined
}> {
  const { partition = {}, inputs = {}, resources = {}, published, params, io, now = new Date() } = given as Loose
  const engine = io ?? memoryIo()
  const signal = new AbortController().signal
  const key = keyOf(asset.partitions, partition as never)
  const tables: Record<string, unknown> = {}
  for (const [name, dependency] of depsOf(asset)) {
    tables[name] = await held(engine, { ...dependency, key: [] } as unknown as AnyAsset, key, inputs[name] ?? [])
  }
  const before = published && (await held(engine, asset, key, published))
  let metadata: Metadata = {}
  const version = versionOf(asset.name, key)
  const basis = {
    inputs: tables,
    resources,
    params: paramsOf(asset, params && { [asset.name]: params }),
    signal,
    now,
    log: silent,
  }

  let rows: Rows<object>
  if (asset.range) {
    const made = (
      asset.run as unknown as (
        run: object,
      ) => AsyncIterable<{ rows: Rows<object>; metadata?: Metadata; version?: string }>
    )({
      ...basis,
      partitions: [partition],
      published: () => before,
    })
    const first = await made[Symbol.asyncIterator]().next()
    if (first.done) throw new Error(`asset "${asset.name}" yielded no partition, expected "${key}"`)
    rows = first.value.rows
    if (first.value.version !== undefined) version.say(first.value.version)
    metadata = checkedMetadata(asset.name, { ...first.value.metadata })
  } else {
    rows = await (asset.run as unknown as Author)({
      ...basis,
      partition,
      key,
      published: before,
      metadata: (values: Metadata) => {
        metadata = { ...metadata, ...checkedMetadata(asset.name, values) }
      },
      version: version.say,
    })
  }
  rows = await version.begin(rows)
  const staged = await held(engine, asset, key, rows)
  const subject: CheckSubject = {
    ...{ key, now, end: endOf(asset.partitions, partition) ?? now },
    ...{ inputs: tables as CheckSubject['inputs'], published: before, whole: async () => staged },
  }
  const outcomes = await proveChecks(asset, staged, subject, engine.prove)
  const checks = outcomes.map(({ name, passed, why, metadata: found }) => [
    name,
    { passed, ...(why !== null && { why }), ...(found && { metadata: found }) },
  ])
  return {
    rows: (await staged.toArray()) as RowOf<A>[],
    checks: Object.fromEntries(checks),
    metadata,
    version: version.given(),
  }
}

const unheard = () => undefined
const silent: StepLog = { debug: unheard, info: unheard, warn: unheard, error: unheard }

async function held(io: IoManager, asset: AnyAsset, key: PartitionKey, rows: Rows<object>): Promise<Table<any>> {
  // The rows that are published and those that are made are files of one folder.
  const materialization = newId(Date.now())
  const identity = { asset: asset.name, key, materialization, run: 'test', codeVersion: '', inputs: {} }
  const file = await io.stage({ asset, identity, rows, signal: new AbortController().signal })
  return io.table(asset, [{ ...file, key }])
}
