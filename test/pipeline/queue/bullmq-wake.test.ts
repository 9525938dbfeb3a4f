import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Wake } from '#pipeline'
import { bullmqWake } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import type { RedisServer } from '../../servers/redis.ts'
import { redisServer } from '../../servers/redis.ts'
import { eventually } from './conformance.ts'

let redis: RedisServer
let postgres: PostgresServer
beforeAll(async () => {
  redis = await redisServer()
  postgres = await postgresServer()
})
afterAll(async () => {
  await redis?.close()
  await postgres?.close()
})

async function awake(url: string, prefix: string, everyMs: number) {
  const wake: Wake = await bullmqWake({ url, prefix, everyMs })
  onTestFinished(() => wake.close())
  const at: number[] = []
  wake.onWake(() => at.push(Date.now()))
  return { wake, at }
}

for (const server of ['Redis', 'PostgreSQL']) {
  test(`of many processes one is woken each time, on ${server}`, async () => {
    const url = server === 'Redis' ? redis.url : postgres.url
    const prefix = `test-${randomUUID()}`
    const woken = await Promise.all([0, 1, 2].map(() => awake(url, prefix, 200)))
    const times = () => woken.flatMap(({ at }) => at).toSorted((one, other) => one - other)

    await eventually(() => expect(times().length).toBeGreaterThanOrEqual(8))

    // Were each of the three woken every time, there would be three times as many as rounds.
    const all = times()
    const rounds = (all.at(-1)! - all[0]!) / 200
    expect(all.length).toBeLessThan(1.5 * rounds + 3)
  })
}

test('where a process was woken of late, another takes over when that one goes', async () => {
  const prefix = `test-${randomUUID()}`
  const first = await awake(redis.url, prefix, 100)
  await eventually(() => expect(first.at.length).toBeGreaterThan(1))
  const second = await awake(redis.url, prefix, 100)

  await first.wake.close()

  await eventually(() => expect(second.at.length).toBeGreaterThan(1))
})

test('a process wakes itself while Redis is away, and is woken again when it is back without its data', async () => {
  const prefix = `test-${randomUUID()}`
  const { at } = await awake(redis.url, prefix, 50)
  await eventually(() => expect(at.length).toBeGreaterThan(1))

  await redis.kill()
  const before = at.length
  await eventually(() => expect(at.length).toBeGreaterThan(before + 3))

  await redis.start({ empty: true })
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())

  await eventually(async () => expect(await client.exists(`{${prefix}}:wake:repeat`)).toBe(1))
})
