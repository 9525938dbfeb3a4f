import type { Definitions } from '../define/definitions.ts'
import { durationMs } from '../define/duration.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { isPipelineError, PipelineError } from '../define/errors.ts'
import type { IoManager } from '../define/io.ts'
import type { SeenAsset } from '../define/observing.ts'
import type { Plan, RunAsk } from '../plan/plan-run.ts'
import { planRun } from '../plan/plan-run.ts'
import type { AssetRelations } from '../plan/relation.ts'
import { relationsOf } from '../plan/relation.ts'
import { askAgain, retryOf } from '../plan/rerun.ts'
import { localQueue } from '../queue/local.ts'
import type { Queue } from '../queue/port.ts'
import type { HeldPartition, RunRow, RunStore, WorkerAbout } from '../store/port.ts'
import type { StepContext } from './claim-step.ts'
import { keysAt, refuseKeys } from './dynamic-keys.ts'
import { followSignal } from './follow-signal.ts'
import { isDead, newId, thisWorker, workerName } from './identity.ts'
import type { RunListener, RunResult } from './lead-run.ts'
import { leadRun } from './lead-run.ts'
import type { Leftovers } from './leftovers.ts'
import { discardLeftovers } from './leftovers.ts'
import type { WatchedRun } from './monitor-runs.ts'
import { nextOfRun } from './monitor-runs.ts'
import { observationOf } from './observe.ts'
import { openResources } from './open-resources.ts'
import type { RetainAsk, Retained } from './retain.ts'
import { retain } from './retain.ts'
import { errorText } from './retry.ts'
import type { RollbackAsk, RolledBack } from './rollback.ts'
import { rollback } from './rollback.ts'
import type { RunCounts } from './run-state.ts'
import { isFinal, noCounts } from './run-state.ts'
import { statesForPlan } from './states-for-plan.ts'
import { stepHandler } from './step.ts'
import type { StepProgram } from './step-program.ts'
import { storeClock } from './store-clock.ts'
import type { WipeAsk, Wiped } from './wipe.ts'
import { wipe } from './wipe.ts'

export interface StartedRun {
  readonly id: string
  readonly ask: RunAsk
  /** As of when it was asked for; a run that has to wait is planned anew when it starts. */
  readonly plan: Plan
  /** How it ended; where it was run again by itself, how the last of these runs did. */
  readonly result: Promise<RunResult>
}

/** One process that makes assets: it plans runs, leads them, and works on their steps. */
export interface Engine {
  readonly definitions: Definitions
  readonly store: RunStore
  readonly worker: string
  /** The clock of the store, in ms. */
  readonly clock: () => number
  io(): Promise<IoManager>
  resource(name: string): Promise<unknown>
  /** What would be made, and why; changes nothing. */
  plan(ask: RunAsk): Promise<Plan>
  /** Creates a run, which starts as soon as the limits on runs admit it. */
  start(ask: RunAsk, listener?: RunListener): Promise<StartedRun>
  /** The same by a plan that was just made of that ask, so that it is not made twice. */
  startPlanned(ask: RunAsk, plan: Plan): Promise<StartedRun>
  /**
   * Runs a finished run again: from where it failed, repeating nothing that it or those it ran again made, or all that
   * it selected. Throws `run.unknown` and `run.unfinished`.
   */
  rerun(run: string, what: 'failed' | 'all', listener?: RunListener): Promise<StartedRun>
  /** Leads a run that the store already holds for this worker. */
  lead(run: Pick<RunRow, 'id' | 'ask' | 'counts'>, listener?: RunListener): Promise<StartedRun>
  /** Frees what dead processes of this machine held, and removes what they left unpublished. */
  freeDead(): Promise<void>
  /**
   * Looks after the runs under way: takes up those that nobody leads any more, stops those over their time, and ends
   * those that can not be helped, or planned any more.
   */
  resume(listener?: RunListener): Promise<readonly StartedRun[]>
  /** The keys that the dynamic dimensions have at an instant (ms), by the name of the dimension. */
  keys(at: number): Promise<DynamicKeys>
  /** The keys that one dynamic dimension has now. Throws `definition.unknown`. */
  keysOf(dimension: string): Promise<readonly string[]>
  /**
   * Adds keys to a dynamic dimension, or removes them; what was made of a removed key stays. Return those that were not
   * there, or were. Throw `definition.unknown` and `partition.key-invalid`.
   */
  addKeys(dimension: string, keys: readonly string[]): Promise<readonly string[]>
  removeKeys(dimension: string, keys: readonly string[]): Promise<readonly string[]>
  /**
   * Takes down what was seen of an external asset; what reads it is stale if its version is another than before, which
   * is returned. Throws `asset.unknown`, `asset.not-external`, `version.malformed`, `partition.malformed` and
   * `metadata.malformed`.
   */
  observe(asset: string, seen: SeenAsset): Promise<boolean>
  /** Stops a run led here at once; one led elsewhere at that process's next heartbeat. `false`: it is not under way. */
  cancel(run: string): Promise<boolean>
  /** Publishes again what was published before. Throws `asset.unknown`, `run.unknown`, `rollback.nothing`. */
  rollback(ask: RollbackAsk): Promise<readonly RolledBack[]>
  /** Forgets what is published of some partitions, so that they are missing; their history stays. Throws `asset.unknown`. */
  wipe(ask: WipeAsk): Promise<Wiped>
  /** Gives up the versions, files, events and ticks that are beyond the rules of retention. */
  retain(ask?: RetainAsk): Promise<Retained>
  /** Throws if the store or the queue is out of reach. */
  check(): Promise<void>
  /** Stops working and closes all that was opened; runs under way stay so, for the next process to take up. */
  close(): Promise<void>
}

export interface EngineOptions {
  readonly definitions: Definitions
  readonly store: RunStore
  /** Steps at once; twice the cores serve a mix of waiting and working. */
  readonly concurrency: number
  /** Opens the queue of steps, given the clock of the store; without it they are made in this process. */
  readonly queue?: (clock: () => number) => Promise<Queue>
  /** What this process says of itself; a `worker` only makes steps, a `daemon` only leads runs, a `command` does both. */
  readonly about?: WorkerAbout
  /** Whether it makes steps itself. */
  readonly works?: boolean
  readonly clock?: () => number
  readonly random?: () => number
  /** How long a silent worker keeps what it holds. */
  readonly leaseMs?: number
  /** How to start a process for a step that is to be isolated. */
  readonly isolation?: StepProgram | undefined
  /** Hears of what people should know and what stops nothing; a warning of the process if absent. */
  readonly onTrouble?: (trouble: Error) => void
}

/** Beats in time, half a second apart at most, after which others have had theirs too: it takes them seconds to find a store again. */
const steadyBeats = 6

/** Joins the store as a worker and waits for work. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { definitions, store } = options
  const steady = storeClock(store)
  if (!options.clock) await steady.sync()
  const clock = options.clock ?? steady.now
  const leaseMs = options.leaseMs ?? 30_000
  const worker = thisWorker(clock(), options.about)
  const resources = openResources({ ...definitions.resources, ' io': definitions.io })
  const io = () => resources.get(' io') as Promise<IoManager>
  const queue =
    (await options.queue?.(clock)) ?? localQueue({ concurrency: options.concurrency, pools: definitions.pools, clock })
  const stop = new AbortController()
  let closing: Promise<void> | undefined
  const leading = new Map<string, LedRun>()
  /** Runs of this worker that it did not lead when they were last looked at. */
  let unled: ReadonlySet<string> = new Set()
  /** Runs led here that are in the queue, with what lets them go. */
  const waiting = new Map<string, () => void>()

  let beats = { last: clock(), inTime: steadyBeats, all: 0 }

  try {
    await store.join(worker, beats.last)
  } catch (error) {
    // Its connections would keep this process up, half alive.
    await queue.close()
    throw error
  }
  const random = options.random ?? Math.random
  const onTrouble = options.onTrouble ?? ((trouble) => process.emitWarning(trouble))
  const relations = relationsOfRuns(definitions, store)
  /** What steps could not give back; as long as this process lives, its leases would be renewed with all others. */
  const stuck: Leftovers[] = []
  const giveUp = (held: Leftovers) => void stuck.push(held)
  const { isolation } = options
  if (options.works !== false) {
    queue.work(
      stepHandler({
        ...{
          definitions,
          store,
          io,
          resources,
          worker: worker.id,
          workerName: workerName(worker),
          leaseMs,
          clock,
          random,
          relations,
          giveUp,
          onTrouble,
          isolation,
        },
      }),
    )
  }
  let beatMs = Math.min(500, leaseMs / 3)
  let beating: NodeJS.Timeout | undefined
  let isOver = false
  const beatOn = (): void => {
    if (isOver) return
    // The store is unreachable for now: leases run out if it stays so, and the next beat tries again.
    const next = () =>
      void beat()
        .catch(() => undefined)
        .finally(beatOn)
    beating = setTimeout(next, beatMs).unref()
  }
  beatOn()

  const corrections = { definitions, store, io, clock }
  const engine: Engine = {
    definitions,
    store,
    worker: worker.id,
    clock,
    io,
    resource: (name) => resources.get(name),
    async plan(ask) {
      const keys = await keysAt(options, ask.now)
      return planRun(ask, definitions, await statesForPlan(options, ask, keys, { isResumed: false }), { keys })
    },
    async start(ask, listener) {
      return begin(ask, await engine.plan(ask), listener)
    },
    startPlanned: (ask, plan) => begin(ask, plan),
    async rerun(run, what, listener) {
      const row = await store.run(run)
      if (!row) throw new PipelineError('run.unknown', { run })
      if (!isFinal[row.status]) throw new PipelineError('run.unfinished', { run, status: row.status })
      return engine.start(askAgain(row, what), listener)
    },
    async lead(run, listener) {
      return follow(run, await replanned(run), listener)
    },
    async freeDead() {
      for (const other of await store.workers()) {
        const isSilent = hasWaited() && clock() - other.heartbeatAt > 2 * leaseMs
        if (other.id === worker.id || !(isSilent || isDead(other))) continue
        const until = performance.now() + leaseMs / 2
        const held = await store.inherit(other.id, worker.id, clock(), leaseMs)
        await sweepAll(held, until)
        await store.free(worker.id, held).catch((error: unknown) => {
          stuck.push(...held.map((one) => ({ ...one, staged: [] })))
          throw error
        })
      }
    },
    async resume(listener) {
      const unfinished = await store.unfinishedRuns()
      await watchRuns(unfinished)
      const runs = [...(await store.adoptRuns(worker.id)), ...dropped(unfinished)]
      const led = await Promise.all(runs.map((run) => leadOrFail(run, listener)))
      return led.filter((run) => run !== undefined)
    },
    keys: async (at) => keysAt(options, at),
    async keysOf(dimension) {
      refuseKeys(definitions, dimension, [])
      return (await engine.keys(clock()))[dimension]!
    },
    async addKeys(dimension, keys) {
      refuseKeys(definitions, dimension, keys)
      return store.addKeys(dimension, keys, clock())
    },
    async removeKeys(dimension, keys) {
      refuseKeys(definitions, dimension, keys)
      return store.removeKeys(dimension, keys, clock())
    },
    async observe(asset, seen) {
      const at = clock()
      const asOf = { now: new Date(at), keys: await engine.keys(at) }
      return store.observe(observationOf(definitions, asset, seen, asOf))
    },
    async cancel(run) {
      const isUnderWay = await store.requestCancel(run)
      leading.get(run)?.cancel.abort()
      return isUnderWay
    },
    rollback: (ask) => rollback(corrections, ask),
    wipe: (ask) => wipe(corrections, ask),
    retain: (ask) => retain(corrections, ask),
    async check() {
      await Promise.all([store.now(), queue.check()])
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
  return engine

  async function begin(ask: RunAsk, plan: Plan, listener?: RunListener): Promise<StartedRun> {
    const id = newId(clock())
    await store.createRun({ id, ask, leader: worker.id, now: clock() })
    return follow({ id, ask, counts: noCounts }, plan, listener)
  }

  /** Removes what the dead left. What can not be removed now is left to retention: the partitions do not wait for it. */
  async function sweepAll(held: readonly HeldPartition[], until: number): Promise<void> {
    try {
      for (const { asset, key } of held) {
        // Who stood still may not be the heir any more, and what is there now be somebody's work.
        if (performance.now() > until) return
        if (definitions.assets.has(asset)) await (await io()).sweep(asset, key, await store.knownPaths(asset, key))
      }
    } catch (cause) {
      const what = 'what a dead worker left can not be removed now; retention removes it'
      onTrouble(new Error(`${what}: ${errorText(cause)}`, { cause }))
    }
  }

  /**
   * Runs that are this worker's and that it does not lead, as when the store was away for too long while it did. Seen
   * twice: one that was just created is about to be led.
   */
  function dropped(unfinished: readonly RunRow[]): readonly RunRow[] {
    const own = unfinished.filter(({ id, leader }) => leader === worker.id && !leading.has(id))
    const again = own.filter(({ id }) => unled.has(id))
    unled = new Set(own.map(({ id }) => id))
    return again
  }

  async function leadOrFail(run: RunRow, listener?: RunListener): Promise<StartedRun | undefined> {
    try {
      return await engine.lead(run, listener)
    } catch (error) {
      // Nothing is known of its plan as long as the store is away: it is looked at again.
      if (isPipelineError(error, 'store.unreachable')) throw error
      // Nobody else could plan it either, and as long as it has a leader nobody would try.
      await store.failRun(run.id, errorText(error), clock())
      return undefined
    }
  }

  async function replanned(run: Pick<RunRow, 'id' | 'ask'>): Promise<Plan> {
    const keys = await keysAt(options, run.ask.now)
    const states = await statesForPlan(options, run.ask, keys, { isResumed: true })
    return planRun(run.ask, definitions, states, { resumed: run.id, keys })
  }

  // After a machine slept, or the store was away, all look silent to each other until each of them has had its turn.
  function isAwake(): boolean {
    return clock() - beats.last <= leaseMs && beats.inTime >= steadyBeats
  }

  // Also who comes when the store is back finds others silent that are about to be heard.
  function hasWaited(): boolean {
    return isAwake() && beats.all >= steadyBeats
  }

  async function beat(): Promise<void> {
    if (!options.clock) await steady.sync()
    const now = clock()
    const { isKnown, workers, cancel } = await store.heartbeat(worker.id, now, leaseMs)
    // A thousand processes that all beat twice a second would be a load of their own.
    beatMs = Math.min(leaseMs / 3, Math.max(500, 2 * workers))
    for (const { run, reason } of cancel) {
      leading.get(run)?.cancel.abort(reason ?? undefined)
      // Also what is made here for a run that another process leads.
      queue.abort(run, new Error(reason ?? 'the run was canceled'))
    }
    // Others may have taken this process for dead. It is not: what it takes on from here needs somebody to inherit it.
    if (!isKnown && !stop.signal.aborted) await store.join(worker, now)
    beats = { last: now, inTime: now - beats.last > leaseMs ? 0 : beats.inTime + 1, all: beats.all + 1 }
    const freed = [...stuck]
    if (freed.length > 0) {
      await store.free(worker.id, freed)
      stuck.splice(0, freed.length)
      // Not waited for: a lake may take minutes to answer, and a process that does not beat is taken for dead.
      for (const left of freed) void discardLeftovers({ store, io, onTrouble }, left)
    }
    if (waiting.size > 0) await admit()
    await watchOwn()
  }

  /** Whoever else watches over runs may be away: a time limit holds, and an end from outside is heard, wherever there is a leader. */
  async function watchOwn(): Promise<void> {
    const own = [...leading]
    if (own.length === 0) return
    const unfinished = await store.unfinishedRuns()
    await watchRuns(unfinished.filter(({ leader }) => leader === worker.id))
    const ids = new Set(unfinished.map(({ id }) => id))
    for (const [id, { cancel }] of own) if (!ids.has(id)) cancel.abort('it was ended from outside')
  }

  async function watchRuns(runs: readonly RunRow[]): Promise<void> {
    if (!isAwake()) return
    for (const run of runs) {
      const care = nextOfRun(watched(run), { now: clock(), leader: leaderOf(run) })
      if (care.type === 'stop') await store.requestCancel(run.id, care.reason)
      if (care.type === 'fail') await store.failRun(run.id, care.reason, clock())
      if (care.type === 'stop' || care.type === 'fail') leading.get(run.id)?.cancel.abort(care.reason)
    }
  }

  /** Lets go those that wait here and may start, whoever let them out of the queue. */
  async function admit(): Promise<void> {
    for (const run of await store.admitRuns(worker.id, definitions.runs, clock())) waiting.get(run)?.()
  }

  /** Resolves when the run is out of the queue, is to be canceled, or the process is going; to whether it had to wait. */
  async function turnOf(run: string, cancel: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let isFree = false
    const free = () => {
      isFree = true
      resolve()
    }
    const unfollow = [cancel, stop.signal].map((signal) => followSignal(signal, free))
    waiting.set(run, free)
    try {
      await admit()
      const hadToWait = !isFree
      await promise
      return hadToWait
    } finally {
      waiting.delete(run)
      for (const forget of unfollow) forget()
    }
  }

  async function closeAll(): Promise<void> {
    stop.abort()
    try {
      await queue.close()
      await Promise.allSettled([...leading.values()].map(({ result }) => result))
      isOver = true
      clearTimeout(beating)
      await store.release(worker.id)
    } finally {
      await resources.close()
      await store.close()
    }
  }

  function follow(
    run: { readonly id: string; readonly ask: RunAsk; readonly counts: RunCounts },
    plan: Plan,
    listener?: RunListener,
  ): StartedRun {
    // Two may come upon the same run: who waits for it, and who looks after runs that have no leader.
    const known = leading.get(run.id)
    if (known) return known.started
    const cancel = new AbortController()
    const lead = async (): Promise<RunResult> => {
      const hadToWait = await turnOf(run.id, cancel.signal)
      if (stop.signal.aborted) {
        return { id: run.id, state: { status: 'queued', canceling: false, counts: run.counts }, failures: [] }
      }
      return leadRun(
        { id: run.id, ask: run.ask, plan: hadToWait ? await replanned(run) : plan, before: run.counts },
        { store, worker: worker.id, queue, clock, cancel: cancel.signal, stop: stop.signal, ...listener },
      )
    }
    const own = lead().finally(() => leading.delete(run.id))
    const result = own.then(async (ended) => {
      if (stop.signal.aborted) return ended
      await admit()
      const retry = ended.state.status === 'failed' ? retryOf(run) : undefined
      const next = retry && (await store.run(retry.id))
      const led = next?.leader === worker.id ? await leadOrFail(next, listener) : undefined
      return led ? led.result : ended
    })
    // A run that could not be led to its end is taken up again; who waits for this one hears why.
    result.catch(() => undefined)
    const started = { id: run.id, ask: run.ask, plan, result }
    leading.set(run.id, { cancel, result: own, started })
    return started
  }
}

interface LedRun {
  readonly started: StartedRun
  readonly cancel: AbortController
  readonly result: Promise<RunResult>
}

const leaderOf = ({ leader, isOrphan }: RunRow) => (leader !== null ? 'alive' : isOrphan ? 'dead' : 'none')

const watched = (run: RunRow): WatchedRun => ({
  status: run.status,
  admittedAt: run.admittedAt,
  startedAt: run.startedAt,
  resumes: run.resumes,
  stopping: run.cancelRequested ? (run.reason ?? 'canceled') : null,
  timeoutMs: run.ask.timeout === undefined ? null : durationMs(run.ask.timeout),
})

/** Relations of the runs under way: their steps come by the thousand, and all of a run share one instant. */
function relationsOfRuns(definitions: Definitions, store: RunStore): StepContext['relations'] {
  const known = new Map<string, { readonly now: number; readonly relations: AssetRelations }>()
  return async (asset, now) => {
    const last = known.get(asset.name)
    if (last?.now === now) return last.relations
    const keys = await keysAt({ definitions, store }, now)
    const relations = relationsOf(asset, definitions, { now: new Date(now), keys })
    known.set(asset.name, { now, relations })
    return relations
  }
}
