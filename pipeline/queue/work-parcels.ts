/** The worker's side of a queue: makes the steps of the parcels that a broker brings, and keeps account of each. */

import { errorText } from '../run/retry.ts'
import { atMost } from './at-most.ts'
import type { Broker, ParcelWork } from './broker.ts'
import type { Queue, StepHandler, StepJob, StepReport } from './port.ts'
import type { StepAsk } from './run-asks.ts'
import { runAsks } from './run-asks.ts'
import type { Account, Parcel } from './step-parcel.ts'
import { openAccount } from './step-parcel.ts'

/** Steps of one parcel that wait for the store together. */
const mostAtOnce = 32
/** Where steps turn out dearer than they were thought to be, those that have not begun after this time go back. */
const mostMs = 1_000
/** When a leader hears of what is still under way, and how often from then on. */
const firstTellMs = 100
const tellMs = 500
const mostAborted = 1_000

export function workParcels(
  on: {
    readonly broker: Broker
    /** Those to work on, with how many authors' functions each may run at once over all workers. */
    readonly pools: readonly string[]
    readonly limits: Readonly<Record<string, number>>
    readonly concurrency: number
    readonly code: ReadonlyMap<string, string>
    readonly askOf: (run: string) => Promise<StepAsk | undefined>
    readonly lockMs: number
    readonly stalledMs: number
    readonly graceMs: number
    readonly clock: () => number
    readonly onTrouble: (error: Error) => void
  },
  handle: StepHandler,
): Pick<Queue, 'abort' | 'close'> {
  const { clock } = on
  const askOf = runAsks(on.askOf, clock)
  const running = new Map<string, { readonly controller: AbortController; parcels: number }>()
  /** Runs that were aborted of late: parcels of these may still be on their way. */
  const aborted = new Set<string>()
  const told = new Set<string>()
  let isClosing = false

  const isOurs = ({ asset, code }: Parcel): boolean => {
    const own = on.code.get(asset)
    if (own === code) return true
    if (!told.has(asset)) {
      told.add(asset)
      const why = own === undefined ? 'which this process does not have' : `of which this process has version "${own}"`
      on.onTrouble(new Error(`steps of "${asset}" version "${code}", ${why}, are left to others; start them all alike`))
    }
    return false
  }

  const work =
    (pool: string): ParcelWork =>
    async (parcel, tell) => {
      const ask = await askOf(parcel.run).catch((error: unknown) => {
        on.onTrouble(new Error(`run "${parcel.run}" can not be looked up now; its steps wait`, { cause: error }))
        return 'unknown' as const
      })
      // Also of a run that is over: nobody may be left who has its code, and it would be brought again for ever.
      if (ask === 'unknown' || (ask && !isOurs(parcel))) return 'later'
      const atOnce = on.limits[pool] === undefined ? mostAtOnce : 1
      return makeParcel(parcel, ask, pool, atOnce, tell)
    }

  const makeParcel = async (
    parcel: Parcel,
    ask: StepAsk | undefined,
    pool: string,
    atOnce: number,
    tell: (account: Account) => Promise<void>,
  ): Promise<Account> => {
    const account = openAccount(parcel.steps)
    const started = clock()
    const signal = enter(parcel.run)
    const stop = tellNowAndThen(account, tell, on.onTrouble)
    const share = atMost(atOnce)
    let [workMs, made] = [0, 0]
    const makeStep = async (step: number): Promise<void> => {
      const say = (report: StepReport) => account.hear(step, report)
      const isLate = step > 0 && clock() - started > mostMs
      const sayAll = (of: (key: StepJob['keys'][number]) => StepReport) => {
        for (const key of parcel.steps[step]!) say(of(key))
      }
      if (!ask || aborted.has(parcel.run)) sayAll((key) => ({ key, outcome: 'canceled' }))
      else if (isClosing || isLate) sayAll(handedBack)
      else {
        const job = jobOf(parcel, step, ask, pool)
        const hear = (report: StepReport) => say(isHandedBack(parcel.run, report) ? handedBack(report.key) : report)
        try {
          const begunAt = performance.now()
          workMs += (await handle(job, signal, hear)) ?? performance.now() - begunAt
          made += 1
        } catch (error) {
          sayAll((key) => ({ key, outcome: 'failed', error: errorText(error) }))
        }
      }
      account.end(step)
    }
    try {
      await Promise.all(parcel.steps.map((_, step) => share(() => slots(pool)(() => makeStep(step)))))
    } finally {
      leave(parcel.run)
      await stop()
    }
    // As if all had been made: some may have gone back.
    return account.now(made > 0 ? (workMs / made) * parcel.steps.length : undefined)
  }

  /** What was stopped because this process goes was not canceled: its leader hands it out again. */
  const isHandedBack = (run: string, { outcome }: StepReport) =>
    outcome === 'canceled' && isClosing && !aborted.has(run)
  const handedBack = (key: StepJob['keys'][number]): StepReport => ({
    ...{ key, outcome: 'retry', at: clock(), error: undefined },
  })

  // Parcels of many steps share this process as if they were one.
  const bySlots = new Map(on.pools.map((pool) => [pool, atMost(Math.max(mostAtOnce, on.concurrency))]))
  const slots = (pool: string) => bySlots.get(pool)!

  const enter = (run: string): AbortSignal => {
    const known = running.get(run) ?? { controller: new AbortController(), parcels: 0 }
    running.set(run, known)
    known.parcels += 1
    return known.controller.signal
  }
  const leave = (run: string): void => {
    const known = running.get(run)!
    known.parcels -= 1
    if (known.parcels === 0) running.delete(run)
  }

  const { lockMs, stalledMs } = on
  const workers = on.pools.map((pool) => {
    const concurrency = Math.min(on.concurrency, on.limits[pool] ?? Number.POSITIVE_INFINITY)
    return on.broker.work(pool, { concurrency, lockMs, stalledMs }, work(pool))
  })

  return {
    abort(run, reason) {
      aborted.delete(run)
      aborted.add(run)
      if (aborted.size > mostAborted) aborted.delete(aborted.keys().next().value!)
      running.get(run)?.controller.abort(reason)
    },
    async close() {
      isClosing = true
      const grace = setTimeout(() => {
        for (const { controller } of running.values()) controller.abort(new Error('the process is stopping'))
      }, on.graceMs)
      await Promise.all(workers.map((worker) => worker.close()))
      clearTimeout(grace)
    },
  }
}

function jobOf(parcel: Parcel, step: number, ask: StepAsk, pool: string): StepJob {
  const { run, asset, attempt, priority } = parcel
  const keys = parcel.steps[step]!
  return {
    ...{ id: `${run} ${asset} ${keys[0]} ${attempt}`, run, asset, keys, attempt },
    ...{ mode: ask.mode, params: ask.params, now: ask.now },
    ...{ pool: pool === '' ? undefined : pool, priority, notBefore: 0 },
  }
}

/** Tells what became of a parcel so far while it is under way; stops once what it is telling has been told. */
function tellNowAndThen(
  account: ReturnType<typeof openAccount>,
  tell: (account: Account) => Promise<void>,
  onTrouble: (error: Error) => void,
): () => Promise<void> {
  let told = 0
  let telling = Promise.resolve()
  const tellNow = (): void => {
    if (account.version !== told) {
      told = account.version
      telling = tell(account.now()).catch(onTrouble)
    }
    timer = setTimeout(tellNow, tellMs)
  }
  let timer = setTimeout(tellNow, firstTellMs)
  return () => {
    clearTimeout(timer)
    return telling
  }
}
