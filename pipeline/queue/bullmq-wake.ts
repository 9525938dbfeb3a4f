import { openServer } from './open-server.ts'
import { tellOnce } from './tell-once.ts'
import { unlessLate } from './unless-late.ts'

/** Rounds without any word, after which a process wakes itself. */
const silentRounds = 5
const farewellMs = 2_000
const name = 'wake'

export interface WakeOptions {
  /** As of the queue: `redis://…`, `rediss://…` or `postgres://…`. */
  readonly url: string
  readonly prefix?: string
  readonly everyMs: number
  readonly onTrouble?: (message: string) => void
}

export interface Wake {
  onWake(callback: () => void): void
  close(): Promise<void>
}

/**
 * Wakes one of any number of processes every so often, by a job scheduler of BullMQ. Where nobody was woken for five
 * rounds, each process wakes itself until somebody is again. Throws `queue.unreachable`.
 */
export async function bullmqWake(options: WakeOptions): Promise<Wake> {
  const { url, prefix = 'bullion', everyMs } = options
  const onTrouble = tellOnce(options.onTrouble ?? (() => undefined), Date.now)
  const server = await openServer(url, { prefix, queues: 1, onTrouble })
  const { Queue, QueueEvents, Worker } = await import('bullmq')
  const callbacks: (() => void)[] = []
  const settings = server.options as never
  const backend = server.backend as never
  let heardAt = Date.now()
  let isAsking = false

  const wake = (): void => {
    for (const callback of callbacks) callback()
  }
  const queue = new Queue(server.nameOf(name), settings, backend)
  const schedule = async (): Promise<void> => {
    if (isAsking) return
    isAsking = true
    try {
      await queue.upsertJobScheduler(name, { every: everyMs })
    } catch (error) {
      onTrouble(error as Error)
    }
    isAsking = false
  }
  await schedule()
  const events = new QueueEvents(server.nameOf(name), settings, backend)
  events.on('completed', () => {
    heardAt = Date.now()
  })
  const work = {
    ...server.options,
    ...{ concurrency: 1, drainDelay: 1, removeOnComplete: { count: 1 }, removeOnFail: { count: 1 } },
  }
  const worker = new Worker(server.nameOf(name), async () => wake(), work as never, backend)
  queue.on('error', onTrouble)
  events.on('error', onTrouble)
  worker.on('error', onTrouble)

  const alone = setInterval(() => {
    if (Date.now() - heardAt <= silentRounds * everyMs) return
    wake()
    // Its server may have lost all it knew.
    void schedule()
  }, everyMs)

  return {
    onWake: (callback) => void callbacks.push(callback),
    async close() {
      clearInterval(alone)
      const closing = Promise.allSettled([worker, events, queue].map((one) => one.close()))
      const isGone = await unlessLate(
        closing.then(() => server.close(false)),
        farewellMs,
      )
      if (!isGone) await server.close(true)
    },
  }
}
