import type { Queue, StepHandler, StepJob } from './port.ts'

/** Steps of this process: bounded, by priority, with pools and delays. Nothing of it outlives the process. */
export function localQueue(options: {
  /** Steps that run at once. */
  readonly concurrency: number
  /** Steps of a pool that run at once; a pool that is not listed is bounded by `concurrency` alone. */
  readonly pools: Readonly<Record<string, number>>
  readonly clock?: () => number
}): Queue {
  const clock = options.clock ?? Date.now
  const ready = new Map<string, StepJob[]>()
  const delayed = new Map<StepJob, NodeJS.Timeout>()
  const running = new Set<StepJob>()
  /** One a run: its steps are stopped together. */
  const controllers = new Map<string, AbortController>()
  const inPool = new Map<string, number>()
  const listeners = new Map<string, Set<Parameters<Queue['follow']>[1]>>()
  const idle: (() => void)[] = []
  let handler: StepHandler | undefined
  let isClosed = false

  const poolOf = (job: StepJob) => job.pool ?? ''
  const hasRoom = (pool: string) => (inPool.get(pool) ?? 0) < (options.pools[pool] ?? Number.POSITIVE_INFINITY)

  // One list a pool, each in order of priority, so that a full pool costs nothing however long its list is.
  const enqueue = (job: StepJob): void => {
    const jobs = ready.get(poolOf(job)) ?? []
    ready.set(poolOf(job), jobs)
    if (jobs.length === 0 || jobs.at(-1)!.priority >= job.priority) {
      jobs.push(job)
    } else {
      jobs.splice(
        jobs.findIndex((other) => other.priority < job.priority),
        0,
        job,
      )
    }
  }

  const next = (): StepJob | undefined => {
    let best: StepJob[] | undefined
    for (const [pool, jobs] of ready) {
      if (jobs.length > 0 && hasRoom(pool) && (!best || jobs[0]!.priority > best[0]!.priority)) best = jobs
    }
    return best?.shift()
  }

  const pump = (): void => {
    while (handler && !isClosed && running.size < options.concurrency) {
      const job = next()
      if (!job) return
      void start(job, handler)
    }
  }

  const start = async (job: StepJob, handle: StepHandler): Promise<void> => {
    const controller = controllers.get(job.run) ?? new AbortController()
    controllers.set(job.run, controller)
    running.add(job)
    inPool.set(poolOf(job), (inPool.get(poolOf(job)) ?? 0) + 1)
    await handle(job, controller.signal, (report) => tell(job, report))
    running.delete(job)
    inPool.set(poolOf(job), inPool.get(poolOf(job))! - 1)
    tell(job, undefined)
    pump()
    if (running.size === 0) for (const resolve of idle.splice(0)) resolve()
  }

  const tell: Parameters<Queue['follow']>[1] = (job, report) => {
    for (const listener of listeners.get(job.run) ?? []) listener(job, report)
  }

  return {
    window: 512,
    async add(jobs) {
      for (const job of jobs) {
        const wait = job.notBefore - clock()
        if (wait <= 0) enqueue(job)
        else delayed.set(job, setTimeout(wake, wait, job))
      }
      pump()
    },
    work(handle) {
      handler = handle
      pump()
    },
    follow(run, listener) {
      const own = listeners.get(run) ?? new Set()
      listeners.set(run, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size > 0) return
        listeners.delete(run)
        controllers.delete(run)
      }
    },
    async cancel(run) {
      const dropped: StepJob[] = []
      for (const [pool, jobs] of ready) {
        dropped.push(...jobs.filter((job) => job.run === run))
        ready.set(
          pool,
          jobs.filter((job) => job.run !== run),
        )
      }
      for (const [job, timer] of delayed) {
        if (job.run !== run) continue
        clearTimeout(timer)
        delayed.delete(job)
        dropped.push(job)
      }
      controllers.get(run)?.abort(new Error('the run was canceled'))
      return dropped
    },
    abort(run, reason) {
      controllers.get(run)?.abort(reason)
    },
    async check() {},
    async close() {
      isClosed = true
      for (const timer of delayed.values()) clearTimeout(timer)
      for (const controller of controllers.values()) controller.abort(new Error('the process is stopping'))
      if (running.size > 0) await new Promise<void>((resolve) => idle.push(resolve))
    },
  }

  function wake(job: StepJob): void {
    delayed.delete(job)
    enqueue(job)
    pump()
  }
}
