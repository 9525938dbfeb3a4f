import type { Measure } from './measure.ts'
import { report } from './measure.ts'

/**
 * What limits 10, 100 and 1,000 worker processes: a simulation of the way of a step, with what each part of it was
 * measured to cost. A parcel of steps passes its leader, Redis, a slot of a worker, the commits of that worker's writer,
 * and Redis and the leader again. Nothing is random but how long functions take, and that always in the same way.
 */

/** ms of one processor, as measured on the machine of docs/scale.md. */
const cost = {
  /** Of the leader: packing and hearing a parcel, and the bookkeeping of a step. */
  leaderParcel: 0.12,
  leaderStep: 0.02,
  /** Of Redis, which does one thing at a time: a parcel is added, taken, ended and told of. */
  redisParcel: 0.13,
  /** Of PostgreSQL: a commit, and a call in it (a claim or a publication). */
  storeCommit: 0.29,
  storeCall: 0.017,
  /** Between sending a commit and hearing of it, in which nobody works: the disk. */
  storeWait: 1,
  /** Of a worker's own processor, for a step. */
  workerStep: 0.084,
}
const mostCalls = 256
const mostParcels = 4_096
const seconds = 20

interface Case {
  readonly name: string
  readonly workers: number
  /** Steps at once, of a worker. */
  readonly slots: number
  /** What the author's function takes, on average. */
  readonly stepMs: number
  /** Steps in a parcel: cheap ones travel together. */
  readonly parcel: number
  /** Requests that the exchange allows a second, where a step asks it once. */
  readonly exchange?: number
  /** Processors of PostgreSQL. */
  readonly cores: number
}

const kinds = [
  {
    name: 'a request to an exchange that allows 20 a second',
    slots: 4,
    stepMs: 400,
    parcel: 1,
    exchange: 20,
    cores: 4,
  },
  { name: 'a query of 200 ms', slots: 4, stepMs: 200, parcel: 1, cores: 4 },
  { name: 'a query of 10 ms', slots: 4, stepMs: 10, parcel: 8, cores: 4 },
  { name: 'nothing', slots: 32, stepMs: 0.1, parcel: 100, cores: 4 },
] as const

for (const kind of kinds) {
  for (const workers of [10, 100, 1_000]) report(measureOf({ ...kind, workers }))
}
for (const workers of [100, 1_000]) {
  report(measureOf({ ...kinds[2], workers, cores: 16, name: 'a query of 10 ms, 16 cores of PostgreSQL' }))
}

function measureOf(one: Case): Measure {
  const { rate, busy } = simulate(one)
  const [limit, share] = Object.entries(busy).sort(([, a], [, b]) => b - a)[0]!
  const count = one.workers.toLocaleString('en-US')
  const text = `${limit} ${Math.round(share * 100)} % busy`
  const ideal = (one.workers * one.slots * 1_000) / one.stepMs
  return {
    ...{ name: `${count} workers, steps of ${one.name}: ${text}`, value: rate, unit: 'steps/s' },
    // What as many slots would do if nothing else took time.
    ...{ reference: ideal, ratio: rate / ideal, goal: '', ok: null },
  }
}

function simulate({ workers, slots, stepMs, parcel, exchange, cores }: Case) {
  const time = timeline()
  const leader = server(time, 1)
  const redis = server(time, 1)
  const store = server(time, cores)
  const requests = server(time, 1)
  const random = seeded(1)
  const beatMs = Math.max(500, 2 * workers)
  const free: Worker[] = []
  let waiting = 0
  let made = 0
  let slotMs = 0

  const all = Array.from({ length: workers }, workerOf)
  for (let slot = 0; slot < slots; slot++) free.push(...all)
  const window = Math.min(mostParcels, 4 * workers * slots)
  for (let count = 0; count < window; count++) handOut()

  function handOut(): void {
    leader.use(cost.leaderParcel / 2 + cost.leaderStep * parcel, () =>
      redis.use(cost.redisParcel / 2, () => {
        waiting += 1
        pump()
      }),
    )
  }

  function pump(): void {
    while (waiting > 0 && free.length > 0) {
      waiting -= 1
      make(free.shift()!)
    }
  }

  function make(worker: Worker): void {
    const begun = time.now()
    worker.commit(parcel, () => {
      const work = () => {
        const ms = parcel * (stepMs * -Math.log(1 - random()) + cost.workerStep)
        time.after(ms, () => worker.commit(parcel, () => end(worker, begun)))
      }
      if (exchange === undefined) work()
      else requests.use(1_000 / exchange, work)
    })
  }

  function end(worker: Worker, begun: number): void {
    made += parcel
    slotMs += time.now() - begun
    free.push(worker)
    redis.use(cost.redisParcel / 2, () => leader.use(cost.leaderParcel / 2, handOut))
    pump()
  }

  function workerOf(): Worker {
    const calls: { count: number; done: () => void }[] = []
    let isCommitting = false
    // What arrives while a commit is under way is the next one.
    const commitNext = (): void => {
      if (isCommitting || calls.length === 0) return
      isCommitting = true
      const group: typeof calls = []
      for (let count = 0; calls.length > 0 && (count === 0 || count + calls[0]!.count <= mostCalls); ) {
        count += calls[0]!.count
        group.push(calls.shift()!)
      }
      const size = group.reduce((sum, { count }) => sum + count, 0)
      store.use(cost.storeCommit + cost.storeCall * size, () =>
        time.after(cost.storeWait, () => {
          isCommitting = false
          for (const { done } of group) done()
          commitNext()
        }),
      )
    }
    const commit: Worker['commit'] = (count, done) => {
      calls.push({ count, done })
      commitNext()
    }
    const beat = (): void => commit(1, () => time.after(beatMs, beat))
    time.after(random() * beatMs, beat)
    return { commit }
  }

  time.run(seconds * 1_000)
  const ms = seconds * 1_000
  return {
    rate: made / seconds,
    busy: {
      'the leader': leader.usedMs() / ms,
      Redis: redis.usedMs() / ms,
      PostgreSQL: store.usedMs() / ms / cores,
      ...(exchange !== undefined && { 'the exchange': requests.usedMs() / ms }),
      'their slots': slotMs / ms / (workers * slots),
    },
  }
}

interface Worker {
  /** Writes down as many calls, with others that wait at the same time. */
  commit(count: number, done: () => void): void
}

/** Something that does `most` things at once, each for its time, in the order of asking. */
function server(time: ReturnType<typeof timeline>, most: number) {
  const line: { ms: number; done: () => void }[] = []
  let at = 0
  let running = 0
  let used = 0
  const next = (): void => {
    while (running < most && at < line.length) {
      const { ms, done } = line[at++]!
      if (at > 10_000) {
        line.splice(0, at)
        at = 0
      }
      running += 1
      used += ms
      time.after(ms, () => {
        running -= 1
        done()
        next()
      })
    }
  }
  return {
    use(ms: number, done: () => void): void {
      line.push({ ms, done })
      next()
    },
    usedMs: () => used,
  }
}

/** Events in the order of their time. */
function timeline() {
  const heap: { at: number; number: number; run: () => void }[] = []
  let now = 0
  let count = 0
  const isBefore = (a: number, b: number) =>
    heap[a]!.at < heap[b]!.at || (heap[a]!.at === heap[b]!.at && heap[a]!.number < heap[b]!.number)
  const swap = (a: number, b: number): void => {
    const one = heap[a]!
    heap[a] = heap[b]!
    heap[b] = one
  }
  return {
    now: () => now,
    after(ms: number, run: () => void): void {
      heap.push({ at: now + ms, number: count++, run })
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1
        if (!isBefore(child, parent)) break
        swap(child, parent)
        child = parent
      }
    },
    run(until: number): void {
      while (heap.length > 0 && heap[0]!.at <= until) {
        const { at, run } = heap[0]!
        const last = heap.pop()!
        if (heap.length > 0) {
          heap[0] = last
          for (let parent = 0; ; ) {
            const left = 2 * parent + 1
            if (left >= heap.length) break
            const child = left + 1 < heap.length && isBefore(left + 1, left) ? left + 1 : left
            if (!isBefore(child, parent)) break
            swap(child, parent)
            parent = child
          }
        }
        now = at
        run()
      }
    },
  }
}

/** The same "random" numbers each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
