/** Runs of real engines whose steps go over Redis. */

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Queue } from '#pipeline'
import { bullmqQueue, daily, defineAsset, isFinal, sqliteStore } from '#pipeline'
import type { RedisServer } from '../../servers/redis.ts'
import { redisServer } from '../../servers/redis.ts'
import { engineOf, make, newPlace, until } from '../run/open-engine.ts'

let redis: RedisServer
let prefix: string
beforeAll(async () => {
  redis = await redisServer()
})
beforeEach(() => {
  prefix = `test-${randomUUID()}`
})
afterAll(() => redis?.close())

const partitions = { date: daily({ since: '2023-01-01' }) }
const output = z.strictObject({ n: z.int() })

test('a backfill over Redis makes every partition once, and tries again what failed', async () => {
  const calls = new Map<string, number>()
  const bronze = defineAsset({
    ...{ name: 'bronze', partitions, output, retry: { attempts: 2, backoff: '1ms', most: '1ms' } },
    run({ key }) {
      calls.set(key, (calls.get(key) ?? 0) + 1)
      if (key.endsWith('-13') && calls.get(key) === 1) throw new Error('no answer')
      return [{ n: 1 }]
    },
  })
  const silver = defineAsset({ ...{ name: 'silver', partitions, output }, deps: { bronze }, run: () => [{ n: 2 }] })
  const place = newPlace()
  const engine = await engineOf([bronze, silver], place, { queue: () => queueOn(place.file) })

  const made = await make(engine)

  expect(made).toMatchObject({ status: 'succeeded', ends: { published: 2 * calls.size } })
  expect(calls.size).toBeGreaterThan(360)
  const twice = [...calls].filter(([, count]) => count === 2).map(([key]) => key)
  expect(twice.every((key) => key.endsWith('-13'))).toBe(true)
  expect(twice).toHaveLength(12)
}, 60_000)

test('what one engine leads, another makes too, and loses nothing when it goes', async () => {
  const made = { first: 0, second: 0 }
  const place = newPlace()
  const assetsOf = (engine: 'first' | 'second') => [
    defineAsset({
      ...{ name: 'bronze', partitions, output },
      async run() {
        made[engine] += 1
        await sleep(20)
        return [{ n: 1 }]
      },
    }),
  ]
  const first = await engineOf(assetsOf('first'), place, { queue: () => queueOn(place.file) })
  const second = await engineOf(assetsOf('second'), place, { queue: () => queueOn(place.file) })

  const making = make(first)
  while (made.second === 0) await sleep(1)
  await second.close()

  expect(await making).toMatchObject({ status: 'succeeded' })
  expect(made.first).toBeGreaterThan(0)
}, 60_000)

test('steps that were taken by a worker of another store are made all the same', async () => {
  const days = { date: daily({ since: '2024-01-01' }) }
  const bronze = defineAsset({ name: 'bronze', partitions: days, output, run: () => [{ n: 1 }] })
  const [place, other] = [newPlace(), newPlace()]
  const taken: string[] = []
  const stranger = await engineOf([bronze], other, { queue: () => queueOn(other.file, (run) => taken.push(run)) })
  const leader = await engineOf([bronze], place, { queue: () => queueOn(place.file), works: false })
  const making = make(leader)
  await until(() => taken.length > 0)
  await stranger.close()

  await engineOf([bronze], place, { queue: () => queueOn(place.file) })

  expect(await making).toMatchObject({ status: 'succeeded', ends: { published: 3 } })
}, 60_000)

test('a process that the store does not let join leaves no queue open', async () => {
  const bronze = defineAsset({ name: 'bronze', output, run: () => [{ n: 1 }] })
  const place = newPlace()
  const store = sqliteStore(place.file)
  onTestFinished(() => store.close())
  let queue: Queue | undefined
  const opening = engineOf([bronze], place, {
    store: { ...store, join: () => Promise.reject(new Error('the store is away')) },
    queue: async () => {
      queue = await queueOn(place.file)
      return queue
    },
  })

  await expect(opening).rejects.toThrow('the store is away')

  await expect(queue!.check()).rejects.toThrow('Connection is closed')
}, 60_000)

async function queueOn(file: string, onAsk: (run: string) => void = () => undefined): Promise<Queue> {
  const store = sqliteStore(file)
  onTestFinished(() => store.close())
  return bullmqQueue({
    ...{ url: redis.url, prefix, pools: {}, concurrency: 8, graceMs: 0 },
    code: new Map(['bronze', 'silver'].map((asset) => [asset, '1'])),
    async askOf(run) {
      onAsk(run)
      const row = await store.run(run)
      return row && !isFinal[row.status] ? row.ask : undefined
    },
  })
}
