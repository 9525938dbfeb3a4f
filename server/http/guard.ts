import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller, Way } from '../auth/callers.ts'
import { authenticate, refuseScope } from '../auth/callers.ts'
import type { KeyRing } from '../auth/key.ts'
import { refuseOtherHost, refuseOtherSite } from '../auth/origin.ts'
import { isLooking, scopeOf } from '../auth/scopes.ts'
import { isCsrfToken } from '../auth/signed.ts'
import type { EndpointName } from '../contract/paths.ts'
import { Refusal } from '../served.ts'
import { continuePage } from './pages.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `open` is answered to anyone; a `page` sends who is not known to the login; absent: for callers that are known. */
    door?: 'open' | 'page'
    endpoint?: EndpointName
    /** A path that is known, asked by another method than these. */
    allow?: string
  }
  interface FastifyRequest {
    /** Who asks; of an open door nobody is known. */
    caller: Caller | undefined
  }
}

export interface Gate {
  readonly ring: KeyRing
  readonly ways: readonly Way[]
  /** Names and ports this server is called by, once it has a port. */
  readonly hosts: () => ReadonlySet<string>
  readonly isReadOnly: boolean
}

/** Stands in front of everything: who asks, from where, and whether they may. */
export function addGuard(app: FastifyInstance, gate: Gate): void {
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions
    const isPage = config.door === 'open' || (config.door === 'page' && isPagePath(request.url))
    const from = {
      method: request.method,
      host: request.headers.host,
      origin: request.headers.origin,
      site: oneOf(request.headers['sec-fetch-site']),
      mode: oneOf(request.headers['sec-fetch-mode']),
    }
    refuseOtherHost(from, gate.hosts())
    refuseOtherSite(from, gate.hosts(), { isPage })
    // Whether a process lives is answered also while what it would ask of callers is out of reach.
    if (config.door === 'open') return
    const caller = await callerOf(gate.ways, request)
    request.caller = caller
    if (!caller) return isPage ? toLogin(request, reply, from.site) : refuseUnknown(reply)
    if (config.allow !== undefined) {
      reply.header('allow', config.allow)
      throw new Refusal(405, 'method.unknown', `expected ${config.allow} here, got ${request.method}`)
    }
    if (request.is404) return
    const { endpoint } = config
    if (endpoint !== undefined) {
      refuseScope(caller, scopeOf[endpoint])
      if (gate.isReadOnly && !isLooking(endpoint)) {
        throw new Refusal(403, 'read-only', 'this server only shows; it was started with --read-only')
      }
    }
    if (request.method === 'GET' || request.method === 'HEAD') return
    refuseOtherThanJson(request.headers['content-type'])
    if (caller.by === 'cookie') await refuseForged(request, caller, gate.ring)
  })
}

export const callerOf = (ways: readonly Way[], { headers, cookies }: FastifyRequest): Promise<Caller | undefined> =>
  authenticate(ways, { authorization: headers.authorization, cookies })

const oneOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.[0]

/** Pages are opened by people; files and answers are asked for by programs. */
export const isPagePath = (url: string): boolean => {
  const [path = ''] = url.split('?', 1)
  return !/^\/api(\/|$)/.test(path) && !/\.\w+$/.test(path)
}

function refuseUnknown(reply: FastifyReply): never {
  reply.header('www-authenticate', 'Bearer')
  throw new Refusal(
    401,
    'caller.unknown',
    'expected a session or a token; open what "bullion link" prints, or send one of "bullion token" as authorization: Bearer …',
  )
}

function toLogin(request: FastifyRequest, reply: FastifyReply, site: string | undefined): FastifyReply {
  const login = `/login${request.url === '/' ? '' : `?${new URLSearchParams({ next: request.url })}`}`
  // A browser leaves a strict cookie out where a page of others led here; what our own page leads to is sent it.
  if (site === 'cross-site' || site === 'same-site') {
    return reply.type('text/html; charset=utf-8').send(continuePage(login))
  }
  return reply.code(303).header('location', login).send()
}

// A form of another page can send anything but this without asking first.
function refuseOtherThanJson(type: string | undefined): void {
  if (type !== undefined && /^application\/json\s*(;|$)/i.test(type)) return
  throw new Refusal(415, 'body.not-json', `expected content-type "application/json", got "${type ?? ''}"`)
}

async function refuseForged({ headers }: FastifyRequest, { session }: Caller, ring: KeyRing): Promise<void> {
  const given = headers['x-csrf-token']
  if (typeof given === 'string' && isCsrfToken(await ring.key(), session, given)) return
  throw new Refusal(
    403,
    'csrf.missing',
    'a change from a browser brings the token of its session along: expected the header "x-csrf-token" as GET /api/v1/session says',
  )
}
