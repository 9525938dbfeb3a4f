import { Worker } from 'node:worker_threads'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import type { PartitionKey } from '../define/partition.ts'
import { partitionOf } from '../define/partition.ts'
import type { AuthorContext } from './call-author.ts'
import { packFailure } from './carried-error.ts'
import type { ToMake } from './claim-step.ts'
import { openResources } from './open-resources.ts'
import { errorText } from './retry.ts'
import { stageMade } from './stage-made.ts'
import { logOver, mostLines } from './step-log.ts'
import type { FromStep, ToStep } from './step-messages.ts'

type ToMakeStep = Extract<ToStep, { readonly type: 'make' }>

/**
 * Makes one step for the engine that started this process (`openEngine({ isolation })`), and ends the process. Inputs
 * and resources are opened here, by the same definitions; the engine keeps the lease, checks and publishes.
 */
export async function serveStep(definitions: Definitions): Promise<never> {
  if (!process.send) throw new Error('serveStep() makes a step for the engine that starts it; give it as "isolation"')
  // It is for this process, and not for what an author starts.
  delete process.env.NODE_COMPILE_CACHE
  const resources = openResources({ ...definitions.resources, ' io': definitions.io })
  const io = () => resources.get(' io') as Promise<IoManager>
  const engine = hearEngine()
  await tell({ type: 'ready' })
  const ask = await engine.asked
  endWith(ask.parent)
  let said = 0
  const log = logOver((line) => {
    said += 1
    if (said <= mostLines) void tell({ type: 'log', line: line() })
  })
  const { retry } = definitions.assets.get(ask.job.asset) ?? { retry: { attempts: 1 } }
  const end = await makeAll({ io, resources, clock: Date.now }, definitions, ask, engine, log).then(
    () => ({ type: 'done' }) as const,
    (thrown: unknown) => ({ type: 'failed', failure: packFailure(thrown, retry) }) as const,
  )
  await tell({ ...end, omitted: Math.max(0, said - mostLines) })
  await resources.close().catch((error: unknown) => console.error(`could not be closed: ${errorText(error)}`))
  process.exit(0)
}

async function makeAll(
  on: AuthorContext,
  definitions: Definitions,
  { job, codeVersion, open }: ToMakeStep,
  engine: HeardEngine,
  log: Parameters<typeof stageMade>[5],
): Promise<void> {
  const asset = assetNamed(definitions, job.asset)
  if (asset.codeVersion !== codeVersion) {
    throw new PipelineError('isolate.differs', { asset: asset.name, expected: codeVersion, got: asset.codeVersion })
  }
  const left = new Map<PartitionKey, ToMake>()
  for (const one of open) {
    left.set(one.key, { ...one, partition: partitionOf(asset.partitions, one.key) as Record<string, unknown> })
  }
  engine.stop.throwIfAborted()
  for await (const staged of stageMade(on, asset, job, left, engine.stop, log)) {
    const taken = engine.taken()
    await tell({ type: 'staged', staged })
    await taken
    left.delete(staged.key)
  }
}

interface HeardEngine {
  readonly asked: Promise<ToMakeStep>
  readonly stop: AbortSignal
  /** Resolves when the engine has taken what is told next; rejects when it says to stop. */
  taken(): Promise<void>
}

function hearEngine(): HeardEngine {
  const asked = Promise.withResolvers<ToMakeStep>()
  const stop = new AbortController()
  let next = Promise.withResolvers<void>()
  process.on('message', (said: ToStep) => {
    switch (said.type) {
      case 'make':
        return asked.resolve(said)
      case 'next':
        return next.resolve()
      case 'stop':
        stop.abort(new Error(said.reason))
        return next.reject(stop.signal.reason)
      default:
        return said satisfies never
    }
  })
  process.once('disconnect', endAll)
  next.promise.catch(() => undefined)
  return {
    asked: asked.promise,
    stop: stop.signal,
    taken() {
      next = Promise.withResolvers()
      if (stop.signal.aborted) next.reject(stop.signal.reason)
      // Nobody may be waiting yet when it is rejected.
      next.promise.catch(() => undefined)
      return next.promise
    },
  }
}

const tell = (message: FromStep): Promise<void> =>
  new Promise((resolve) => process.send!(message, undefined, undefined, (error) => (error ? endAll() : resolve())))

/** Nothing of this process outlives the engine: also not a loop that never lets it hear that the engine is gone. */
function endWith(parent: number): void {
  const watch = `
    const { parent } = require('node:worker_threads').workerData
    setInterval(() => process.ppid === parent || process.kill(-process.pid, 'SIGKILL'), 500)`
  new Worker(watch, { eval: true, workerData: { parent }, stdin: false }).unref()
}

function endAll(): void {
  process.kill(-process.pid, 'SIGKILL')
}
