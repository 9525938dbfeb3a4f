import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { AnySchedule, AnySensor, Engine, RunStore } from '#pipeline'
import {
  daily,
  decideSchedule,
  defineAsset,
  defineJob,
  definitions,
  keyed,
  memoryIo,
  openEngine,
  provide,
  sqliteStore,
} from '#pipeline'

export const date = daily({ since: '2024-01-01' })
export const market = keyed(['A', 'B'])
export const prices = defineAsset({
  name: 'prices',
  partitions: { date, market },
  output: z.strictObject({ n: z.int() }),
  run: () => [{ n: 1 }],
})
export const job = defineJob({ name: 'ingest', assets: [prices] })

export const at = (text: string): number => Date.parse(text)

/** A clock that stands still until it is set. */
export interface Clock {
  now: number
}

export async function engineOn(
  file: string,
  clock: Clock,
  spec: {
    readonly schedules?: readonly AnySchedule[]
    readonly sensors?: readonly AnySensor[]
    readonly store?: (store: RunStore) => RunStore
  },
): Promise<Engine> {
  const { schedules = [], sensors = [], store = (one) => one } = spec
  const io = memoryIo()
  const engine = await openEngine({
    definitions: definitions({ assets: [prices], schedules, sensors, resources: {}, io: provide(() => io) }),
    store: store(sqliteStore(file)),
    concurrency: 4,
    clock: () => clock.now,
  })
  onTestFinished(() => engine.close())
  return engine
}

/** What a daemon does for one schedule in a round. */
export async function decide(engine: Engine, schedule: AnySchedule, now: number) {
  const row = (await engine.store.automations()).find(({ name }) => name === schedule.name)!
  return decideSchedule(engine, schedule, { ...row, upSince: now }, { now, signal: new AbortController().signal })
}

/** Days and markets that the runs of a store asked for, oldest run first. */
export async function asked(engine: Engine): Promise<readonly string[]> {
  const runs = (await engine.store.runs(100)).toReversed()
  return runs.map(({ ask: { filter } }) => {
    const days = (filter.spans ?? []).map(({ start }) => new Date(start).toISOString().slice(0, 10))
    return [...days, ...Object.values(filter.keys).flat()].join(' ')
  })
}
