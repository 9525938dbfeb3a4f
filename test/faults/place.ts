import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Engine, RunStore, VerifyAsk } from '#pipeline'
import { openEngine, sqliteStore, verify } from '#pipeline'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import { stagesOf } from './stop-at.ts'

/** A store and a lake that processes share. */
export type Place = Market & { readonly store: string }

export function newPlace(of: Partial<Market> = {}, folder = temporaryFolder()): Place {
  return { store: join(folder, 'store.sqlite'), lake: join(folder, 'lake'), days: 4, ...of }
}

const undisturbed = stagesOf(undefined)

/** Does something with an engine of this process, which is closed afterwards. */
export async function withEngine<T>(place: Place, use: (engine: Engine) => Promise<T>, leaseMs?: number): Promise<T> {
  const { failing: _, poison: __, ...market } = place
  const engine = await openEngine({
    definitions: marketDefinitions(market, undisturbed, { schedules: true, sensors: true }),
    store: sqliteStore(place.store),
    concurrency: 2,
    ...(leaseMs !== undefined && { leaseMs }),
  })
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}

/** Takes up what others left and makes what is missing, as the next process would. Returns how the runs ended. */
export const finish = (place: Place, leaseMs?: number): Promise<readonly string[]> =>
  withEngine(
    place,
    async (engine) => {
      await engine.freeDead()
      const ends: string[] = []
      for (const run of await engine.resume()) ends.push((await run.result).state.status)
      const ask = { filter: { keys: {} }, mode: 'needed', now: Date.parse('2024-06-01'), reason: 'test' } as const
      const rest = await engine.start({ ...ask, assets: ['prices', 'sums'] })
      ends.push((await rest.result).state.status)
      return ends
    },
    leaseMs,
  )

/** Lets retention come by, two days later. */
export async function retained(place: Place): Promise<void> {
  const engine = await openEngine({
    definitions: marketDefinitions(place, undisturbed),
    store: sqliteStore(place.store),
    concurrency: 1,
    clock: () => Date.now() + 2 * 86_400_000,
  })
  expect((await engine.retain()).failures).toEqual([])
  await engine.close()
}

/** Nothing is wrong, with no allowance for what may be under way: all processes of the place must be gone. */
export async function expectSound(place: Place, ask: VerifyAsk = { stuckMs: 0, orphanMs: 0 }): Promise<void> {
  const verified = await withStore(place, async (store) => {
    const definitions = marketDefinitions(place, undisturbed, { schedules: true, sensors: true })
    const io = await definitions.io.open()
    try {
      return await verify({ definitions, store, io, clock: Date.now }, ask)
    } finally {
      await definitions.io.close?.(io)
    }
  })
  expect(verified.violations).toEqual([])
}

/** The published content and the status of every partition: what a fault must not change in the end. */
export const outcome = (place: Place): Promise<readonly string[]> =>
  withStore(place, async (store) => {
    const rows = [...(await store.partitions('prices')), ...(await store.partitions('sums'))]
    return rows.map(({ asset, key, state, file }) => `${asset} ${key} ${state.status} ${file?.version ?? '-'}`)
  })

export async function withStore<T>(place: Place, use: (store: RunStore) => Promise<T>): Promise<T> {
  const store = sqliteStore(place.store)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Waits for a condition that other processes bring about, with the time that a busy machine may take. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(20)) {
    if (await condition()) return
  }
  throw new Error('what was waited for did not happen')
}
