/** Whether a request comes from where it says, and from a page of ours. */

import { Refusal } from '../served.ts'

export interface Origin {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `sec-fetch-site` and `sec-fetch-mode`, which a page can not forge; other programs send none. */
  readonly site: string | undefined
  readonly mode: string | undefined
}

/** The names this server is called by, with its port. */
export const ownHosts = (port: number, names: readonly string[] = []): ReadonlySet<string> =>
  new Set([...['127.0.0.1', 'localhost', '[::1]'].flatMap((name) => withPort(name, port)), ...names.map(lower)])

const withPort = (name: string, port: number) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]
const lower = (text: string) => text.toLowerCase()

const isSafe = (method: string) => method === 'GET' || method === 'HEAD'

/** A page of the internet may have its own name lead here; a browser then still says that name. Throws a `Refusal`. */
export function refuseOtherHost({ host }: Origin, hosts: ReadonlySet<string>): void {
  if (host !== undefined && hosts.has(lower(host))) return
  const expected = [...hosts].map((name) => `"${name}"`).join(' or ')
  throw new Refusal(403, 'host.unknown', `expected the header "host" to be ${expected}, got "${host ?? ''}"`)
}

/** What pages of others send, but for opening a page of ours. Throws a `Refusal`. */
export function refuseOtherSite(from: Origin, hosts: ReadonlySet<string>, of: { readonly isPage: boolean }): void {
  const { origin, site = 'none', mode, method } = from
  if (site !== 'none' && site !== 'same-origin' && !(of.isPage && mode === 'navigate' && isSafe(method))) {
    throw new Refusal(403, 'site.other', `this is answered to pages of this server only, not to one that is "${site}"`)
  }
  if (origin === undefined || isOwn(origin, hosts)) return
  // Of a safe method it would be harmless: no other page may read the answer. It is no request of ours, though.
  throw new Refusal(403, 'origin.other', `this is answered to pages of this server only, not to "${origin}"`)
}

/** An origin leaves out the usual port of its protocol; "null" and what else is no address is nobody's. */
function isOwn(origin: string, hosts: ReadonlySet<string>): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname, port, host } = new URL(origin)
  const usual = { 'http:': '80', 'https:': '443' }[protocol]
  return usual !== undefined && (hosts.has(host) || hosts.has(`${hostname}:${port || usual}`))
}
