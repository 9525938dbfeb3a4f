/** Parcels as jobs of BullMQ: one of its queues a pool. What Redis and PostgreSQL do in different ways is in their files. */

import type { Job, Queue, QueueEvents, Worker } from 'bullmq'
import type { Broker } from './broker.ts'
import type { BrokerServer, ParcelQueue } from './broker-server.ts'
import type { Account, Parcel } from './step-parcel.ts'

/** Events that one queue keeps for leaders that lag behind: some four a parcel, and no leader has more than 4,096 of these. */
const mostEvents = 20_000
/** Parcels that stay after they ended, for leaders that missed the event. */
const mostDone = 4_096
/** Workers that one parcel may take down with them, before it is a fault of the parcel. */
const mostStalls = 10
const laterMs = 1_000

export async function bullmqBroker(
  server: BrokerServer,
  on: {
    /** Parcels of a pool that are under way at once, over all workers. */
    readonly limits: Readonly<Record<string, number>>
    readonly onTrouble: (error: Error) => void
  },
): Promise<Broker> {
  const bullmq = await import('bullmq')
  const queues = new Map<string, ParcelQueue>()
  const opened: (Queue | Worker | QueueEvents)[] = []

  // BullMQ types a backend by its connection, of which nothing outside its server knows.
  const made = <Made extends Queue | Worker | QueueEvents>(one: unknown): Made => {
    const object = one as Made
    opened.push(object)
    ;(object as Queue).on('error', on.onTrouble)
    return object
  }
  const options = (more: object) => ({ ...server.options, ...more }) as never
  const backend = server.backend as never
  const nameOf = (pool: string) => server.nameOf(pool === '' ? 'steps' : `pool-${encodeURIComponent(pool)}`)

  const queueOf = (pool: string): ParcelQueue => {
    const known = queues.get(pool)
    if (known) return known
    const limits = { streams: { events: { maxLen: mostEvents } } }
    const queue = made<ParcelQueue>(new bullmq.Queue(nameOf(pool), options(limits), backend))
    queues.set(pool, queue)
    return queue
  }

  /** Said again whenever it matters: a server that lost its data has also lost its limits. */
  const configure = async (pool: string): Promise<void> => {
    const concurrency = on.limits[pool]
    const settings = { 'opts.maxLenEvents': mostEvents, ...(concurrency !== undefined && { concurrency }) }
    await queueOf(pool).getBackend().setQueueMeta(settings)
  }

  server.onReturn(() => {
    for (const pool of queues.keys()) configure(pool).catch(on.onTrouble)
  })

  return {
    async add(pool, parcels) {
      const queue = queueOf(pool)
      if (on.limits[pool] !== undefined) await configure(pool)
      const jobs = parcels.map(({ id, parcel, priority }) => ({
        name: parcel.asset,
        data: parcel,
        opts: { jobId: id, ...(priority !== undefined && { priority: bullPriority(priority) }) },
      }))
      await queue.addBulk(jobs)
    },
    look: (pool, ids) => server.look(queueOf(pool), ids),
    remove: (pool, ids) => server.remove(queueOf(pool), ids),
    async follow(pool, listener) {
      // A listener that begins with "now" begins anew with each read until it has heard something: name a place instead.
      const lastEventId = await queueOf(pool).getBackend().publishEvent({ event: 'followed' }, mostEvents)
      const events = made<QueueEvents>(
        new bullmq.QueueEvents(nameOf(pool), options({ lastEventId, blockingTimeout: 5_000 }), backend),
      )
      events.on('progress', ({ jobId, data }) => listener.onAccount(jobId, data as unknown as Account))
      events.on('completed', ({ jobId, returnvalue }) => listener.onDone(jobId, returnvalue as unknown as Account))
      events.on('failed', ({ jobId, failedReason }) => listener.onFailed(jobId, failedReason))
    },
    work(pool, { concurrency, lockMs, stalledMs }, work) {
      const process = async (job: Job<Parcel, Account>, token?: string): Promise<Account> => {
        const account = await work(job.data, (now) => job.updateProgress(now as object))
        if (account !== 'later') return account
        await job.moveToDelayed(Date.now() + laterMs, token)
        throw new bullmq.DelayedError()
      }
      const settings = {
        concurrency,
        ...{ lockDuration: lockMs, stalledInterval: stalledMs, maxStalledCount: mostStalls },
        ...{ removeOnComplete: { count: mostDone }, removeOnFail: { count: mostDone } },
        // How long an idle worker waits for a sign before it looks by itself.
        drainDelay: 1,
        runRetryDelay: 500,
      }
      const worker = made<Worker>(new bullmq.Worker(nameOf(pool), process, options(settings), backend))
      return { close: () => worker.close() }
    },
    onReturn: (callback) => server.onReturn(callback),
    async close(isForced) {
      if (!isForced) await Promise.allSettled(opened.map((one) => one.close()))
      await server.close(isForced)
    },
  }
}

/** Ours: any number, more goes first. BullMQ's: 1 to 2,097,152, less goes first. */
const bullPriority = (priority: number) => Math.min(2_097_152, Math.max(1, 1_000_000 - Math.round(priority)))
