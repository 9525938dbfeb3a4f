import type { SeenParcel } from './broker.ts'
import type { BrokerServer } from './broker-server.ts'
import { unreachable } from './server-url.ts'

/** Redis 7 or Valkey, on one connection a process and one more for each queue that is worked on or listened to. */
export async function redisServer(
  url: string,
  on: { readonly prefix: string; readonly onTrouble: (error: Error) => void },
): Promise<BrokerServer> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    lazyConnect: true,
    // A command waits for the server to come back, however long that takes.
    maxRetriesPerRequest: null,
    // Unless nothing at all is heard of a command for longer than any of BullMQ's waits: then it goes by a new connection.
    socketTimeout: 20_000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
  })
  const returns: (() => void)[] = []
  // BullMQ makes its further connections by this, and gives none of them up while the server is away.
  const clients = [redis]
  const duplicate = redis.duplicate.bind(redis)
  redis.duplicate = (override) => {
    // A connection that is told to connect fails with its first try; one that does so by itself goes on trying.
    const client = duplicate({ ...override, lazyConnect: false })
    clients.push(client)
    return client
  }
  redis.on('error', on.onTrouble)
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    throw unreachable(url, error)
  }
  redis.on('ready', () => {
    for (const callback of returns) callback()
  })
  return {
    // In a cluster all keys with one text in braces live on one server, as BullMQ's scripts ask for.
    options: { connection: redis, prefix: `{${on.prefix}}` },
    backend: undefined,
    nameOf: (queue) => queue,
    async look(queue, ids) {
      const pipeline = redis.pipeline()
      for (const id of ids) pipeline.hmget(queue.toKey(id), 'timestamp', 'finishedOn', 'returnvalue', 'failedReason')
      const seen = new Map<string, SeenParcel>()
      for (const [index, [error, fields]] of (await pipeline.exec())!.entries()) {
        if (error) throw error
        const [addedAt, endedAt, returned, failed] = fields as (string | null)[]
        if (addedAt === null) continue
        if (endedAt === null) seen.set(ids[index]!, { status: 'under-way' })
        else if (failed != null) seen.set(ids[index]!, { status: 'failed', error: failed })
        else seen.set(ids[index]!, { status: 'done', account: JSON.parse(returned!) })
      }
      return seen
    },
    async remove(queue, ids) {
      const removed = await Promise.all(ids.map(async (id) => ((await queue.remove(id)) === 1 ? id : undefined)))
      return new Set(removed.filter((id) => id !== undefined))
    },
    onReturn: (callback) => void returns.push(callback),
    check: async () => void (await redis.ping()),
    async close(isForced) {
      if (!isForced) await redis.quit()
      for (const client of clients) client.disconnect()
    },
  }
}
