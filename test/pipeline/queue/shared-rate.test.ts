import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sharedRate } from '#pipeline'
import type { RedisServer } from '../../servers/redis.ts'
import { redisServer } from '../../servers/redis.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await redisServer()
})
afterAll(() => redis?.close())

async function shared(max: number, perMs: number) {
  const options = { url: redis.url, prefix: `test-${randomUUID()}`, name: 'binance', max, perMs }
  const rates = await Promise.all([sharedRate(options), sharedRate(options)])
  onTestFinished(async () => {
    for (const rate of rates) await rate.close()
  })
  return rates as [(typeof rates)[0], (typeof rates)[1]]
}

test('what one process took, another waits for', async () => {
  const [one, other] = await shared(10, 60_000)

  expect(await one.take(10)).toBe(0)

  const waits = [await other.take(1), await one.take(2)]
  expect(waits[0]).toBeGreaterThan(5_000)
  expect(waits[0]).toBeLessThanOrEqual(6_000)
  expect(waits[1]! - waits[0]!).toBeGreaterThan(11_000)
})

test('many processes together send no more than the bucket lets through', async () => {
  const rates = await shared(20, 200)
  const began = Date.now()
  const sent: number[] = []

  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      await sleep(await rates[index % 2]!.take(1))
      sent.push(Date.now() - began)
    }),
  )

  // 20 at once, and the other 40 at one each 10 ms.
  expect(Math.max(...sent)).toBeGreaterThanOrEqual(380)
  expect(sent.filter((at) => at < 100).length).toBeLessThanOrEqual(20 + 11)
})

test('a pause holds back all, also those that have weight left', async () => {
  const [one, other] = await shared(10, 1_000)

  await one.pause(30_000)
  await one.pause(10)

  expect(await other.take(1)).toBeGreaterThan(25_000)
})
