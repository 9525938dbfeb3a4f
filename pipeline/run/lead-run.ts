import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { Dimension, PartitionKey } from '../define/partition.ts'
import { partitionOf } from '../define/partition.ts'
import type { Plan, RunAsk } from '../plan/plan-run.ts'
import type { Queue, StepJob, StepReport } from '../queue/port.ts'
import type { RunStore } from '../store/port.ts'
import { newId } from './identity.ts'
import type { RunCounts, RunEvent, RunState, StepEnd } from './run-state.ts'
import { nextRunState } from './run-state.ts'

/** Jobs that a run has handed to the queue at once. */
const window = 512
/** How often the store hears how a run is getting on. */
const reportMs = 500

export interface StepFailure {
  readonly asset: string
  readonly key: PartitionKey
  readonly error: string
}

export interface RunResult {
  readonly id: string
  readonly state: RunState
  readonly failures: readonly StepFailure[]
}

export interface RunListener {
  /** After every change; `running` counts the calls of authors' functions under way, by asset. */
  readonly onProgress?: (state: RunState, running: Readonly<Record<string, number>>) => void
  readonly onFailure?: (failure: StepFailure) => void
}

/**
 * Takes a plan to its end: a step starts as soon as everything it reads is done, a failure stops only what depends on
 * it. Resolves when every step has ended, whatever the end; nothing of the plan is written down but its ends.
 */
export async function leadRun(
  run: { readonly id: string; readonly ask: RunAsk; readonly plan: Plan; readonly before: RunCounts },
  on: {
    readonly definitions: Definitions
    readonly store: RunStore
    /** This process, as the leader of the run. */
    readonly worker: string
    readonly queue: Queue
    readonly clock: () => number
    /** Aborted: what waits is dropped, what runs is told to stop. */
    readonly cancel: AbortSignal
    /** Aborted: the process is going; the run stays under way for another to take up. */
    readonly stop: AbortSignal
  } & RunListener,
): Promise<RunResult> {
  const { plan } = run
  const stepAt = numberSteps(plan)
  const pending = plan.pending.slice()
  const ended = new Uint8Array(plan.steps.length)
  const failures: StepFailure[] = []
  const retries = new Map<StepJob, StepReport[]>()
  const started = new Set<StepJob>()
  const running: Record<string, number> = {}
  let ready: number[] = []
  let backlog: StepJob[] = []
  let outstanding = 0
  let left = plan.steps.length
  let isChanged = true
  let state = begin(run)
  let drained = (): void => undefined
  const done = new Promise<void>((resolve) => {
    drained = resolve
  })

  const change = (event: RunEvent): void => {
    state = nextRunState(state, event)!
    isChanged = true
    on.onProgress?.(state, running)
  }

  const end = (step: number, how: StepEnd, error?: string): void => {
    if (ended[step]) return
    ended[step] = 1
    left -= 1
    const { asset, key } = plan.steps[step]!
    if (error !== undefined) {
      failures.push({ asset, key, error })
      on.onFailure?.({ asset, key, error })
    }
    change({ type: 'step-ended', asset, end: how })
    const isMade = how === 'published' || how === 'unchanged' || how === 'skipped'
    for (const reader of plan.readers[step]!) {
      if (isMade || toleratesAbsence(on.definitions, plan.steps[reader]!.asset, asset)) {
        pending[reader]! -= 1
        if (pending[reader] === 0 && !ended[reader]) ready.push(reader)
      } else {
        end(reader, how === 'canceled' ? 'canceled' : 'blocked')
      }
    }
  }

  const hear = (job: StepJob, said: StepReport | undefined): void => {
    if (said) {
      const step = stepAt(job.asset, said.key)
      if (said.outcome === 'started') {
        started.add(job)
        running[job.asset] = (running[job.asset] ?? 0) + 1
      } else if (said.outcome === 'retry') retries.set(job, [...(retries.get(job) ?? []), said])
      else if (said.outcome === 'lost') end(step, 'failed', 'its lease was lost to another worker')
      else if (said.outcome === 'failed') end(step, 'failed', said.error)
      else if (said.outcome === 'rejected') end(step, 'rejected', said.why)
      else end(step, said.outcome)
    } else {
      outstanding -= 1
      if (started.delete(job)) running[job.asset]! -= 1
      backlog.push(...again(job, retries.get(job) ?? []))
      retries.delete(job)
    }
    // Partitions that became ready within one turn may be neighbours: hand them over together.
    schedulePump()
  }

  let isPumping = false
  const schedulePump = (): void => {
    if (isPumping) return
    isPumping = true
    setImmediate(() => {
      isPumping = false
      pump()
    })
  }

  const pump = (): void => {
    if (on.cancel.aborted) dropAll()
    if (ready.length > 0) {
      backlog.push(...jobsOf(run, plan, ready, on.definitions))
      ready = []
    }
    const jobs = backlog.splice(0, Math.max(0, window - outstanding))
    outstanding += jobs.length
    if (jobs.length > 0) void on.queue.add(jobs)
    if (left === 0 && outstanding === 0) drained()
  }

  const dropAll = (): void => {
    for (const job of backlog) for (const key of job.keys) end(stepAt(job.asset, key), 'canceled')
    for (const step of ready) end(step, 'canceled')
    backlog = []
    ready = []
  }

  const cancel = async (): Promise<void> => {
    change({ type: 'cancel-requested' })
    for (const job of await on.queue.cancel(run.id)) {
      outstanding -= 1
      for (const key of job.keys) end(stepAt(job.asset, key), 'canceled')
    }
    // What waits for a running step ends when that step does.
    schedulePump()
  }

  const unfollow = on.queue.follow(run.id, hear)
  const onCancel = () => void cancel()
  on.cancel.addEventListener('abort', onCancel, { once: true })
  on.stop.addEventListener('abort', drained, { once: true })
  const reporting = setInterval(() => {
    if (!isChanged) return
    isChanged = false
    // A report that is not taken is made again with the next one.
    on.store.progress(run.id, on.worker, state.status, state.counts, on.clock()).catch(() => {
      isChanged = true
    })
  }, reportMs)

  try {
    change({ type: 'started' })
    for (const [step, { blocked }] of plan.steps.entries()) {
      if (blocked !== undefined) end(step, 'failed', blocked)
      else if (pending[step] === 0 && !ended[step]) ready.push(step)
    }
    if (on.cancel.aborted) await cancel()
    pump()
    await done
    if (!on.stop.aborted) change({ type: 'drained' })
  } finally {
    clearInterval(reporting)
    unfollow()
    on.cancel.removeEventListener('abort', onCancel)
    on.stop.removeEventListener('abort', drained)
  }
  await on.store.progress(run.id, on.worker, state.status, state.counts, on.clock())
  return { id: run.id, state, failures }
}

/** A run that was taken up again counts what it did before. */
function begin({ plan, before }: { plan: Plan; before: RunCounts }): RunState {
  const planned: Record<string, number> = {}
  for (const { asset } of plan.steps) planned[asset] = (planned[asset] ?? 0) + 1
  for (const made of [before.published, before.unchanged, before.skipped]) {
    for (const [asset, count] of Object.entries(made)) planned[asset] = (planned[asset] ?? 0) + count
  }
  const { published, unchanged, skipped } = before
  const state = nextRunState(undefined, { type: 'queued', planned })!
  return { ...state, counts: { ...state.counts, published, unchanged, skipped } }
}

function numberSteps(plan: Plan): (asset: string, key: PartitionKey) => number {
  const numbers = new Map<string, Map<PartitionKey, number>>()
  for (const [step, { asset, key }] of plan.steps.entries()) {
    const own = numbers.get(asset) ?? new Map<PartitionKey, number>()
    numbers.set(asset, own.set(key, step))
  }
  return (asset, key) => numbers.get(asset)!.get(key)!
}

function toleratesAbsence(all: Definitions, reader: string, upstream: string): boolean {
  return depsOf(assetNamed(all, reader)).every(([, dependency]) => dependency.name !== upstream || dependency.optional)
}

/** The jobs of steps that are ready: one a step, or one a stretch of neighbours where the asset takes ranges. */
function jobsOf(
  run: { readonly id: string; readonly ask: RunAsk },
  plan: Plan,
  ready: readonly number[],
  all: Definitions,
): readonly StepJob[] {
  const byAsset = Map.groupBy(ready, (step) => plan.steps[step]!.asset)
  return [...byAsset].flatMap(([name, steps]) => {
    const asset = assetNamed(all, name)
    const keys = steps.map((step) => plan.steps[step]!.key)
    const stretches = asset.range ? neighbours(asset, keys) : keys.map((key) => [key])
    return stretches.map((stretch) => ({
      // A partition is first tried once a run, so its key tells the job from all others.
      id: `${run.id} ${name} ${stretch[0]}`,
      run: run.id,
      asset: name,
      keys: stretch,
      attempt: 1,
      mode: run.ask.mode,
      now: run.ask.now,
      pool: asset.pool,
      priority: asset.priority,
      notBefore: 0,
    }))
  })
}

/** Keys cut into stretches that follow one another along the range dimension and agree on all others. */
function neighbours(asset: AnyAsset, keys: readonly PartitionKey[]): readonly (readonly PartitionKey[])[] {
  const { over, most } = asset.range!
  const axis = asset.partitions[over] as Dimension<unknown>
  const lanes = new Map<string, { key: PartitionKey; index: number }[]>()
  for (const key of keys) {
    const partition = partitionOf(asset.partitions, key) as Record<string, unknown>
    const lane = key.replace(`${over}=${axis.encode(partition[over])}`, '')
    const members = lanes.get(lane) ?? []
    lanes.set(lane, members)
    members.push({ key, index: axis.indexOf(partition[over]) })
  }
  return [...lanes.values()].flatMap((lane) => {
    const stretches: PartitionKey[][] = []
    let last = Number.NaN
    for (const { key, index } of lane.sort((a, b) => a.index - b.index)) {
      const current = stretches.at(-1)
      if (current && index === last + 1 && current.length < most) current.push(key)
      else stretches.push([key])
      last = index
    }
    return stretches
  })
}

/** The jobs that try again what a job could not make: those that failed count an attempt, those that were held do not. */
function again(job: StepJob, retries: readonly StepReport[]): readonly StepJob[] {
  const asked = retries.filter((report) => report.outcome === 'retry')
  const byTime = Map.groupBy(asked, (report) => `${report.at} ${report.error === undefined}`)
  return [...byTime.values()].map((group) => ({
    ...job,
    id: newId(job.now),
    keys: group.map((report) => report.key),
    attempt: job.attempt + (group[0]!.error === undefined ? 0 : 1),
    notBefore: group[0]!.at,
  }))
}
