import type { Engine, RunStore } from '#pipeline'
import type { Answer } from '../contract/contract.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Numbers of one look; the process does other things between two. */
const pageSize = 50_000
/** Minutes that are remembered: the longest that may be asked for, and a day. */
const mostMinutes = 8 * 24 * 60

/** How many partitions were made and failed, minute by minute: each event is counted once in the life of a process. */
export interface Throughput {
  /** The last hours, in at most 97 buckets. Attempts that failed count, also those that were tried again. */
  last(hours: number): Promise<Answer<'throughput'>>
}

const ofEngine = new WeakMap<object, Throughput>()

export function throughput(engine: Engine): Throughput {
  const known = ofEngine.get(engine)
  if (known) return known
  const made = openThroughput(engine)
  ofEngine.set(engine, made)
  return made
}

interface Minute {
  made: number
  failed: number
  rows: number
}

function openThroughput({ store, clock }: Pick<Engine, 'store' | 'clock'>): Throughput {
  const minutes = new Map<number, Minute>()
  const events = counter({
    at: (after) => store.eventAt(after),
    newest: () => store.newestEvent(),
    async count(after, upTo) {
      for (const { minute, type, count } of await store.eventCounts(after, upTo)) {
        if (type === 'published' || type === 'unchanged') minuteOf(minute).made += count
        if (type === 'failed' || type === 'rejected') minuteOf(minute).failed += count
      }
    },
  })
  const files = counter({
    at: (after) => store.materializationAt(after),
    newest: async () => (await store.sizes()).materializations,
    async count(after, upTo) {
      for (const { minute, rows } of await store.rowsMade(after, upTo)) minuteOf(minute).rows += rows
    },
  })
  let underWay: Promise<void> = Promise.resolve()

  function minuteOf(minute: number): Minute {
    const known = minutes.get(minute)
    if (known) return known
    const none = { made: 0, failed: 0, rows: 0 }
    minutes.set(minute, none)
    return none
  }
  async function countSince(from: number): Promise<void> {
    await events.since(from)
    await files.since(from)
    const oldest = Math.floor(clock() / minuteMs) - mostMinutes
    if (minutes.size > mostMinutes) for (const minute of minutes.keys()) if (minute < oldest) minutes.delete(minute)
  }

  return {
    async last(hours) {
      const now = clock()
      const bucketMs = bucketOf(hours)
      const first = Math.floor((now - hours * hourMs) / bucketMs) * bucketMs
      // One after the other, so that nothing is counted twice.
      const counted = underWay.then(() => countSince(first))
      underWay = counted.catch(() => undefined)
      await counted
      const buckets = Array.from({ length: Math.floor((now - first) / bucketMs) + 1 }, (_, index) => ({
        ...{ at: first + index * bucketMs, made: 0, failed: 0, rows: 0 },
      }))
      for (const [minute, { made, failed, rows }] of minutes) {
        const bucket = buckets[Math.floor((minute * minuteMs - first) / bucketMs)]
        if (!bucket) continue
        bucket.made += made
        bucket.failed += failed
        bucket.rows += rows
      }
      return { bucketMs, buckets }
    },
  }
}

const bucketOf = (hours: number): number =>
  [1, 5, 15, 30, 60, 120].map((count) => count * minuteMs).find((ms) => (hours * hourMs) / ms <= 96)!

/** Counts what is numbered in the order of time, as far back as somebody asked. */
function counter(on: {
  readonly at: RunStore['eventAt'] | RunStore['materializationAt']
  readonly newest: () => Promise<number>
  readonly count: (after: number, upTo: number) => Promise<void>
}): { since(from: number): Promise<void> } {
  let counted: { from: number; after: number; upTo: number } | undefined

  /** A store that fails midway has counted up to there. */
  async function countPages(after: number, upTo: number, done: (upTo: number) => void): Promise<void> {
    for (let at = after; at < upTo; at = Math.min(at + pageSize, upTo)) {
      await on.count(at, Math.min(at + pageSize, upTo))
      done(Math.min(at + pageSize, upTo))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  return {
    async since(from) {
      const newest = await on.newest()
      if (!counted) {
        const after = await lastBefore(on.at, from, newest)
        counted = { from, after, upTo: after }
      }
      const all = counted
      await countPages(all.upTo, newest, (upTo) => {
        all.upTo = upTo
      })
      if (from >= all.from) return
      const after = await lastBefore(on.at, from, all.after)
      // Backwards, so that what is counted stays one stretch.
      for (let upTo = all.after; upTo > after; upTo = Math.max(after, upTo - pageSize)) {
        await on.count(Math.max(after, upTo - pageSize), upTo)
        all.after = Math.max(after, upTo - pageSize)
        await new Promise((resolve) => setImmediate(resolve))
      }
      all.from = from
    },
  }
}

/** The last number of what happened before an instant, of those up to `newest`. */
async function lastBefore(
  at: (after: number) => Promise<{ readonly id: number; readonly at: number } | undefined>,
  instant: number,
  newest: number,
): Promise<number> {
  let [low, high] = [0, newest]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const next = await at(middle)
    if (!next || next.id > high || next.at >= instant) high = middle
    else low = next.id
  }
  return low
}
