import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { RunAsk } from '#pipeline'
import {
  defineAsset,
  definitions,
  heldStates,
  hourly,
  memoryIo,
  openEngine,
  planRun,
  provide,
  rolling,
  sqliteStore,
  stepsOf,
} from '#pipeline'
import { statesForPlan } from '../../../pipeline/run/states-for-plan.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const now = Date.parse('2024-01-11T00:30:00Z')
const hour = 3_600_000
const output = z.strictObject({ n: z.int() })
const span = (from: number, to: number) => ({ spans: [{ start: now - from * hour, end: now - to * hour }], keys: {} })

/** Two assets of 20,000 hours, the second of which reads three hours of the first; hours 40 to 20 ago are made. */
async function large() {
  let value = 1
  const run = () => [{ n: value }]
  const since = new Date(now - 20_000 * hour).toISOString().slice(0, 13)
  const first = defineAsset({ name: 'first', partitions: { hour: hourly({ since }) }, output, run })
  const second = defineAsset({
    ...{ name: 'second', partitions: { hour: hourly({ since }) }, output, run },
    deps: { first: rolling(first, 'hour', { from: -2, to: 0 }) },
  })
  const all = definitions({ assets: [first, second], resources: {}, io: provide(memoryIo) })
  const store = sqliteStore(join(temporaryFolder(), 'store.sqlite'))
  const engine = await openEngine({ definitions: all, store, concurrency: 4, clock: () => now })
  onTestFinished(() => engine.close())
  const make = async (ask: Partial<RunAsk>) => {
    const whole = { assets: ['first', 'second'], filter: span(40, 20), mode: 'all', now, reason: 'test' } as const
    await (await engine.start({ ...whole, ...ask })).result
  }
  await make({})
  value = 2
  await make({ assets: ['first'], filter: span(30, 29) })
  return { all, store, engine }
}

test.each([
  ['what is stale', { mode: 'needed', filter: span(40, 20) }],
  ['what is stale of one asset', { mode: 'stale', filter: span(40, 20), assets: ['second'] }],
  ['what follows', { mode: 'needed', filter: span(31, 28), follow: true }],
  ['what is missing too', { mode: 'needed', filter: span(45, 35) }],
] as const)('a part of a large asset is planned from that part as it would be from all: %s', async (_, some) => {
  const { all, store } = await large()
  const ask: RunAsk = { assets: ['first', 'second'], now, reason: 'test', ...some }
  const whole = new Map(
    await Promise.all(['first', 'second'].map(async (name) => [name, heldStates(await store.states(name))] as const)),
  )
  let looks = 0
  const counting = { ...store, states: (name: string) => store.states(name).finally(() => looks++) }

  const part = await statesForPlan({ definitions: all, store: counting }, ask, {}, { isResumed: false })

  const steps = [...stepsOf(planRun(ask, all, part))]
  expect(steps).toEqual([...stepsOf(planRun(ask, all, whole))])
  expect(steps.length).toBeGreaterThan(0)
  expect(looks).toBe(0)
})
