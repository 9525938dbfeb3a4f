import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { bullmqQueue } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import type { RedisServer } from '../../servers/redis.ts'
import { redisServer } from '../../servers/redis.ts'
import type { MakeQueue } from './conformance.ts'
import { testQueue } from './conformance.ts'

let redis: RedisServer
let postgres: PostgresServer
beforeAll(async () => {
  const servers = [redisServer(), postgresServer()] as const
  redis = await servers[0]
  postgres = await servers[1]
})
afterAll(async () => {
  await redis?.close()
  await postgres?.close()
})

/** Any asset: the suite makes up its own. */
const code = { get: () => '1' } as unknown as ReadonlyMap<string, string>

const on =
  (url: () => string): MakeQueue =>
  (options) =>
    bullmqQueue({
      ...{ url: url(), prefix: `test-${randomUUID()}`, ...options, code, graceMs: 0 },
      askOf: async () => ({ mode: 'needed', now: 0 }),
      prioritized: new Set(['']),
    })

testQueue(
  'BullMQ on Redis',
  on(() => redis.url),
)
testQueue(
  'BullMQ on PostgreSQL',
  on(() => postgres.url),
)
