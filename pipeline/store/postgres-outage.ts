import { setTimeout as sleep } from 'node:timers/promises'
import { PipelineError } from '../define/errors.ts'

/**
 * `conflict`: transactions stood in each other's way, the same again will do. `outage`: the connection is of no use any
 * more, another may be.
 */
export type PostgresFault = 'conflict' | 'outage'

export function faultOf(error: unknown): PostgresFault | undefined {
  const { code = '', message = '', severity } = error as { code?: string; message?: string; severity?: string }
  if (severity === undefined) return lost.test(code) || lost.test(message) ? 'outage' : undefined
  if (conflicts.test(code)) return 'conflict'
  // Another version of this program changed a table that this connection has statements of.
  const isStale = code === '0A000' && message.includes('cached plan')
  return isStale || outages.test(code) ? 'outage' : undefined
}

/** What node and node-postgres say of a connection. */
const lost =
  /^(E(AI_AGAIN|CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT)|Connection terminated|Query read timeout|timeout e|Client (has encountered|was closed))/
/** Serialization failure, deadlock, a lock that was waited for too long. */
const conflicts = /^(40001|40P01|55P03)$/
/** Connection, shutdown, resources; a server that became a standby; a session or statement that is not there any more. */
const outages = /^(08|53|57P|25006|25P03|26000)/

export interface Insistence {
  readonly where: string
  readonly outageMs: number
}

/** Tries again what failed for no fault of its own, until it was in vain for `outageMs`. Then throws `store.unreachable`. */
export function insist({ where, outageMs }: Insistence): <T>(attempt: () => Promise<T>) => Promise<T> {
  let since: number | undefined
  return async (attempt) => {
    for (let failures = 0; ; failures++) {
      try {
        const value = await attempt()
        since = undefined
        return value
      } catch (error) {
        const fault = faultOf(error)
        if (fault === undefined) throw error
        since ??= Date.now()
        const ms = Date.now() - since
        if (ms >= outageMs) {
          const why = (error as Error).message || String((error as { code?: unknown }).code)
          throw new PipelineError(
            'store.unreachable',
            { where, seconds: Math.round(ms / 1_000), why },
            { cause: error },
          )
        }
        const most = fault === 'conflict' ? 100 : 2_000
        await sleep(Math.min(most, 20 * 2 ** failures) * (0.5 + Math.random() / 2))
      }
    }
  }
}
