import { setTimeout as delay } from 'node:timers/promises'

/** A request to the Hub that has finally failed. Its message never holds the token. */
export class HubFailure extends Error {
  override readonly name = 'HubFailure'
  /** Undefined if there was no answer. */
  readonly status: number | undefined
  /** `RepoNotFound`, `RevisionNotFound`, …, as the Hub names it. */
  readonly code: string | undefined

  constructor(message: string, status?: number, code?: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface HubFetchOptions {
  readonly hubUrl: string
  readonly token: string
  readonly signal: AbortSignal
  /** Time of one attempt, on top of which each MB of a body gets 4 seconds. */
  readonly timeoutMs?: number
}

const attempts = 6
const longestWaitMs = 300_000

/**
 * A `fetch` that ends well or throws `HubFailure`: it bounds each attempt in time and repeats what may be repeated.
 *
 * The token goes to the Hub's own origin and nowhere else, whatever a link or redirect says. A commit is repeated after
 * 429 only, which refused it; after any other fault nobody knows whether it was made, and the caller has to look.
 */
export function hubFetch(options: HubFetchOptions): typeof fetch {
  const redact = (text: string) => text.replaceAll(options.token, '[token]')
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const isCommit = isCommitRequest(url, init)
    for (let attempt = 1; ; attempt++) {
      options.signal.throwIfAborted()
      const answer = await follow(url, init, options).catch((error: unknown) => {
        options.signal.throwIfAborted()
        init.signal?.throwIfAborted()
        return error as Error
      })
      const isAnswer = answer instanceof Response
      if (isAnswer && answer.ok) return answer
      const waitMs = waitBefore(attempt, isAnswer ? answer : undefined)
      const isWorthIt = !isAnswer ? isOfNetwork(answer) && !isCommit : isPassing(answer.status, isCommit)
      if (!isWorthIt || attempt === attempts || waitMs > longestWaitMs) {
        throw isAnswer ? await refusal(url, init, answer, redact) : noAnswer(url, init, answer, redact)
      }
      if (isAnswer) await answer.body?.cancel()
      await delay(waitMs, undefined, { signal: options.signal })
    }
  }
}

/** Whether this request makes a commit, which must not be made twice. */
export const isCommitRequest = (url: string, init?: RequestInit): boolean =>
  init?.method === 'POST' && /\/api\/datasets\/[^/]+\/[^/]+\/commit\//.test(url)

const isPassing = (status: number, isCommit: boolean): boolean =>
  status === 429 || (!isCommit && (status === 408 || status >= 500))

/** Rather than a mistake of ours, which would fail in the same way again. */
const isOfNetwork = (error: Error): boolean =>
  error.name === 'TimeoutError' || (error instanceof TypeError && error.cause !== undefined && !isOfFile(error))

/** Node reads no further in a file that was touched since it was opened. */
const isOfFile = (error: Error): boolean => error.cause instanceof Error && error.cause.name === 'NotReadableError'

/** By hand, because the token must not follow to another origin. */
async function follow(url: string, init: RequestInit, options: HubFetchOptions): Promise<Response> {
  const timeoutMs = (options.timeoutMs ?? 60_000) + Math.ceil(bodyBytes(init.body) / 256)
  const signals = [options.signal, AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]
  const signal = AbortSignal.any(signals)
  const isRead = init.method === undefined || init.method === 'GET' || init.method === 'HEAD'
  // What is sent follows 307 and 308 only: the others would turn it into a GET that seems to have gone well.
  const followed = isRead ? [301, 302, 303, 307, 308] : [307, 308]
  let at = new URL(url)
  for (let hop = 0; hop < 5; hop++) {
    const headers = new Headers(init.headers)
    headers.delete('authorization')
    if (at.origin === new URL(options.hubUrl).origin) headers.set('authorization', `Bearer ${options.token}`)
    const answer = await fetch(at, { ...init, headers, signal, redirect: 'manual' })
    const location = answer.headers.get('location')
    if (!followed.includes(answer.status) || location === null) return answer
    await answer.body?.cancel()
    at = new URL(location, at)
  }
  throw new Error('redirected more than 5 times')
}

function bodyBytes(body: RequestInit['body']): number {
  if (body instanceof Blob) return body.size
  return typeof body === 'string' ? body.length : 0
}

/** Milliseconds: what the Hub asks for, or else longer each time; never at the same moment as everybody else. */
function waitBefore(attempt: number, answer: Response | undefined): number {
  const random = Math.random()
  const asked = answer && askedWait(answer.headers)
  if (asked !== undefined) return asked * 1_000 + random * 250
  return Math.min(80 * 3 ** attempt, 20_000) * (0.5 + random / 2)
}

/** Seconds; `Retry-After` may be a date, and `RateLimit` says `t=` when nothing is left. */
function askedWait(headers: Headers): number | undefined {
  const after = headers.get('retry-after')
  if (after !== null) {
    const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1_000
    if (Number.isFinite(seconds)) return Math.max(0, seconds)
  }
  const limit = headers.get('ratelimit')
  if (limit === null || !/\br=0\b/.test(limit)) return
  const reset = /\bt=(\d+)/.exec(limit)?.[1]
  return reset === undefined ? undefined : Number(reset)
}

type Redact = (text: string) => string

async function refusal(url: string, init: RequestInit, answer: Response, redact: Redact): Promise<HubFailure> {
  const said = await answer.text().catch(() => '')
  const text = `${nameOf(url, init)} was answered ${answer.status}: ${sentenceIn(said)}`
  return new HubFailure(redact(text), answer.status, answer.headers.get('x-error-code') ?? undefined)
}

function noAnswer(url: string, init: RequestInit, error: Error, redact: Redact): HubFailure {
  if (isOfFile(error)) return new HubFailure(`${nameOf(url, init)} was not sent: its file changed while it was read`)
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return new HubFailure(redact(`${nameOf(url, init)} got no answer: ${error.message}${cause}`))
}

// Without the query: upload addresses are signed there.
const nameOf = (url: string, init: RequestInit): string => `${init.method ?? 'GET'} ${url.split('?')[0]}`

function sentenceIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    if (typeof error === 'string') return error
  } catch {
    // Not every answer is JSON: then its text is the sentence.
  }
  return body.slice(0, 300) || 'nothing more was said'
}
