import type { Engine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { cachedByEvent } from './cached-by-event.ts'
import { knownRun } from './known-run.ts'
import type { Attempt } from './run-attempts.ts'
import { attemptOf } from './run-attempts.ts'

/** Stretches of time that the density has, about. */
const stretches = 200

type Timeline = Answer<'runTimeline'>
const cached = cachedByEvent<Pick<Timeline, 'omitted' | 'lanes' | 'density'>>(16)

/** What a run did over time, by who did it; of many attempts those that failed and the longest. */
export async function runTimeline({ store, clock }: Engine, ask: Asked<'runTimeline'>): Promise<Timeline> {
  const run = await knownRun(store, ask.run)
  const from = run.startedAt ?? run.createdAt
  const to = Math.max(from, run.finishedAt ?? clock())
  const stretchMs = stretchOf(to - from)
  const newest = await store.newestEventOf(run.id)
  const told = await cached(store, `${run.id} ${ask.limit} ${stretchMs}`, newest, async () => {
    const density = await store.runDensity(run.id, stretchMs)
    const attempts = (await store.telltaleAttempts(run.id, ask.limit)).map(attemptOf)
    const all = density.reduce((sum, { ended }) => sum + ended, 0)
    return { omitted: Math.max(0, all - attempts.length), lanes: lanesOf(attempts), density: [...density] }
  })
  return { from: Math.min(from, firstOf(told.lanes) ?? from), to, ...told }
}

/** A round length, so that a run that grows is not cut anew with every look. */
export function stretchOf(spanMs: number): number {
  const rounds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400]
  const seconds = spanMs / stretches / 1_000
  return (rounds.find((round) => round >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400) * 1_000
}

/** For each worker as many lanes as attempts of it overlap: each begins on the first lane that is free. */
export function lanesOf(attempts: readonly Attempt[]): Timeline['lanes'] {
  const beginOf = ({ startedAt, endedAt }: Attempt) => startedAt ?? endedAt
  const byWorker = Map.groupBy(attempts, ({ worker }) => worker ?? '')
  return [...byWorker]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .flatMap(([worker, own]) => {
      const lanes: { until: number; attempts: Attempt[] }[] = []
      for (const attempt of own.toSorted((a, b) => beginOf(a) - beginOf(b))) {
        let lane = lanes.find(({ until }) => until <= beginOf(attempt))
        if (!lane) {
          lane = { until: 0, attempts: [] }
          lanes.push(lane)
        }
        lane.until = attempt.endedAt
        lane.attempts.push(attempt)
      }
      return lanes.map(({ attempts }, lane) => ({ worker, lane, attempts }))
    })
}

function firstOf(lanes: Timeline['lanes']): number | undefined {
  const begins = lanes.flatMap(({ attempts }) =>
    attempts.slice(0, 1).map(({ startedAt, endedAt }) => startedAt ?? endedAt),
  )
  return begins.length === 0 ? undefined : Math.min(...begins)
}
