import type { KeyRing } from './key.ts'
import { newClaims, readSigned, sign } from './signed.ts'

export const linkLastsMs = 10 * 60_000
export const sessionLastsMs = 30 * 24 * 3_600_000
export const dayMs = 24 * 3_600_000

/** The path that logs a browser in, once. Any process that has the key can make one for the server of its home. */
export async function linkPath(ring: KeyRing, next?: string, now = Date.now()): Promise<string> {
  const token = sign(await ring.key(), 'link', newClaims(now, linkLastsMs))
  return `/login?${new URLSearchParams({ token, ...(next !== undefined && { next }) })}`
}

/** A token for scripts: `authorization: Bearer …`. */
export const bearerToken = async (ring: KeyRing, days: number, now = Date.now()): Promise<string> =>
  sign(await ring.key(), 'token', newClaims(now, days * dayMs))

/** Turns links into sessions, each once. */
export interface LinkDesk {
  /** The cookie's value, or `undefined` for what is no link of ours, over, or used. */
  redeem(token: string): Promise<{ readonly session: string; readonly expiresAt: number } | undefined>
}

/**
 * Used links are remembered here alone, as long as they could be used again. A process that was started since can not
 * know, so that it refuses what was made before it: ask for another link.
 */
export function linkDesk(ring: KeyRing, now: () => number): LinkDesk {
  const startedAt = now()
  const used = new Map<string, number>()
  return {
    async redeem(token) {
      const at = now()
      for (const [id, expiresAt] of used) if (expiresAt <= at) used.delete(id)
      const key = await ring.key()
      const link = readSigned(key, 'link', token, at)
      if (!link || link.issuedAt < startedAt || used.has(link.id)) return undefined
      used.set(link.id, link.expiresAt)
      const claims = newClaims(at, sessionLastsMs)
      return { session: sign(key, 'session', claims), expiresAt: claims.expiresAt }
    },
  }
}

/** Where a browser goes after it logged in: a path of ours, and nothing that could be read as another host. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/'
  const { origin, pathname, search } = new URL(next, 'http://here')
  return origin === 'http://here' && !pathname.startsWith('//') && pathname !== '/login' ? pathname + search : '/'
}

/** Sessions that were ended, as long as their cookie would be good. */
export function endedSessions(now: () => number) {
  const ended = new Map<string, number>()
  return {
    has: (session: string): boolean => ended.has(session),
    add(session: string, expiresAt: number | null): void {
      for (const [id, until] of ended) if (until <= now()) ended.delete(id)
      ended.set(session, expiresAt ?? Number.POSITIVE_INFINITY)
    },
  }
}
