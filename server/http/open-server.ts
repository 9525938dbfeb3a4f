import type { AddressInfo } from 'node:net'
import fastifyCompress from '@fastify/compress'
import fastifyRateLimit from '@fastify/rate-limit'
import { bearerWay, cookieWay } from '../auth/callers.ts'
import type { KeyRecord } from '../auth/key.ts'
import { keyRing } from '../auth/key.ts'
import { endedSessions, linkDesk, linkPath } from '../auth/links.ts'
import { ownHosts } from '../auth/origin.ts'
import type { LiveHub } from '../live/hub.ts'
import type { Served } from '../served.ts'
import { Refusal } from '../served.ts'
import { addDocs } from './docs.ts'
import type { AllHandlers } from './endpoints.ts'
import { addEndpoints, root } from './endpoints.ts'
import { addEtags } from './etag.ts'
import { addGuard, callerOf } from './guard.ts'
import { addHealth } from './health.ts'
import { addLive } from './live.ts'
import { addLogin, sessionAnswers } from './login.ts'
import { closeApp, openApp } from './open-app.ts'
import { addOpenApi } from './openapi.ts'
import { addOtherMethods, notePaths } from './other-methods.ts'
import { addWebUi } from './web-ui.ts'

export interface ServerOptions {
  readonly served: Served
  readonly live: LiveHub
  /** An address of this machine alone; 0 is any port that is free. */
  readonly host: string
  readonly port: number
  /** Where the secret of its links, sessions and tokens is kept. */
  readonly key: KeyRecord
  /** The pages, as they were built. */
  readonly webFolder: string
  /** It changes nothing, whoever asks. */
  readonly isReadOnly?: boolean
  /** Other names that it is called by, such as "bullion.example" or "bullion.example:8080". */
  readonly names?: readonly string[]
  /** Hears of what went wrong; the caller does not. */
  readonly onTrouble: (error: unknown) => void
  /** Who answers what, if not the usual ones. */
  readonly handlers?: AllHandlers
  /** For tests: whether each answer is held against the contract. */
  readonly checksAnswers?: boolean
  /** Requests of one caller in ten seconds. */
  readonly mostRequests?: number
  readonly now?: () => number
}

export interface OpenServer {
  readonly port: number
  readonly url: string
  /** A path of ours as a link that lets a browser in, once. */
  link(next?: string): Promise<string>
  /** Ends the streams, lets answers under way end, for a moment. */
  close(): Promise<void>
}

/** The HTTP door: the pages, the API and its documentation, behind the gate. */
export async function openServer(options: ServerOptions): Promise<OpenServer> {
  refuseOtherMachines(options.host)
  const { served, live, now = Date.now } = options
  const ring = keyRing(options.key)
  await ring.key()
  const ended = endedSessions(now)
  const ways = [bearerWay(ring, ended, now), cookieWay(ring, ended, now)]
  const app = openApp(options)
  let hosts: ReadonlySet<string> = new Set()
  let url = ''
  addGuard(app, { ring, ways, hosts: () => hosts, isReadOnly: options.isReadOnly ?? false })
  addEtags(app)
  notePaths(app)
  await app.register(fastifyCompress, { encodings: ['br', 'gzip'], threshold: 1_024 })
  await app.register(fastifyRateLimit, {
    max: options.mostRequests ?? 3_000,
    timeWindow: 10_000,
    keyGenerator: ({ caller, ip }) => caller?.session ?? ip,
    errorResponseBuilder: (_, { max, after }) =>
      new Refusal(429, 'rate.exceeded', `more than ${max} requests of one caller; ask again in ${after}`),
  })
  await addOpenApi(app, served.about)
  app.register(async (inside) => {
    addHealth(inside, { check: () => served.engine.check() })
    addLogin(inside, { ring, ways, desk: linkDesk(ring, now) })
    addEndpoints(inside, served, sessionAnswers(ring, ended), options.handlers)
    addLive(inside, {
      hub: live,
      url: `${root}/live`,
      isKnown: async (request) => (await callerOf(ways, request)) !== undefined,
    })
    addDocs(inside, { name: served.about.name, url: () => url })
    addOtherMethods(inside)
    await addWebUi(inside, options.webFolder)
  })
  try {
    await app.listen({ host: options.host, port: options.port })
  } catch (error) {
    await app.close()
    throw error
  }
  const { port } = app.server.address() as AddressInfo
  hosts = ownHosts(port, options.names)
  url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  return { port, url, link: async (next) => url + (await linkPath(ring, next, now())), close: () => closeApp(app) }
}

function refuseOtherMachines(host: string): void {
  if (['127.0.0.1', '::1', 'localhost'].includes(host)) return
  throw new Refusal(
    400,
    'host.unsafe',
    `the pages are for this machine alone until people can be told apart: expected host 127.0.0.1 or ::1, got "${host}"; reach them from elsewhere through ssh -L`,
  )
}
