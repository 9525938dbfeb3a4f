/**
 * The leader's side of a queue: packs the steps of its runs into parcels, hands these to a broker, and sees to it that
 * each step ends once, whatever becomes of the broker or of workers. Steps that are not yet in the broker wait here.
 */

import { randomUUID } from 'node:crypto'
import type { Broker, SentParcel } from './broker.ts'
import type { Queue, StepJob } from './port.ts'
import { stepCosts } from './step-cost.ts'
import type { Account, Parcel } from './step-parcel.ts'
import { readAccounts } from './step-parcel.ts'

/** Parcels of a pool in the broker: enough for every worker, and little to look after. */
const mostParcels = 4_096
/** The same, of an asset whose cost is not known yet: should it turn out cheap, the rest goes by the hundred. */
const mostUnknown = 256
/** Parcels of one message to the broker. */
const mostAtOnce = 1_000
/** A worker never fails a step by itself: either it could not reach the broker, or the step ends all its workers. */
const mostFailures = 5
const stalledTooOften = 'job stalled more than allowable limit'
/** How long a parcel must be unheard of and not in the broker before it counts as lost: word of it may be on its way. */
const lostMs = 500

export interface HandOut extends Pick<Queue, 'add' | 'follow' | 'cancel'> {
  close(): void
}

/** Steps that may share a parcel. */
interface Lane {
  readonly pool: string
  readonly priority: number
  readonly key: string
  readonly asset: string
  readonly steps: StepJob[]
}

interface Sent extends SentParcel {
  readonly pool: string
  readonly jobs: readonly StepJob[]
  readonly accounts: ReturnType<typeof readAccounts>
  /** How often a worker could not give back its account. */
  readonly failures: number
  /** Whether the broker has answered, so that it must be there. */
  isAdded: boolean
  /** Since when it is not in the broker, ms. */
  goneAt: number | undefined
}

export function handOut(on: {
  readonly broker: Broker
  /** Pools by name, with how many authors' functions each may run at once. */
  readonly limits: Readonly<Record<string, number>>
  /** Pools whose steps have other priorities than 0. */
  readonly prioritized: ReadonlySet<string>
  readonly code: ReadonlyMap<string, string>
  readonly isChunked: boolean
  readonly checkMs: number
  readonly clock: () => number
  readonly onTrouble: (error: Error) => void
}): HandOut {
  const { broker, clock } = on
  const costs = stepCosts()
  const process = randomUUID().slice(0, 8)
  const listeners = new Map<string, Set<Parameters<Queue['follow']>[1]>>()
  const sent = new Map<string, Sent>()
  const lanes = new Map<string, Lane[]>()
  const delayed = new Map<StepJob, NodeJS.Timeout>()
  const followed = new Map<string, Promise<void>>()
  /** Parcels on their way to the broker, by pool. */
  const outbox = new Map<string, Sent[]>()
  /** Parcels in the broker: by pool, and by asset. */
  const out = new Map<string, number>()
  const prioritized = new Set(on.prioritized)
  const canceled = new Set<string>()
  let parcels = 0
  let isClosed = false

  const poolOf = (job: StepJob) => (job.pool !== undefined && Object.hasOwn(on.limits, job.pool) ? job.pool : '')
  const outOf = (key: string) => out.get(key) ?? 0
  const count = (parcel: Sent, by: 1 | -1): void => {
    for (const key of [`pool ${parcel.pool}`, `asset ${parcel.parcel.asset}`]) {
      const now = outOf(key) + by
      if (now > 0) out.set(key, now)
      else out.delete(key)
    }
  }

  const tell: Parameters<Queue['follow']>[1] = (job, report) => {
    for (const listener of listeners.get(job.run) ?? []) listener(job, report)
  }

  const enqueue = (job: StepJob): void => {
    const pool = poolOf(job)
    if (job.priority !== 0) prioritized.add(pool)
    const key = JSON.stringify([job.run, job.asset, job.attempt, job.priority])
    const own = lanes.get(pool) ?? []
    lanes.set(pool, own)
    const lane = own.find((one) => one.key === key)
    if (lane) {
      lane.steps.push(job)
      return
    }
    const before = own.findIndex(({ priority }) => priority < job.priority)
    const made = { pool, priority: job.priority, key, asset: job.asset, steps: [job] }
    own.splice(before < 0 ? own.length : before, 0, made)
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
    if (isClosed) return
    for (const [pool, own] of lanes) {
      const ready: Sent[] = []
      while (outOf(`pool ${pool}`) < mostParcels) {
        const lane = own.find(mayGo)
        if (!lane) break
        const isSingle = !on.isChunked || on.limits[pool] !== undefined
        ready.push(pack(pool, lane.steps.splice(0, isSingle ? 1 : costs.size(lane.asset))))
        if (lane.steps.length === 0) own.splice(own.indexOf(lane), 1)
      }
      if (own.length === 0) lanes.delete(pool)
      if (ready.length > 0) send(pool, ready)
    }
  }

  const mayGo = ({ pool, asset }: Lane): boolean =>
    !on.isChunked ||
    on.limits[pool] !== undefined ||
    costs.of(asset) !== undefined ||
    outOf(`asset ${asset}`) < mostUnknown

  const pack = (pool: string, jobs: readonly StepJob[], failures = 0): Sent => {
    const { run, asset, attempt, priority } = jobs[0]!
    const steps = jobs.map(({ keys }) => keys)
    const parcel: Parcel = { run, asset, code: on.code.get(asset) ?? '', attempt, priority, steps }
    const made: Sent = {
      ...{ id: `${process}.${parcels++}`, pool, jobs, parcel, accounts: readAccounts(jobs, tell) },
      ...{ priority: prioritized.has(pool) ? priority : undefined, failures, isAdded: false, goneAt: undefined },
    }
    sent.set(made.id, made)
    count(made, 1)
    return made
  }

  const send = (pool: string, ready: readonly Sent[]): void => {
    const own = outbox.get(pool)
    if (own) own.push(...ready)
    else void sendAll(pool, [...ready])
  }

  /** One message after the other, so that they arrive in order; what becomes ready meanwhile shares the next one. */
  const sendAll = async (pool: string, own: Sent[]): Promise<void> => {
    outbox.set(pool, own)
    while (own.length > 0 && !isClosed) {
      const batch = own.splice(0, mostAtOnce)
      try {
        await follow(pool)
        await broker.add(pool, batch)
      } catch (error) {
        // Some may have arrived: those that did not are missed at the next look.
        if (!isClosed) on.onTrouble(error as Error)
      }
      for (const one of batch) one.isAdded = true
    }
    outbox.delete(pool)
  }

  const follow = (pool: string): Promise<void> => {
    const known = followed.get(pool)
    if (known) return known
    const following = broker.follow(pool, {
      onAccount(id, account) {
        const one = sent.get(id)
        if (!one) return
        if (one.jobs.length === 1) costs.isSlow(one.parcel.asset, 100)
        one.accounts.read(account)
        schedulePump()
      },
      onDone,
      onFailed,
    })
    followed.set(pool, following)
    // The next parcel tries again.
    following.catch(() => followed.delete(pool))
    return following
  }

  const forget = (id: string): Sent | undefined => {
    const one = sent.get(id)
    if (!one) return undefined
    sent.delete(id)
    count(one, -1)
    schedulePump()
    return one
  }

  const onDone = (id: string, account: Account): void => {
    const one = forget(id)
    if (!one) return
    if (account.ms !== undefined) costs.took(one.parcel.asset, account.ms, one.jobs.length)
    one.accounts.read(account)
    one.accounts.end(() => undefined)
  }

  const onFailed = (id: string, error: string): void => {
    const one = forget(id)
    if (!one) return
    const isHopeless = error === stalledTooOften || one.failures + 1 >= mostFailures
    // One step among many may be what its workers die of: each is tried by itself.
    if (one.jobs.length > 1) again(one, (jobs) => jobs.map((job) => [job]))
    else if (isHopeless) one.accounts.end((key) => ({ key, outcome: 'failed', error }))
    else again(one, (jobs) => [jobs], one.failures + 1)
  }

  /** Hands out anew what was in a parcel that is no more. What has been told of a step stays told. */
  const again = (
    one: Sent,
    split: (jobs: readonly StepJob[]) => readonly (readonly StepJob[])[],
    failures = one.failures,
  ): void => {
    if (canceled.has(one.parcel.run)) {
      one.accounts.end((key) => ({ key, outcome: 'canceled' }))
      return
    }
    const made = split(one.accounts.open()).map((jobs) => pack(one.pool, jobs, failures))
    if (made.length > 0) send(one.pool, made)
  }

  const lookAfter = async (): Promise<void> => {
    for (const [pool, own] of Map.groupBy(sent.values(), (one) => one.pool)) {
      const known = own.filter(({ isAdded }) => isAdded)
      if (known.length === 0) continue
      const ids = known.map(({ id }) => id)
      const seen = await broker.look(pool, ids)
      for (const one of known) {
        const now = seen.get(one.id)
        if (now?.status === 'done') onDone(one.id, now.account)
        else if (now?.status === 'failed') onFailed(one.id, now.error)
        else if (now) one.goneAt = undefined
        else if (one.goneAt === undefined) one.goneAt = clock()
        else if (clock() - one.goneAt >= lostMs && forget(one.id)) again(one, (jobs) => [jobs])
      }
      const unwanted = own.filter(({ parcel }) => canceled.has(parcel.run)).map(({ id }) => id)
      if (unwanted.length === 0) continue
      for (const id of await broker.remove(pool, unwanted)) {
        forget(id)?.accounts.end((key) => ({ key, outcome: 'canceled' }))
      }
    }
  }

  let checking: NodeJS.Timeout | undefined
  let isChecking = false
  const check = async (): Promise<void> => {
    if (isChecking || isClosed) return
    isChecking = true
    clearTimeout(checking)
    try {
      await lookAfter()
    } catch (error) {
      if (!isClosed) on.onTrouble(error as Error)
    }
    isChecking = false
    const isMissing = sent.values().some(({ goneAt }) => goneAt !== undefined)
    if (!isClosed) checking = setTimeout(check, isMissing ? Math.min(lostMs, on.checkMs) : on.checkMs)
  }
  checking = setTimeout(check, on.checkMs)
  broker.onReturn(() => void check())

  /** Takes out of this process what no broker has. */
  const dropHeld = (run: string): readonly StepJob[] => {
    const dropped: StepJob[] = []
    for (const [pool, own] of lanes) {
      const [theirs, others] = [own.filter((one) => laneRun(one) === run), own.filter((one) => laneRun(one) !== run)]
      for (const lane of theirs) dropped.push(...lane.steps)
      if (others.length > 0) lanes.set(pool, others)
      else lanes.delete(pool)
    }
    for (const [job, timer] of delayed) {
      if (job.run !== run) continue
      clearTimeout(timer)
      delayed.delete(job)
      dropped.push(job)
    }
    return dropped
  }

  const dropSent = async (run: string): Promise<readonly StepJob[]> => {
    const dropped: StepJob[] = []
    const own = sent.values().filter(({ parcel }) => parcel.run === run)
    for (const [pool, theirs] of Map.groupBy(own, (one) => one.pool)) {
      const ids = theirs.map(({ id }) => id)
      const [seen, removed] = await Promise.all([broker.look(pool, ids), broker.remove(pool, ids)])
      for (const { id } of theirs) {
        const now = seen.get(id)
        if (now?.status === 'done') onDone(id, now.account)
        else if (removed.has(id)) dropped.push(...(forget(id)?.accounts.open() ?? []))
      }
    }
    return dropped
  }

  return {
    async add(jobs) {
      for (const job of jobs) {
        const wait = job.notBefore - clock()
        if (wait <= 0) enqueue(job)
        else delayed.set(job, setTimeout(wake, wait, job))
      }
      pump()
    },
    follow(run, listener) {
      const own = listeners.get(run) ?? new Set()
      listeners.set(run, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size > 0) return
        listeners.delete(run)
        canceled.delete(run)
        dropHeld(run)
      }
    },
    async cancel(run) {
      canceled.add(run)
      const held = dropHeld(run)
      try {
        return [...held, ...(await dropSent(run))]
      } catch (error) {
        // What is still in the broker is taken out of it at the next look, and ends there.
        on.onTrouble(error as Error)
        return held
      }
    },
    close() {
      isClosed = true
      clearTimeout(checking)
      for (const timer of delayed.values()) clearTimeout(timer)
    },
  }

  function wake(job: StepJob): void {
    delayed.delete(job)
    enqueue(job)
    schedulePump()
  }
}

const laneRun = (lane: Lane) => lane.steps[0]!.run
