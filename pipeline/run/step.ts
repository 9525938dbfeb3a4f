import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { CheckSubject } from '../define/check.ts'
import { assetNamed } from '../define/definitions.ts'
import { durationMs } from '../define/duration.ts'
import { PipelineError } from '../define/errors.ts'
import type { PartitionKey } from '../define/partition.ts'
import { endOf } from '../define/partition.ts'
import type { TableFile } from '../define/table.ts'
import type { StepHandler, StepJob, StepReport } from '../queue/port.ts'
import type { CheckOutcome, Materialization, Sources, Unpublished } from '../store/port.ts'
import { readable } from './call-author.ts'
import type { Held, Settle, StepContext } from './claim-step.ts'
import { claim } from './claim-step.ts'
import { makerOf } from './isolate-step.ts'
import { discardLeftovers } from './leftovers.ts'
import { proveChecks } from './prove-checks.ts'
import { errorText, retryWait } from './retry.ts'
import type { StagedPartition } from './stage-made.ts'
import { openStepLog } from './step-log.ts'
import { stopsAt } from './time-limit.ts'

/**
 * A step from read to publish: claim, leave out what is fresh, open inputs and resources, run, stage, check, publish.
 * Each partition ends in one report, whatever happens.
 */
export function stepHandler(on: StepContext): StepHandler {
  return async (job, signal, tell) => {
    const asset = assetNamed(on.definitions, job.asset)
    const open = new Map<PartitionKey, Held>()
    const ended = new Set<PartitionKey>()
    // What an author's function still does after its last partition, or after it was left alone, changes no end.
    const report = (said: StepReport): void => {
      if (said.outcome !== 'started') {
        if (ended.has(said.key)) return
        ended.add(said.key)
      }
      tell(said)
    }
    const watch = stopwatch()
    // Who reads along hears what was said before what came of it. A step of many partitions says it when it is over.
    const flushLog = () => {
      if (job.keys.length === 1) log.flush()
    }
    const move: Move = (held, made) => {
      flushLog()
      return watch.pausedFor(on.store.publish(held.lease, made))
    }
    const settle = async (held: Held, outcome: Unpublished, said: StepReport): Promise<boolean> => {
      flushLog()
      const settled = on.store.settle(held.lease, job.run, outcome, on.clock())
      const isOurs = await watch.pausedFor(settled).catch((error: unknown) => {
        on.giveUp({ asset: job.asset, key: held.key, staged: held.staged })
        throw error
      })
      open.delete(held.key)
      report(isOurs ? said : { key: held.key, outcome: 'lost' })
      return isOurs
    }
    const log = openStepLog({
      clock: on.clock,
      flushMs: 1_000,
      send: (lines) => on.store.log(job.run, job.asset, job.keys[0]!, lines, on.clock()),
    })
    try {
      await watch.pausedFor(claim(on, asset, job, open, report, settle))
      if (open.size === 0) return 0
      report({ key: job.keys[0]!, outcome: 'started' })
      const limitMs = durationMs(asset.timeout)
      const { stop, isLate, unlessIgnored, forget } = stopsAt(signal, limitMs)
      const claimed = new Map(open)
      const makeAll = async () => {
        const isSuspect = [...open.values()].some(({ deaths }) => deaths > 0)
        const make = await makerOf(on, asset, isSuspect)
        for await (const staged of make(on, asset, job, open, stop, log)) {
          await publish(on, asset, job, claimed.get(staged.key)!, staged, stop, move, settle, report)
          open.delete(staged.key)
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
      await watch.pausedFor(log.close())
    }
    return watch.ms()
  }
}

/** Moves the catalogue's pointer, if the lease is still held. */
type Move = (held: Held, made: Materialization) => Promise<boolean>

/** Time that passes, but for what is waited for meanwhile. */
function stopwatch() {
  const begunAt = performance.now()
  let pausedMs = 0
  return {
    ms: () => performance.now() - begunAt - pausedMs,
    async pausedFor<T>(answer: Promise<T>): Promise<T> {
      const askedAt = performance.now()
      try {
        return await answer
      } finally {
        pausedMs += performance.now() - askedAt
      }
    },
  }
}

async function publish(
  on: StepContext,
  asset: AnyAsset,
  job: StepJob,
  held: Held,
  staged: StagedPartition,
  signal: AbortSignal,
  move: Move,
  settle: Settle,
  report: (report: StepReport) => void,
): Promise<void> {
  const { id, file } = staged
  const io = await on.io()
  held.staged.add(file.path)
  const checks = await checked(on, asset, job, held, file, signal)
  const { codeVersion } = asset
  const { versions: inputs } = held
  const { metadata } = staged
  const sources = sourcesOf(held)

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
    const kept = { ...materialization, path: await io.reject(file.path) }
    held.staged.add(kept.path)
    const isOurs = await settle(
      held,
      { type: 'rejected', materialization: kept },
      { key: held.key, outcome: 'rejected', why },
    )
    if (!isOurs) await io.discard(kept.path)
    return
  }
  // The same rows under the same version change nothing, unless the file that holds them was damaged: then this one takes
  // its place.
  const before = held.published
  const isSame = before?.version === file.version && before.content === file.content
  if (isSame && (await io.damage(asset, before)) === undefined) {
    await io.discard(file.path)
    const outcome = { type: 'unchanged', codeVersion, inputs, sources, checks, metadata } as const
    await settle(held, outcome, { key: held.key, outcome: 'unchanged' })
    return
  }
  const isOurs = await move(held, materialization)
  if (!isOurs) await io.discard(file.path)
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
    // Nothing is held, so nothing can be settled, and every partition that has no end still needs one.
    for (const key of job.keys) report({ key, outcome: 'failed', error: errorText(error) })
    return
  }
  // A store that can not even take a failure down is given the lease back later; the step has ended all the same.
  const settled: Settle = async (held, outcome, said) => {
    try {
      const isOurs = await settle(held, outcome, said)
      await discardLeftovers(on, { asset: asset.name, key: held.key, staged: held.staged })
      return isOurs
    } catch (refusal) {
      report({ key: held.key, outcome: 'failed', error: `${errorText(error)}; and the store: ${errorText(refusal)}` })
      return false
    }
  }
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
