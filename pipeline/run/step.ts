import type { AnyAsset, Made, RangeRun, Run, StepLog } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { CheckSubject } from '../define/check.ts'
import { checkedVersion, versioned, versionOf } from '../define/data-version.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { durationMs } from '../define/duration.ts'
import { PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import type { Metadata } from '../define/metadata.ts'
import { checkedMetadata } from '../define/metadata.ts'
import { paramsOf } from '../define/params.ts'
import type { PartitionKey } from '../define/partition.ts'
import { endOf, keyOf, partitionOf } from '../define/partition.ts'
import type { Rows, TableFile } from '../define/table.ts'
import { listed } from '../plan/plan-run.ts'
import type { AssetRelations } from '../plan/relation.ts'
import { keyAt, ordinalOf } from '../plan/space.ts'
import { combinedVersion, staleReason } from '../plan/staleness.ts'
import type { StepHandler, StepJob, StepReport } from '../queue/port.ts'
import type {
  CheckOutcome,
  Claimed,
  HeldPartition,
  Lease,
  RunStore,
  SourceFile,
  Sources,
  Unpublished,
} from '../store/port.ts'
import { followSignal } from './follow-signal.ts'
import { newId } from './identity.ts'
import type { OpenResources } from './open-resources.ts'
import { proveChecks } from './prove-checks.ts'
import { errorText, retryWait } from './retry.ts'
import { openStepLog } from './step-log.ts'

export interface StepContext {
  readonly definitions: Definitions
  readonly store: RunStore
  readonly io: () => Promise<IoManager>
  readonly resources: OpenResources
  readonly worker: string
  readonly leaseMs: number
  readonly clock: () => number
  readonly random: () => number
  /** Hears of a partition whose lease the store did not take back. */
  readonly giveUp: (held: HeldPartition) => void
  readonly relations: (asset: AnyAsset, now: number) => Promise<AssetRelations>
}

/** How long a function that was told to stop may take to do so before it is left alone; it can not publish any more. */
const graceMs = 5_000

/** One partition that this attempt holds. */
interface Held {
  readonly key: PartitionKey
  readonly partition: Record<string, unknown>
  readonly lease: Lease
  readonly published: TableFile | undefined
  readonly files: Readonly<Record<string, readonly SourceFile[]>>
  readonly versions: Readonly<Record<string, string>>
  readonly absent: Metadata
}

/**
 * A step from read to publish: claim, leave out what is fresh, open inputs and resources, run, stage, check, publish.
 * Each partition ends in one report, whatever happens.
 */
export function stepHandler(on: StepContext): StepHandler {
  return async (job, signal, report) => {
    const asset = assetNamed(on.definitions, job.asset)
    const open = new Map<PartitionKey, Held>()
    const settle = async (held: Held, outcome: Unpublished, said: StepReport): Promise<void> => {
      open.delete(held.key)
      const isOurs = await on.store.settle(held.lease, job.run, outcome, on.clock()).catch((error: unknown) => {
        on.giveUp(held.lease)
        throw error
      })
      report(isOurs ? said : { key: held.key, outcome: 'lost' })
    }
    const log = openStepLog({
      clock: on.clock,
      flushMs: 1_000,
      send: (lines) => on.store.log(job.run, job.asset, job.keys[0]!, lines, on.clock()),
    })
    try {
      for (const held of await claim(on, asset, job, report, settle)) open.set(held.key, held)
      if (open.size === 0) return
      report({ key: job.keys[0]!, outcome: 'started' })
      const limitMs = durationMs(asset.timeout)
      const { stop, isLate, unlessIgnored, forget } = stopsAt(signal, limitMs)
      const makeAll = async () => {
        for await (const made of runAuthor(on, asset, job, [...open.values()], stop, log)) {
          const held = open.get(made.key)
          if (!held) throw new PipelineError('asset.partition-unexpected', { asset: asset.name, key: made.key })
          await publish(on, asset, job, held, made, stop, settle, report)
          open.delete(made.key)
        }
        if (open.size > 0) {
          throw new PipelineError('asset.partition-omitted', { asset: asset.name, keys: listed([...open.keys()]) })
        }
      }
      try {
        await unlessIgnored(makeAll())
      } catch (error) {
        if (signal.aborted || !isLate()) throw error
        const [key] = open.keys()
        throw new PipelineError('run.timeout', { asset: asset.name, key: key!, ms: limitMs }, { cause: error })
      } finally {
        forget()
      }
    } catch (error) {
      await failAll(on, asset, job, [...open.values()], signal, error, settle, report)
    } finally {
      await log.close()
    }
  }
}

type Settle = (held: Held, outcome: Unpublished, said: StepReport) => Promise<void>

/** Takes the leases and leaves out what another run made, what is fresh after all, and what lacks an input. */
async function claim(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  report: (report: StepReport) => void,
  settle: Settle,
): Promise<readonly Held[]> {
  const partitions = new Map(
    job.keys.map((key) => [key, partitionOf(asset.partitions, key) as Record<string, unknown>]),
  )
  const dependencies = depsOf(asset)
  const inputs = dependencies.length === 0 ? [] : inputKeys(await on.relations(asset, job.now), asset, job.keys)
  const claimed = await on.store.claim({
    run: job.run,
    worker: on.worker,
    asset: asset.name,
    keys: job.keys,
    now: on.clock(),
    leaseMs: on.leaseMs,
    inputs,
  })
  const held: Held[] = []
  for (const one of claimed) {
    if (one.token === undefined) {
      // Someone else is making it: look again soon, and at the latest when that lease runs out.
      report({ key: one.key, outcome: 'retry', at: Math.min(one.heldUntil, on.clock() + 500) + 1, error: undefined })
      continue
    }
    const mine = heldOf(asset, one, one.token, partitions.get(one.key)!)
    const fresh = freshness(asset, job, one, mine.versions)
    const missing = missingInput(on.definitions, asset, one, inputs)
    if (fresh) await settle(mine, { type: 'skipped', why: fresh }, { key: one.key, outcome: 'skipped' })
    else if (missing) {
      const outcome = { type: 'failed', error: missing, attempt: job.attempt, retryAt: null } as const
      await settle(mine, outcome, { key: one.key, outcome: 'failed', error: missing })
    } else held.push({ ...mine, absent: absentInputs(one, inputs) })
  }
  return held
}

/** What each partition reads, by input. */
function inputKeys({ space, inputs }: AssetRelations, asset: AnyAsset, keys: readonly PartitionKey[]): StepInputs {
  return keys.flatMap((key) => {
    const ordinal = ordinalOf(space, asset.partitions, key)
    return inputs.map(({ name, relation }) => ({
      key,
      name,
      asset: relation.dependency.name,
      keys: ordinal < 0 ? [] : relation.sourcesOf(ordinal).map((source) => keyAt(relation.source, source)),
    }))
  })
}

type StepInputs = readonly {
  readonly key: PartitionKey
  readonly name: string
  readonly asset: string
  readonly keys: readonly PartitionKey[]
}[]

function heldOf(asset: AnyAsset, one: Claimed, token: number, partition: Record<string, unknown>): Held {
  const versions = Object.entries(one.inputs).map(([name, files]) => [name, combinedVersion(files)])
  return {
    key: one.key,
    partition,
    lease: { asset: asset.name, key: one.key, token },
    published: one.published,
    files: one.inputs,
    versions: Object.fromEntries(versions),
    absent: {},
  }
}

// Since the plan was made, an input may have turned out unchanged, or another run may have made the partition.
function freshness(
  asset: AnyAsset,
  job: StepJob,
  one: Claimed,
  inputs: Readonly<Record<string, string>>,
): string | undefined {
  if (one.state.published?.run === job.run && one.state.status === 'published') return 'this run made it already'
  const isSource = depsOf(asset).length === 0
  if (job.mode === 'all' || (job.mode === 'sources' && isSource)) return undefined
  const why = staleReason(one.state, { codeVersion: asset.codeVersion, inputs })
  return why === undefined ? 'fresh: code and inputs are those it was made with' : undefined
}

function missingInput(all: Definitions, asset: AnyAsset, one: Claimed, inputs: StepInputs): string | undefined {
  for (const [name, dependency] of depsOf(asset)) {
    const keys = inputs.find((input) => input.key === one.key && input.name === name)!.keys
    const found = one.inputs[name] ?? []
    if (dependency.optional || found.length === keys.length || assetNamed(all, dependency.name).external) continue
    const has = new Set(found.map((file) => file.key))
    const absent = listed(keys.filter((key) => !has.has(key)))
    return new PipelineError('run.input-missing', {
      asset: asset.name,
      key: one.key,
      dependency: dependency.name,
      keys: absent,
    }).message
  }
  return undefined
}

function absentInputs(one: Claimed, inputs: StepInputs): Metadata {
  const absent: Record<string, { count: number; partitions: string }> = {}
  for (const input of inputs) {
    const found = one.inputs[input.name]
    if (input.key !== one.key || !found || found.length === input.keys.length) continue
    const has = new Set(found.map((file) => file.key))
    const keys = input.keys.filter((key) => !has.has(key))
    absent[input.name] = { count: keys.length, partitions: listed(keys, 10) }
  }
  return Object.keys(absent).length > 0 ? { absent_inputs: absent } : {}
}

interface MadeByKey {
  readonly key: PartitionKey
  readonly rows: Rows<object>
  readonly version: string | undefined
  readonly metadata: () => Metadata
}

/** Of what others make there may be a version without a file. */
const readable = ({ files }: Held, input: string): readonly SourceFile[] =>
  (files[input] ?? []).filter(({ path }) => path !== '')

/** Partitions of one call may read the same file: its rows are there once. */
const onceEach = (files: readonly SourceFile[]): readonly SourceFile[] =>
  files.length < 2 ? files : [...new Map(files.map((file) => [file.path, file])).values()]

/** The one place where an author's function is called. */
async function* runAuthor(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  open: readonly Held[],
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
  const published = (held: Held | undefined) => held?.published && io.table(asset, [held.published])
  const params = paramsOf(asset, job.params)
  const basis = { inputs: listedInputs, resources, params, signal, now: new Date(job.now), log }
  const given = job.params?.[asset.name]
  const foundOut: Metadata = given ? { params: given } : {}

  if (!asset.range) {
    const [held] = open as [Held]
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

async function publish(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  held: Held,
  made: MadeByKey,
  signal: AbortSignal,
  settle: Settle,
  report: (report: StepReport) => void,
): Promise<void> {
  const io = await on.io()
  const id = newId(on.clock())
  const identity = {
    asset: asset.name,
    key: held.key,
    materialization: id,
    run: job.run,
    codeVersion: asset.codeVersion,
    inputs: held.versions,
    ...(made.version !== undefined && { version: made.version }),
  }
  const staged = versioned(await io.stage({ asset, identity, rows: made.rows, signal }), made.version)
  const file: TableFile = { ...staged, key: held.key }
  const checks = await checked(on, asset, job, held, file, signal)
  const { codeVersion, inputs } = identity
  const sources = sourcesOf(held)
  const metadata = made.metadata()

  const broken = checks.filter((check) => check.blocking && !check.passed)
  const materialization = {
    id,
    asset: asset.name,
    run: job.run,
    ...file,
    codeVersion,
    inputs,
    sources,
    checks,
    metadata,
    at: on.clock(),
  }
  if (broken.length > 0) {
    const why = broken.map((check) => `check "${check.name}": ${check.why}`).join('; ')
    const kept = { ...materialization, path: await io.reject(staged.path) }
    return settle(held, { type: 'rejected', materialization: kept }, { key: held.key, outcome: 'rejected', why })
  }
  // The same rows under the same version change nothing, unless the file that holds them was damaged: then this one takes
  // its place.
  const before = held.published
  const isSame = before?.version === staged.version && before.content === staged.content
  if (isSame && (await io.damage(asset, before)) === undefined) {
    await io.discard(staged.path)
    const outcome = { type: 'unchanged', codeVersion, inputs, sources, checks, metadata } as const
    return settle(held, outcome, { key: held.key, outcome: 'unchanged' })
  }
  const isOurs = await on.store.publish(held.lease, materialization)
  if (!isOurs) await io.discard(staged.path)
  report({ key: held.key, outcome: isOurs ? 'published' : 'lost' })
}

/** What was read, by the numbers that the store gives to materializations. */
function sourcesOf({ files }: Held): Sources {
  const sources: Record<string, readonly number[]> = {}
  for (const name in files) sources[name] = files[name]!.map(({ number }) => number)
  return sources
}

async function checked(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  held: Held,
  file: TableFile,
  signal: AbortSignal,
): Promise<readonly CheckOutcome[]> {
  if (Object.keys(asset.checks).length === 0) return []
  const io = await on.io()
  const now = new Date(job.now)
  const inputs = depsOf(asset).map(([name, dependency]) => [name, io.table(dependency, readable(held, name))])
  try {
    const subject: CheckSubject = {
      ...{ key: held.key, now, end: endOf(asset.partitions, held.partition) ?? now },
      inputs: Object.fromEntries(inputs),
      published: held.published && io.table(asset, [held.published]),
      async whole() {
        const others = (await on.store.files(asset.name)).filter(({ key }) => key !== held.key)
        return io.table(asset, [...others, file])
      },
    }
    const checks = await proveChecks(asset, io.table(asset, [file]), subject, io.prove)
    signal.throwIfAborted()
    return checks
  } catch (error) {
    await io.discard(file.path)
    throw error
  }
}

async function failAll(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  open: readonly Held[],
  signal: AbortSignal,
  error: unknown,
  settle: Settle,
  report: (report: StepReport) => void,
): Promise<void> {
  if (open.length === 0) {
    // The store itself refused: nothing is held, so nothing can be settled, and every partition still needs an end.
    for (const key of job.keys) report({ key, outcome: 'failed', error: errorText(error) })
    return
  }
  // A store that can not even take a failure down is given the lease back later; the step has ended all the same.
  const settled: Settle = (held, outcome, said) =>
    settle(held, outcome, said).catch((refusal: unknown) => {
      report({ key: held.key, outcome: 'failed', error: `${errorText(error)}; and the store: ${errorText(refusal)}` })
    })
  const wait = retryWait(error, asset.retry, job.attempt, on.random())
  const at = on.clock() + (wait ?? 0)
  for (const held of open) {
    if (signal.aborted) {
      await settled(held, { type: 'canceled' }, { key: held.key, outcome: 'canceled' })
      continue
    }
    const outcome = {
      type: 'failed',
      error: errorText(error),
      attempt: job.attempt,
      retryAt: wait === undefined ? null : at,
    } as const
    const said: StepReport =
      wait === undefined
        ? { key: held.key, outcome: 'failed', error: outcome.error }
        : { key: held.key, outcome: 'retry', at, error: outcome.error }
    await settled(held, outcome, said)
  }
}

/**
 * A signal that follows `signal` and aborts by itself when the time is over, and a race against it: work that has
 * ignored it for the grace period is left alone. One timer a step; there may be thousands a second.
 */
function stopsAt(signal: AbortSignal, limitMs: number) {
  const controller = new AbortController()
  let isLate = false
  let timer: NodeJS.Timeout | undefined
  let leaveAlone = (_reason: unknown): void => undefined
  const stop = (reason: unknown): void => {
    clearTimeout(timer)
    controller.abort(reason)
    timer = setTimeout(() => leaveAlone(reason), graceMs)
  }
  const onLate = () => {
    isLate = true
    stop(new Error(`the time limit of ${limitMs} ms is over`))
  }
  // Timers can not be set further than 2^31 ms.
  timer = setTimeout(onLate, Math.min(limitMs, 2 ** 31 - 1))
  const unfollow = followSignal(signal, () => stop(signal.reason))
  return {
    stop: controller.signal,
    isLate: () => isLate,
    unlessIgnored: (work: Promise<void>) =>
      new Promise<void>((resolve, reject) => {
        leaveAlone = reject
        work.then(resolve, reject)
      }),
    forget() {
      clearTimeout(timer)
      unfollow()
    },
  }
}
