import type { BrokerServer } from './broker-server.ts'
import { postgresServer } from './postgres-server.ts'
import { redisServer } from './redis-server.ts'

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url)

/** Throws `queue.unreachable`. */
export const openServer = (
  url: string,
  on: {
    readonly prefix: string
    /** That may be worked on or listened to. */
    readonly queues: number
    readonly onTrouble: (error: Error) => void
  },
): Promise<BrokerServer> => (isPostgres(url) ? postgresServer(url, on) : redisServer(url, on))
