import { Refusal } from '../served.ts'
import type { KeyRing } from './key.ts'
import { keyId } from './key.ts'
import type { Scope } from './scopes.ts'
import { scopes } from './scopes.ts'
import { readSigned } from './signed.ts'

/** Who asks. */
export interface Caller {
  /** For people and logs. */
  readonly name: string
  /** A browser sends its cookie also for pages of others: then a change has to bring the token of the session along. */
  readonly by: 'cookie' | 'bearer'
  /** What it showed, as a name. */
  readonly session: string
  /** ms. */
  readonly expiresAt: number | null
  readonly scopes: readonly Scope[]
}

/** What a request shows of its caller, whichever door it came by. */
export interface Shown {
  readonly authorization: string | undefined
  readonly cookies: Readonly<Record<string, string | undefined>>
}

/** One way to be known. `undefined`: it was not tried; `null`: it was, in vain. */
export type Way = (shown: Shown) => Promise<Caller | null | undefined>

/** The first way that a caller tries decides. */
export async function authenticate(ways: readonly Way[], shown: Shown): Promise<Caller | undefined> {
  for (const way of ways) {
    const caller = await way(shown)
    if (caller !== undefined) return caller ?? undefined
  }
  return undefined
}

/** Sessions that were ended before their time. */
export interface Ended {
  has(session: string): boolean
}

export const cookieName = (key: Buffer): string => `bullion-${keyId(key)}`

/** A script with a token of `bullion token`. */
export const bearerWay =
  (ring: KeyRing, ended: Ended, now: () => number): Way =>
  async ({ authorization }) => {
    if (authorization === undefined) return undefined
    const [, token] = /^Bearer +([\w.-]+)$/i.exec(authorization) ?? []
    const claims = token === undefined ? undefined : readSigned(await ring.key(), 'token', token, now())
    if (!claims || ended.has(claims.id)) return null
    return { name: 'a script', by: 'bearer', session: claims.id, ...all(claims.expiresAt) }
  }

/** A browser that opened a link of `bullion link`. */
export const cookieWay =
  (ring: KeyRing, ended: Ended, now: () => number): Way =>
  async ({ cookies }) => {
    const key = await ring.key()
    const cookie = cookies[cookieName(key)]
    if (cookie === undefined) return undefined
    const claims = readSigned(key, 'session', cookie, now())
    if (!claims || ended.has(claims.id)) return null
    return { name: 'this machine', by: 'cookie', session: claims.id, ...all(claims.expiresAt) }
  }

// Whoever may read the secret of a home may do all with it.
const all = (expiresAt: number) => ({ expiresAt, scopes })

/** Throws a `Refusal` where the caller may not do it. */
export function refuseScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.includes(scope)) return
  throw new Refusal(
    403,
    'scope.missing',
    `this asks for the scope "${scope}", the caller has ${caller.scopes.join(', ')}`,
  )
}
