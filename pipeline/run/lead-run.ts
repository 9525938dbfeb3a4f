import type { AnyAsset } from '../define/asset.ts'
import type { PartitionKey } from '../define/partition.ts'
import { isEmpty, ordinals, size } from '../plan/partition-set.ts'
import type { Plan, RunAsk } from '../plan/plan-run.ts'
import type { Space } from '../plan/space.ts'
import { indexOn, keyAt } from '../plan/space.ts'
import type { Queue, StepJob, StepReport } from '../queue/port.ts'
import type { RunStore } from '../store/port.ts'
import type { Frontier, StepAt } from './frontier.ts'
import { openFrontier } from './frontier.ts'
import { newId } from './identity.ts'
import type { RunCounts, RunEvent, RunState, StepEnd } from './run-state.ts'
import { nextRunState } from './run-state.ts'

/** How soon a partition whose lease went to another, or that another did not make, is looked at again. */
const lostMs = 500
/** Failures that a result tells one by one; the others are counted, and are in the store. */
const mostFailures = 10_000
/** How often the store hears how a run is getting on. */
const reportMs = 500

interface Retry {
  readonly key: PartitionKey
  readonly at: number
  /** Absent where nothing failed. */
  readonly error?: string | undefined
}

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
  const { window } = on.queue
  const frontier = openFrontier(plan)
  /** Steps that were handed to the queue and have not ended. */
  const taken = new Map<string, StepAt>()
  const failures: StepFailure[] = []
  const retries = new Map<StepJob, Retry[]>()
  const started = new Set<StepJob>()
  const running: Record<string, number> = {}
  let backlog: StepJob[] = []
  let outstanding = 0
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

  const end = (step: StepAt, how: StepEnd, error?: string): void => {
    const isMade = how === 'published' || how === 'unchanged' || how === 'skipped'
    const [own, ...others] = frontier.end(step, isMade) ?? []
    if (!own) return
    const { asset, space } = plan.assets[step.place]!
    if (error !== undefined) {
      const failure = { asset: asset.name, key: keyAt(space, step.ordinal), error }
      if (failures.length < mostFailures) failures.push(failure)
      on.onFailure?.(failure)
    }
    change({ type: 'step-ended', asset: asset.name, end: how })
    for (const { place } of others) {
      change({
        type: 'step-ended',
        asset: plan.assets[place]!.asset.name,
        end: how === 'canceled' ? 'canceled' : 'blocked',
      })
    }
  }

  const endTaken = (job: StepJob, key: PartitionKey, how: StepEnd, error?: string): void => {
    const name = `${job.asset} ${key}`
    const step = taken.get(name)
    taken.delete(name)
    if (step) end(step, how, error)
  }

  const tryAgain = (job: StepJob, retry: Retry): void => {
    retries.set(job, [...(retries.get(job) ?? []), retry])
  }

  /** It was canceled by one that heard of the wish first, or that does not know this run: only its leader knows better. */
  const isUnasked = ({ outcome }: StepReport) => outcome === 'canceled' && !on.cancel.aborted && !on.stop.aborted

  const hear = (job: StepJob, said: StepReport | undefined): void => {
    if (said) {
      if (said.outcome === 'started') {
        started.add(job)
        running[job.asset] = (running[job.asset] ?? 0) + 1
      } else if (said.outcome === 'retry') tryAgain(job, said)
      // Whoever has the lease now makes it, or leaves it free: look again soon.
      else if (said.outcome === 'lost' || isUnasked(said)) tryAgain(job, { key: said.key, at: on.clock() + lostMs })
      else if (said.outcome === 'failed') endTaken(job, said.key, 'failed', said.error)
      else if (said.outcome === 'rejected') endTaken(job, said.key, 'rejected', said.why)
      else endTaken(job, said.key, said.outcome)
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
    const jobs = backlog.splice(0, Math.max(0, window - outstanding))
    while (jobs.length + outstanding < window) {
      const job = nextJob(run, plan, frontier, taken)
      if (!job) break
      jobs.push(job)
    }
    outstanding += jobs.length
    if (jobs.length > 0) void on.queue.add(jobs)
    if (frontier.left === 0 && outstanding === 0) drained()
  }

  const dropAll = (): void => {
    for (const job of backlog) for (const key of job.keys) endTaken(job, key, 'canceled')
    backlog = []
    for (const [place, count] of frontier.dropRest().entries()) {
      if (count > 0) change({ type: 'step-ended', asset: plan.assets[place]!.asset.name, end: 'canceled', count })
    }
  }

  const cancel = async (): Promise<void> => {
    change({ type: 'cancel-requested', reason: typeof on.cancel.reason === 'string' ? on.cancel.reason : undefined })
    for (const job of await on.queue.cancel(run.id)) {
      outstanding -= 1
      for (const key of job.keys) endTaken(job, key, 'canceled')
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
    // Before any step: a step that ends its process at once must not look as if the run had never begun.
    await on.store.progress(run.id, on.worker, state.status, state.counts, on.clock())
    for (const [place, { blocked, blockedBy }] of plan.assets.entries()) {
      for (const ordinal of ordinals(blocked)) end({ place, ordinal }, 'failed', blockedBy(ordinal))
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
  for (const { asset, todo } of plan.assets) if (!isEmpty(todo)) planned[asset.name] = size(todo)
  for (const made of [before.published, before.unchanged, before.skipped]) {
    for (const [asset, count] of Object.entries(made)) planned[asset] = (planned[asset] ?? 0) + count
  }
  const { published, unchanged, skipped } = before
  const state = nextRunState(undefined, { type: 'queued', planned })!
  return { ...state, counts: { ...state.counts, published, unchanged, skipped } }
}

/** The next job that can run: one step, or a stretch of neighbours where the asset takes ranges. */
function nextJob(
  run: { readonly id: string; readonly ask: RunAsk },
  plan: Plan,
  frontier: Frontier,
  taken: Map<string, StepAt>,
): StepJob | undefined {
  const [first] = frontier.take(1)
  if (!first) return undefined
  const { asset, space } = plan.assets[first.place]!
  const keys: PartitionKey[] = []
  for (const step of [first, ...neighbours(asset, space, frontier, first)]) {
    const key = keyAt(space, step.ordinal)
    taken.set(`${asset.name} ${key}`, step)
    keys.push(key)
  }
  return {
    // A partition is first tried once a run, so its key tells the job from all others.
    id: `${run.id} ${asset.name} ${keys[0]}`,
    run: run.id,
    asset: asset.name,
    keys,
    attempt: 1,
    mode: run.ask.mode,
    params: run.ask.params,
    now: run.ask.now,
    pool: asset.pool,
    priority: asset.priority,
    notBefore: 0,
  }
}

/** Takes the steps that follow `first` along the range dimension, as many as one call makes. */
function neighbours(asset: AnyAsset, space: Space, frontier: Frontier, first: StepAt): readonly StepAt[] {
  if (!asset.range) return []
  const axis = space.axes.find(({ name }) => name === asset.range!.over)!
  const most = Math.min(asset.range.most, axis.count - indexOn(axis, first.ordinal))
  const found: StepAt[] = []
  for (let at = 1; at < most; at++) {
    const step = { place: first.place, ordinal: first.ordinal + at * axis.stride }
    if (!frontier.isReady(step)) break
    frontier.claim(step)
    found.push(step)
  }
  return found
}

/** The jobs that try again what a job could not make: those that failed count an attempt, those that were held do not. */
function again(job: StepJob, retries: readonly Retry[]): readonly StepJob[] {
  const byTime = Map.groupBy(retries, ({ at, error }) => `${at} ${error === undefined}`)
  return [...byTime.values()].map((group) => ({
    ...job,
    id: newId(job.now),
    keys: group.map(({ key }) => key),
    attempt: job.attempt + (group[0]!.error === undefined ? 0 : 1),
    notBefore: group[0]!.at,
  }))
}
