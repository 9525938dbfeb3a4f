import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import { defineAsset } from '#pipeline'
import { asking, engineOf, gate, newPlace, until } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })

/** Two assets, the first of which ends when it is let. */
function assetsWithGate() {
  const { passed, open } = gate()
  const calls: string[] = []
  const held = defineAsset({
    name: 'held',
    output,
    async run({ signal }) {
      calls.push('held')
      await Promise.race([passed, new Promise((_, reject) => signal.addEventListener('abort', reject))])
      return [{ n: 1 }]
    },
  })
  const quick = defineAsset({
    name: 'quick',
    output,
    run() {
      calls.push('quick')
      return [{ n: 1 }]
    },
  })
  return { held, quick, open, calls }
}

const statusOf = async (engine: Engine, run: string) => (await engine.store.run(run))?.status

test('a run over the limit waits, and starts as soon as another ends', async () => {
  const { held, quick, open, calls } = assetsWithGate()
  const engine = await engineOf([held, quick], newPlace(), { runs: { most: 1 } })
  const first = await engine.start(asking(engine, { assets: ['held'] }))
  const second = await engine.start(asking(engine, { assets: ['quick'] }))
  await until(() => calls.length === 1)
  expect(await statusOf(engine, second.id)).toBe('queued')

  open()

  expect((await second.result).state.status).toBe('succeeded')
  expect(await statusOf(engine, first.id)).toBe('succeeded')
  expect(calls).toEqual(['held', 'quick'])
})

test('of those that wait the highest priority goes first', async () => {
  const { held, quick, open } = assetsWithGate()
  const engine = await engineOf([held, quick], newPlace(), { runs: { most: 1 } })
  await engine.start(asking(engine, { assets: ['held'] }))
  const low = await engine.start(asking(engine, { assets: ['quick'], priority: -1 }))
  const high = await engine.start(asking(engine, { assets: ['quick'], priority: 5, mode: 'all' }))

  open()
  await Promise.all([low.result, high.result])

  const [early, late] = [await engine.store.run(high.id), await engine.store.run(low.id)]
  expect(early!.finishedAt!).toBeLessThanOrEqual(late!.admittedAt!)
  // It was planned when its turn came: by then the other had made what it asked for.
  expect(late!.counts.planned).toEqual({})
})

test('a limit holds over processes: what ends in one lets a run of the other go', async () => {
  const place = newPlace()
  const { held, quick, open, calls } = assetsWithGate()
  const runs = { tags: [{ key: 'exchange', perValue: true, most: 1 }] } as const
  const one = await engineOf([held, quick], place, { runs })
  const other = await engineOf([held, quick], place, { runs, leaseMs: 30 })
  await one.start(asking(one, { assets: ['held'], tags: { exchange: 'binance' } }))
  const waiting = await other.start(asking(other, { assets: ['quick'], tags: { exchange: 'binance' } }))
  await until(() => calls.length === 1)
  expect(await statusOf(other, waiting.id)).toBe('queued')

  open()

  expect((await waiting.result).state.status).toBe('succeeded')
})

test('a run that waits can be canceled, and has made nothing', async () => {
  const { held, quick, calls } = assetsWithGate()
  const engine = await engineOf([held, quick], newPlace(), { runs: { most: 1 } })
  await engine.start(asking(engine, { assets: ['held'] }))
  const waiting = await engine.start(asking(engine, { assets: ['quick'] }))

  expect(await engine.cancel(waiting.id)).toBe(true)

  expect((await waiting.result).state.status).toBe('canceled')
  expect(calls).not.toContain('quick')
})

test('a run that waited when its process left is led by the next', async () => {
  const place = newPlace()
  const { held, quick } = assetsWithGate()
  const leaving = await engineOf([held, quick], place, { runs: { most: 0 } })
  const waiting = await leaving.start(asking(leaving, { assets: ['quick'] }))

  await leaving.close()
  const next = await engineOf([held, quick], place)
  const [taken] = await next.resume()

  expect((await waiting.result).state.status).toBe('queued')
  expect(taken!.id).toBe(waiting.id)
  expect((await taken!.result).state.status).toBe('succeeded')
})

test('a step that waits for its retry, and one of a canceled run, hold no slot of their pool', async () => {
  const output = z.strictObject({ n: z.int() })
  const isIn = gate()
  const flaky = defineAsset({
    name: 'flaky',
    output,
    pool: 'api',
    priority: 1,
    retry: { attempts: 2, backoff: '10m', jitter: 'none', most: '10m' },
    run() {
      throw new Error('away')
    },
  })
  const stuck = defineAsset({
    name: 'stuck',
    output,
    pool: 'api',
    run: ({ signal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        isIn.open()
      }),
  })
  const quick = defineAsset({ name: 'quick', output, pool: 'api', run: () => [{ n: 1 }] })
  const engine = await engineOf([flaky, stuck, quick], newPlace(), { pools: { api: 1 } })
  const retrying = await engine.start(asking(engine, { assets: ['flaky'] }))
  const canceled = await engine.start(asking(engine, { assets: ['stuck'] }))
  await isIn.passed
  const waiting = await engine.start(asking(engine, { assets: ['quick'] }))

  await engine.cancel(canceled.id)

  expect((await waiting.result).state.status).toBe('succeeded')
  await engine.cancel(retrying.id)
  expect((await retrying.result).state.status).toBe('canceled')
})
