/** A place where processes work together, as anybody sees it who comes by: a test, another process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunAsk, RunMode, RunStore, VerifyAsk, Violation } from '#pipeline'
import { openEngine, postgresStore, sqliteStore, verify } from '#pipeline'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import { stagesOf } from './stop-at.ts'

/** A store and a lake that processes share. */
export type Place = Market & {
  /** A file of SQLite, or the URL of a database. */
  readonly store: string
  /** Where workers take steps from; without it each process makes its own. */
  readonly queue?: { readonly url: string; readonly prefix: string }
}

export type SharedPlace = Place & { readonly queue: NonNullable<Place['queue']> }

export const openStore = ({ store }: Pick<Place, 'store'>): RunStore | Promise<RunStore> =>
  store.startsWith('postgres:') ? postgresStore({ url: store, answerMs: 3_000 }) : sqliteStore(store)

export async function withStore<T>(place: Place, use: (store: RunStore) => Promise<T>): Promise<T> {
  const store = await openStore(place)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Asks for all there is. */
export const everything = (mode: RunMode): RunAsk => ({
  ...{ assets: ['prices', 'sums'], filter: { keys: {} }, mode, now: Date.parse('2024-06-01'), reason: 'test' },
})

/** What retention, two days later, could not remove. */
export async function retainLater(place: Place): Promise<readonly unknown[]> {
  const engine = await openEngine({
    definitions: marketDefinitions(place, stagesOf(undefined)),
    store: await openStore(place),
    concurrency: 1,
    clock: () => Date.now() + 2 * 86_400_000,
  })
  try {
    return (await engine.retain()).failures
  } finally {
    await engine.close()
  }
}

/** What is wrong, by default with no allowance for what may be under way. */
export const violationsOf = (
  place: Place,
  ask: VerifyAsk = { stuckMs: 0, orphanMs: 0 },
): Promise<readonly Violation[]> =>
  withStore(place, async (store) => {
    const definitions = marketDefinitions(place, stagesOf(undefined), { schedules: true, sensors: true })
    const io = await definitions.io.open()
    try {
      return (await verify({ definitions, store, io, clock: Date.now }, ask)).violations
    } finally {
      await definitions.io.close?.(io)
    }
  })

/** Waits for a condition that other processes bring about, with the time that a busy machine may take. */
export async function eventually(condition: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(20)) {
    if (await condition()) return
  }
  throw new Error('what was waited for did not happen')
}

/** The same place, reached by other ways. */
export function viaProxy(
  place: SharedPlace,
  by: { readonly [Server in 'store' | 'queue' | 'lake']?: { readonly port: number } },
): SharedPlace {
  const at = (url: string, way: { readonly port: number } | undefined): string => {
    if (!way || !URL.canParse(url)) return url
    const seen = new URL(url)
    seen.port = String(way.port)
    return seen.href
  }
  return {
    ...place,
    store: at(place.store, by.store),
    queue: { ...place.queue, url: at(place.queue.url, by.queue) },
    lake: at(place.lake, by.lake),
  }
}
