import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { PartitionKey } from '#pipeline'
import { daily, defineAsset, keyed, PipelineError, sqliteStore } from '#pipeline'
import { thisWorker } from '../../../pipeline/run/identity.ts'
import { asking, engineOf, gate, make, newPlace, now, until } from './open-engine.ts'

const date = daily({ since: '2024-01-01' })
const output = z.strictObject({ n: z.int() })

test('two engines asked for the same at once make every partition once', async () => {
  const place = newPlace()
  const calls: string[] = []
  const candles = defineAsset({
    name: 'candles',
    partitions: { date, market: keyed(['A', 'B']) },
    output,
    async run({ key }) {
      calls.push(key)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return [{ n: 1 }]
    },
  })
  const engines = [await engineOf([candles], place), await engineOf([candles], place)]

  const made = await Promise.all(engines.map((engine) => make(engine)))

  expect(calls).toHaveLength(6)
  expect(made.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
  expect(await engines[0]!.store.files('candles')).toHaveLength(6)
})

test('a run whose leader died is taken up, and what it had made is not made again', async () => {
  const place = newPlace()
  const awake = gate()
  const calls: string[] = []
  let isStuck = false
  const candles = defineAsset({
    name: 'candles',
    partitions: { date },
    output,
    async run({ key }) {
      calls.push(key)
      if (key === 'date=2024-01-03' && !isStuck) {
        isStuck = true
        await awake.passed
      }
      return [{ n: 1 }]
    },
  })
  const dying = await engineOf([candles], place, { concurrency: 1 })
  const heir = await engineOf([candles], place)
  const lost = await dying.start(asking(dying, { mode: 'all' }))
  // What a leader had counted is known to its heir as far as it was written down.
  await until(async () => (await heir.store.run(lost.id))?.counts.published.candles === 2)

  await heir.store.release(dying.worker)
  const [resumed] = await heir.resume()
  const { state } = await resumed!.result

  expect(resumed!.id).toBe(lost.id)
  expect(state).toMatchObject({ status: 'succeeded', counts: { published: { candles: 3 } } })
  expect(calls).toEqual(['date=2024-01-01', 'date=2024-01-02', 'date=2024-01-03', 'date=2024-01-03'])

  // The dead one was only asleep: it can neither publish nor say how the run ended.
  awake.open()
  await lost.result
  expect(await heir.store.history('candles', 'date=2024-01-03' as never)).toHaveLength(1)
  expect(await heir.store.run(lost.id)).toMatchObject({ status: 'succeeded' })
  expect(await Array.fromAsync(place.io.scan())).toHaveLength(3)
})

test('a run that an engine left at closing is finished by the next', async () => {
  const place = newPlace()
  const begun = gate()
  let isSlow = true
  const candles = defineAsset({
    name: 'candles',
    partitions: { date },
    output,
    async run({ signal }) {
      begun.open()
      if (isSlow) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return [{ n: 1 }]
    },
  })
  const first = await engineOf([candles], place)
  await first.start(asking(first))
  await begun.passed
  await first.close()
  isSlow = false

  const second = await engineOf([candles], place)
  const [resumed] = await second.resume()

  expect((await resumed!.result).state.status).toBe('succeeded')
  expect(await second.store.files('candles')).toHaveLength(3)
  expect(await second.resume()).toEqual([])
})

test('what a dead process held can be made, also while the lake refuses to be swept', async () => {
  const place = newPlace()
  const sweep = () => Promise.reject(new Error('the lake is away'))
  const candles = defineAsset({ name: 'candles', partitions: { date }, output, run: () => [{ n: 1 }] })
  const troubles: string[] = []
  const onTrouble = ({ message }: Error) => void troubles.push(message)
  const engine = await engineOf([candles], { ...place, io: { ...place.io, sweep } }, { onTrouble })
  const { store } = engine
  await store.join({ ...thisWorker(0), id: 'dead', startedAt: -1 }, 0)
  await store.createRun({ id: 'lost', ask: asking(engine), leader: null, now: 0 })
  const keys = ['date=2024-01-01', 'date=2024-01-02'] as PartitionKey[]
  const leaseMs = engine.clock() + 3_600_000
  await store.claim({ run: 'lost', worker: 'dead', asset: 'candles', keys, now: 0, leaseMs, inputs: [] })

  await engine.freeDead()

  expect(troubles).toEqual(['what a dead worker left can not be removed now; retention removes it: the lake is away'])
  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 3 } })
})

test('who has just come takes nobody for dead whom a store that was away kept silent', async () => {
  const candles = defineAsset({ name: 'candles', partitions: { date }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([candles], undefined, { leaseMs: 1_500 })
  const workers = async () => (await engine.store.workers()).map(({ id }) => id)
  await engine.store.join({ id: 'silent', host: 'elsewhere', pid: 1, startedAt: 0 }, 0)

  await engine.freeDead()
  expect(await workers()).toContain('silent')

  const isGone = async () => {
    await engine.freeDead()
    expect(await workers()).not.toContain('silent')
  }
  await vi.waitFor(isGone, { timeout: 20_000, interval: 100 })
})

test('a run whose leader the store left without an answer for too long is led by it again', async () => {
  const place = newPlace()
  const candles = defineAsset({ name: 'candles', partitions: { date }, output, run: () => [{ n: 1 }] })
  const store = sqliteStore(place.file)
  let isAway = true
  const away = new PipelineError('store.unreachable', { where: 'there', seconds: 300, why: 'gone' })
  const engine = await engineOf([candles], place, {
    store: { ...store, progress: (...args) => (isAway ? Promise.reject(away) : store.progress(...args)) },
  })
  const lost = await engine.start(asking(engine))
  await expect(lost.result).rejects.toBe(away)
  isAway = false

  expect(await engine.resume()).toEqual([])
  const [again] = await engine.resume()

  expect(again?.id).toBe(lost.id)
  expect((await again!.result).state.status).toBe('succeeded')
})

test('a run that was given to a process as it left is taken up', async () => {
  const candles = defineAsset({ name: 'candles', partitions: { date }, output, run: () => [{ n: 1 }] })
  const engine = await engineOf([candles])
  await engine.store.createRun({ id: 'left', ask: asking(engine), leader: 'who left', now })

  const [adopted] = await engine.resume()

  expect(adopted?.id).toBe('left')
  expect((await adopted!.result).state.status).toBe('succeeded')
})
