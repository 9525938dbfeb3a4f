import { unreachable } from './server-url.ts'
import { tellOnce } from './tell-once.ts'

/** A bucket of request weight that all processes share. It says how long to wait, and waits for nothing itself. */
export interface SharedRate {
  /** Takes the weight and says how long (ms) to wait for it. Who asks first goes first. */
  take(weight: number): Promise<number>
  /** Nothing may be sent for so long (ms), by anybody: the other side said so. */
  pause(ms: number): Promise<void>
  close(): Promise<void>
}

// By the clock of Redis, so that those of the processes do not matter. Redis that lost its data begins with a full bucket.
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'pausedUntil')
local max, per_ms, weight, pause = tonumber(ARGV[1]), tonumber(ARGV[1]) / tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local at = tonumber(known[2] or now)
local tokens = math.min(max, tonumber(known[1] or max) + math.max(0, now - at) * per_ms) - weight
local paused = math.max(tonumber(known[3] or 0), pause > 0 and now + pause or 0)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', math.max(at, now)), 'pausedUntil', string.format('%.3f', paused))
local wait = math.max(0, -tokens / per_ms, paused - now)
redis.call('PEXPIRE', KEYS[1], math.ceil(wait + tonumber(ARGV[2])))
return math.ceil(wait)
`

/**
 * At most `max` weight at once, which flows back evenly over `perMs`, over all processes that name it alike; on Redis
 * only. While Redis is away, whoever asks waits for it. Throws `queue.unreachable`.
 */
export async function sharedRate(options: {
  readonly url: string
  readonly prefix?: string
  readonly name: string
  readonly max: number
  readonly perMs: number
  readonly onTrouble?: (message: string) => void
}): Promise<SharedRate> {
  const { url, prefix = 'bullion', name, max, perMs } = options
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, socketTimeout: 20_000 })
  redis.on('error', tellOnce(options.onTrouble ?? (() => undefined), Date.now))
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    throw unreachable(url, error)
  }
  const ask = async (weight: number, pauseMs: number) =>
    (await redis.eval(script, 1, `{${prefix}}:rate:${name}`, max, perMs, weight, pauseMs)) as number
  return {
    take: (weight) => ask(weight, 0),
    async pause(ms) {
      await ask(0, ms)
    },
    async close() {
      redis.disconnect()
    },
  }
}
