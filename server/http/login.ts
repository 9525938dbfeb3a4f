import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Way } from '../auth/callers.ts'
import { cookieName } from '../auth/callers.ts'
import type { KeyRing } from '../auth/key.ts'
import type { LinkDesk } from '../auth/links.ts'
import { safeNext } from '../auth/links.ts'
import { csrfToken } from '../auth/signed.ts'
import type { Answers } from './endpoints.ts'
import { callerOf } from './guard.ts'
import { doorStyle } from './page-style.ts'
import { loginPage } from './pages.ts'

/** Turns a link into a session, or says where links come from. */
export function addLogin(
  app: FastifyInstance,
  { ring, desk, ways }: { readonly ring: KeyRing; readonly desk: LinkDesk; readonly ways: readonly Way[] },
): void {
  app.get(
    '/login',
    { config: { door: 'open', rateLimit: { max: 60, timeWindow: 60_000 } }, schema: { hide: true } },
    async (request, reply) => {
      const { token, next } = request.query as { readonly token?: unknown; readonly next?: unknown }
      // Programs that preview links ask for their head: that must not use them up.
      const session = typeof token === 'string' && request.method === 'GET' ? await desk.redeem(token) : undefined
      if (session) {
        reply.setCookie(cookieName(await ring.key()), session.session, {
          ...cookieOptions(request),
          expires: new Date(session.expiresAt),
        })
      }
      // Who opens a used link again is let in by what it gave before.
      if (session || (await callerOf(ways, request))) {
        return reply.code(303).header('location', safeNext(next)).send()
      }
      return reply
        .code(401)
        .type('text/html; charset=utf-8')
        .send(loginPage(token !== undefined))
    },
  )
  app.get('/door.css', { config: { door: 'open' }, schema: { hide: true } }, async (_, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(doorStyle),
  )
}

const cookieOptions = ({ protocol }: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: protocol === 'https' }) as const

/** What the server itself answers of the contract. */
export const sessionAnswers = (
  ring: KeyRing,
  ended: { add(session: string, expiresAt: number | null): void },
): { readonly session: Answers; readonly logout: Answers } => ({
  async session(_, __, { caller }) {
    const { name, session, expiresAt, scopes } = caller!
    return { caller: name, csrfToken: csrfToken(await ring.key(), session), expiresAt, scopes: [...scopes] }
  },
  async logout(_, __, request, reply) {
    const { by, session, expiresAt } = request.caller!
    ended.add(session, expiresAt)
    if (by === 'cookie') reply.clearCookie(cookieName(await ring.key()), cookieOptions(request))
    return {}
  },
})
