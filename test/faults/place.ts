import { join } from 'node:path'
import { expect } from 'vitest'
import type { Engine, VerifyAsk } from '#pipeline'
import { openEngine, sqliteStore } from '#pipeline'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import type { Place } from './shared-place.ts'
import { everything, retainLater, violationsOf, withStore } from './shared-place.ts'
import { stagesOf } from './stop-at.ts'

export function newPlace(of: Partial<Market> = {}, folder = temporaryFolder()): Place {
  return { store: join(folder, 'store.sqlite'), lake: join(folder, 'lake'), days: 4, ...of }
}

/** Does something with an engine of this process, which is closed afterwards. */
export async function withEngine<T>(place: Place, use: (engine: Engine) => Promise<T>, leaseMs?: number): Promise<T> {
  const { failing: _, poison: __, ...market } = place
  const engine = await openEngine({
    definitions: marketDefinitions(market, stagesOf(undefined), { schedules: true, sensors: true }),
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
      const rest = await engine.start(everything('needed'))
      ends.push((await rest.result).state.status)
      return ends
    },
    leaseMs,
  )

/** Lets retention come by, two days later. */
export async function retained(place: Place): Promise<void> {
  expect(await retainLater(place)).toEqual([])
}

/** Nothing is wrong, with no allowance for what may be under way: all processes of the place must be gone. */
export async function expectSound(place: Place, ask?: VerifyAsk): Promise<void> {
  expect(await violationsOf(place, ask)).toEqual([])
}

/** The published content and the status of every partition: what a fault must not change in the end. */
export const outcome = (place: Place): Promise<readonly string[]> =>
  withStore(place, async (store) => {
    const rows = [...(await store.partitions('prices')), ...(await store.partitions('sums'))]
    return rows.map(({ asset, key, state, file }) => `${asset} ${key} ${state.status} ${file?.version ?? '-'}`)
  })
