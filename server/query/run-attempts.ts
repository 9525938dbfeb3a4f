import type { Engine, EventRow } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { nextOf, numberIn } from './cursor.ts'
import { eventInWords } from './event-words.ts'
import { knownRun } from './known-run.ts'

export type Attempt = Answer<'runSteps'>['items'][number]

const ends = ['published', 'unchanged', 'skipped', 'rejected', 'failed', 'canceled'] as const satisfies Attempt['end'][]

/** Attempts of a run that ended, newest first. */
export async function listAttempts({ store }: Engine, ask: Asked<'runSteps'>): Promise<Answer<'runSteps'>> {
  await knownRun(store, ask.run)
  const { events, next } = await store.runEvents({
    run: ask.run,
    order: 'newest',
    after: numberIn(ask.cursor),
    types: ask.end === undefined ? ends : [ask.end],
    asset: ask.asset,
    limit: ask.limit,
  })
  return { items: events.map(attemptOf), next: nextOf(next) }
}

export const attemptOf = (event: EventRow): Attempt => ({
  id: event.id,
  asset: event.asset,
  key: event.key,
  end: event.type as Attempt['end'],
  isRetried: event.type === 'failed' && event.payload.retryAt !== null,
  attempt: event.attempt ?? (typeof event.payload.attempt === 'number' ? event.payload.attempt : null),
  startedAt: event.tookMs === null ? null : event.at - event.tookMs,
  endedAt: event.at,
  worker: event.by,
  message: eventInWords(event),
})
