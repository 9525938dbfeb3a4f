import type { AnyAsset } from '../define/asset.ts'
import type { AnyJob, AnySchedule, AnySensor, RunOptions, RunRequest, TickAnswer } from '../define/automation.ts'
import { runOptionsOf } from '../define/automation.ts'
import type { Duration } from '../define/duration.ts'
import { durationMs } from '../define/duration.ts'
import { isPipelineError, PipelineError } from '../define/errors.ts'
import type { RunParams } from '../define/params.ts'
import { mergedParams, refuseParams } from '../define/params.ts'
import type { Dimensions } from '../define/partition.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import type { Engine, StartedRun } from '../run/engine.ts'
import { newId } from '../run/identity.ts'
import { noCounts } from '../run/run-state.ts'
import type { KeyChanges, TickRow } from '../store/port.ts'

/** What came of a tick, told by the daemon that decided it. */
export interface Tick {
  readonly definition: string
  readonly scheduledAt: number
  readonly status: TickRow['status']
  /** Those that could be planned; one that could not has failed, and its row says so. */
  readonly runs: readonly StartedRun[]
  /** The error, or why it was skipped. */
  readonly note: string | undefined
}

/** What a tick asks for, before it is written down. */
export interface Decision {
  readonly asks: readonly { readonly ask: RunAsk; readonly runKey?: string | undefined }[]
  readonly skip: string | undefined
  /** What becomes of dynamic dimensions before these are planned. */
  readonly keys?: KeyChanges
}

export type TickToSettle = Pick<TickRow, 'definition' | 'scheduledAt' | 'decidedAt'> & Partial<Omit<TickRow, 'runs'>>

/** The end of a tick whose author's function threw. */
export const failed = (tick: TickToSettle, failures: number, error: unknown): [TickToSettle, Decision] => [
  { ...tick, status: 'failed', failures, note: String(error) },
  { asks: [], skip: undefined },
]

/** The asks of a tick's answer. A key is told from those of other ticks by `keyPrefix`. */
export function decisionOf(
  owner: AnySchedule | AnySensor,
  answer: TickAnswer<any>,
  at: number,
  keyPrefix = '',
): Decision {
  const requests = answer.runs ?? []
  return {
    asks: requests.map((request) => ({
      ask: askFor(owner, request, at),
      runKey: request.runKey === undefined ? undefined : `${keyPrefix}${request.runKey}`,
    })),
    skip: requests.length > 0 ? undefined : (answer.skip ?? 'nothing was asked for'),
  }
}

/** Writes a tick down with its runs and leads them. `undefined`: another daemon decided it. */
export async function settleTick(engine: Engine, tick: TickToSettle, decision: Decision): Promise<Tick | undefined> {
  const { definition, scheduledAt, decidedAt } = tick
  const row = {
    ...{ status: decision.skip === undefined ? ('succeeded' as const) : ('skipped' as const), failures: 0 },
    ...{ note: decision.skip ?? null, cursorBefore: null, cursorAfter: null },
    ...tick,
  }
  const runs = decision.asks.map(({ ask, runKey }) => ({ id: newId(decidedAt), ask, leader: engine.worker, runKey }))
  const created = await engine.store.decideTick(row, runs, decision.keys ?? { add: {}, remove: {} })
  if (!created) return undefined
  const started: StartedRun[] = []
  for (const { id, ask } of runs) {
    const run = created.includes(id) ? await lead(engine, id, ask, decidedAt) : undefined
    if (run) started.push(run)
  }
  const isDoubled = runs.length > 0 && created.length === 0
  const note = isDoubled ? 'every run key was used before' : (row.note ?? undefined)
  return { definition, scheduledAt, status: isDoubled ? 'skipped' : row.status, runs: started, note }
}

/** Calls an author's function with a signal that ends it. Throws `tick.timeout`. */
export async function inTime<T>(
  definition: string,
  timeout: Duration | undefined,
  stop: AbortSignal,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const ms = durationMs(timeout ?? '1m')
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new PipelineError('tick.timeout', { definition, ms })), ms)
  const signal = AbortSignal.any([stop, late.signal])
  try {
    signal.throwIfAborted()
    // A function that does not heed its signal is left to itself; what it answers then is not heard.
    return await Promise.race([
      call(signal),
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

/** A run that can not be planned any more has failed: nobody else could lead it either. */
async function lead(engine: Engine, id: string, ask: RunAsk, now: number): Promise<StartedRun | undefined> {
  try {
    return await engine.lead({ id, ask, counts: noCounts })
  } catch (error) {
    // As long as the store is away nothing is known of its plan: it is taken up later.
    if (isPipelineError(error, 'store.unreachable')) throw error
    await engine.store.failRun(id, String(error), now)
    return undefined
  }
}

function askFor(owner: AnySchedule | AnySensor, request: RunRequest<Record<string, unknown>>, now: number): RunAsk {
  const assets = owner.job.assets as readonly AnyAsset[]
  refuseParams(assets, request.params)
  const spans: { start: number; end: number }[] = []
  const keys: Record<string, readonly string[]> = {}
  for (const [name, value] of Object.entries(request.partition)) {
    const isTime = assets.some(({ partitions }) => (partitions as Dimensions)[name]?.kind === 'time')
    if (isTime && typeof value === 'string') {
      throw new PipelineError('partition.malformed', {
        key: `${name}=${value}`,
        expected: `a window, such as ${name}.at(0)`,
      })
    }
    if (typeof value === 'string') keys[name] = [value]
    else spans.push({ start: (value as { start: Date }).start.getTime(), end: (value as { end: Date }).end.getTime() })
  }
  return {
    assets: assets.map(({ name }) => name),
    filter: spans.length > 0 ? { keys, spans } : { keys },
    mode: 'sources',
    now,
    reason: request.reason ?? `${owner.kind} ${owner.name}`,
    ...runOptionsFor(owner, request),
  }
}

/** What is said of a run by its job, by the schedule or sensor, and by the request; the last word counts. */
export function runOptionsFor(owner: AnySchedule | AnySensor, request: RunOptions = {}): RunOptions {
  const said = [owner.job as AnyJob, owner, request] as const
  const tags = Object.assign({}, ...said.map((one) => one.tags)) as Readonly<Record<string, string>>
  const params = mergedParams(said.map((one) => one.params as RunParams | undefined))
  const priority = said.findLast((one) => one.priority !== undefined)?.priority
  return {
    ...runOptionsOf(owner.job),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(priority !== undefined && { priority }),
    ...(params && { params }),
  }
}
