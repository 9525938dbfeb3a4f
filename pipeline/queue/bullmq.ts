import { bullmqBroker } from './bullmq-broker.ts'
import { handOut } from './hand-out.ts'
import { isPostgres, openServer } from './open-server.ts'
import type { Queue } from './port.ts'
import type { StepAsk } from './run-asks.ts'
import { tellOnce } from './tell-once.ts'
import { unlessLate } from './unless-late.ts'
import { workParcels } from './work-parcels.ts'

/** After what it worked on has ended: a broker that is away can not be told, and will find out by itself. */
const farewellMs = 2_000

export interface BullmqQueueOptions {
  /** `redis://…`, `rediss://…` or `postgres://…`. */
  readonly url: string
  /** Keeps several deployments on one server apart. Default: `bullion`. */
  readonly prefix?: string
  /** Steps of a pool that run at once, over all processes; steps of a pool that is not listed count to none. */
  readonly pools: Readonly<Record<string, number>>
  /** The pools that this process works on, `""` being the steps of none. Default: all. */
  readonly workPools?: readonly string[]
  /** Pools whose steps have other priorities than 0, `""` being the steps of none; elsewhere none waits for another. */
  readonly prioritized?: ReadonlySet<string>
  /** Messages at once, of each pool; cheap steps travel by the hundred, and up to 32 of these wait for the store together. */
  readonly concurrency: number
  /** The version of the code that this process has, by asset. */
  readonly code: ReadonlyMap<string, string>
  /** What was asked of a run; `undefined` if it is not under way. */
  readonly askOf: (run: string) => Promise<StepAsk | undefined>
  /** What runs may go on for so long while the process closes. Default: 10 s. */
  readonly graceMs?: number
  /** Whether cheap steps travel together. Default: they do. */
  readonly chunks?: boolean
  /** After how long a silent worker has lost what it held. Default: 30 s. */
  readonly lockMs?: number
  /** How often workers look for such. Default: 30 s. */
  readonly stalledMs?: number
  /** How often a leader looks after what it handed out. Default: 5 s, and 1 s on PostgreSQL, which may skip events. */
  readonly checkMs?: number
  readonly clock?: () => number
  /** Hears of what people should know; the queue itself goes on. */
  readonly onTrouble?: (message: string) => void
}

/**
 * Steps for the workers of many machines, over BullMQ on Redis (or Valkey) or on PostgreSQL. Every job gets its end,
 * whatever is lost on the way. Throws `queue.unreachable`.
 */
export async function bullmqQueue(options: BullmqQueueOptions): Promise<Queue> {
  const { url, prefix = 'bullion', pools: limits, concurrency, code, askOf } = options
  const { clock = Date.now, graceMs = 10_000, lockMs = 30_000, stalledMs = 30_000 } = options
  const onTrouble = tellOnce(options.onTrouble ?? (() => undefined), clock)
  const pools = options.workPools ?? ['', ...Object.keys(limits)]
  const server = await openServer(url, { prefix, queues: Object.keys(limits).length + 1, onTrouble })
  const broker = await bullmqBroker(server, { limits, onTrouble })
  const prioritized = options.prioritized ?? new Set()
  const checkMs = options.checkMs ?? (isPostgres(url) ? 1_000 : 5_000)
  const isChunked = options.chunks ?? true
  const leader = handOut({ broker, limits, prioritized, code, isChunked, checkMs, clock, onTrouble })
  let worker: ReturnType<typeof workParcels> | undefined

  const closeAll = async (): Promise<void> => {
    leader.close()
    await unlessLate(worker?.close() ?? Promise.resolve(), graceMs + farewellMs)
    const isGone = await unlessLate(broker.close(false), farewellMs)
    if (!isGone) await broker.close(true)
  }
  let closing: Promise<void> | undefined

  return {
    window: 10_000,
    add: leader.add,
    work(handle) {
      const settings = { broker, pools, limits, concurrency, code, askOf, lockMs, stalledMs, graceMs, clock, onTrouble }
      worker = workParcels(settings, handle)
    },
    follow: leader.follow,
    async cancel(run) {
      const dropped = leader.cancel(run)
      worker?.abort(run, new Error('the run was canceled'))
      return dropped
    },
    abort: (run, reason) => worker?.abort(run, reason),
    check: () => server.check(),
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}
