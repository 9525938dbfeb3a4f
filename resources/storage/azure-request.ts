import { setTimeout as delay } from 'node:timers/promises'
import { StorageError } from './port.ts'

export interface Patience {
  /** Time of one try; a request that moves bytes gets 4 seconds a MB on top of it. */
  readonly tryMs: number
  /** Time of one request with all its tries and the waits between them. */
  readonly totalMs: number
}

export interface Request<T> {
  /** What is asked, for people: `write https://…`. */
  readonly what: string
  /** Bytes on their way. */
  readonly bytes?: number
  readonly signal?: AbortSignal | undefined
  /** One try. Nothing may be half done by one that fails. */
  readonly send: (signal: AbortSignal) => Promise<T>
  /** Codes of refusals that are an answer too, and what they mean. */
  readonly unless?: Readonly<Record<string, T>>
}

/** Sends a request until it is answered, refused, or out of time. Throws `StorageError`. */
export type Ask = <T>(request: Request<T>) => Promise<T>

/** `redact` takes the secrets out of a text. */
export function asking({ tryMs, totalMs }: Patience, redact: (text: string) => string): Ask {
  return async ({ what, bytes = 0, signal, send, unless = {} }) => {
    const until = Date.now() + totalMs
    for (let tries = 1; ; tries++) {
      signal?.throwIfAborted()
      const late = AbortSignal.timeout(Math.max(1, Math.min(tryMs + Math.ceil(bytes / 256), until - Date.now())))
      try {
        return await send(signal ? AbortSignal.any([signal, late]) : late)
      } catch (error) {
        signal?.throwIfAborted()
        const refusal = refusalOf(error, late.aborted)
        if (refusal === undefined) throw error
        const { code } = refusal
        if (code !== undefined && code in unless) return unless[code]!
        const waitMs = waitAfter(refusal, tries)
        if (!isPassing(refusal) || Date.now() + waitMs >= until) throw failure(what, refusal, tries, waitMs, redact)
        await delay(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
      }
    }
  }
}

/** An answer that ended before it was whole. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

interface Refusal {
  /** Undefined if there was no answer. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly said: string
  readonly retryAfter: string | undefined
}

interface RestError extends Error {
  readonly statusCode?: number
  readonly code?: string
  readonly details?: { readonly errorCode?: string }
  readonly response?: { readonly headers: { get(name: string): string | undefined } }
}

/** Errors of who is asked for a token. */
const ofLogin = /^((Aggregate)?AuthenticationError|CredentialUnavailableError)$/

/** What the server said, or that it did not; undefined for an error that is none of it. */
function refusalOf(thrown: unknown, isLate: boolean): Refusal | undefined {
  const error = thrown as RestError
  const headers = error.response?.headers
  const status = error.statusCode
  if (isLate && status === undefined)
    return { status, code: undefined, said: 'no answer in time', retryAfter: undefined }
  if (ofLogin.test(error.name)) {
    return { status: 401, code: error.name, said: error.message.split('\n', 1)[0]!, retryAfter: undefined }
  }
  const isOfNetwork = /^(RestError|BrokenOff)$/.test(error.name) || /^E[A-Z_]+$/.test(error.code ?? '')
  if (!isOfNetwork) return
  return {
    status,
    code: headers?.get('x-ms-error-code') ?? error.details?.errorCode ?? error.code,
    said: error.message.split('\n', 1)[0]!,
    retryAfter: headers?.get('retry-after'),
  }
}

const isPassing = ({ status }: Refusal): boolean =>
  status === undefined || status === 408 || status === 429 || status >= 500

/** Milliseconds: what the server asks for, or else longer each time; never at the same moment as everybody else. */
function waitAfter({ retryAfter }: Refusal, tries: number): number {
  const jitter = Math.random()
  if (retryAfter !== undefined) {
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now()
    if (Number.isFinite(ms)) return Math.max(0, ms) + jitter * 250
  }
  return Math.min(100 * 2 ** tries, 10_000) * (0.5 + jitter / 2)
}

function failure(
  what: string,
  { status, code, said, retryAfter }: Refusal,
  tries: number,
  waitMs: number,
  redact: (text: string) => string,
): StorageError {
  const got = status === undefined ? `no answer (${said})` : `${status} ${code ?? ''}: ${said}`
  const times = tries === 1 ? '' : ` after ${tries} tries`
  const asked = retryAfter === undefined ? '' : `; it asks to wait ${Math.ceil(waitMs / 1_000)} s`
  return new StorageError(
    redact(`could not ${what}: expected success, got ${got}${times}${asked}; ${advice(status, code)}`),
    code,
  )
}

function advice(status: number | undefined, code: string | undefined): string {
  if (code === 'ContainerNotFound') return 'create the container, or correct the URL'
  if (code !== undefined && ofLogin.test(code)) {
    return 'give an account key or a SAS, or log this machine in'
  }
  if (status === 401 || status === 403) return 'check the account key, SAS or role, what it allows and until when'
  if (status === undefined || isPassing({ status, code, said: '', retryAfter: undefined })) {
    return 'check that the server is reachable, and try again'
  }
  return 'look the code up in the error codes of Azure Blob Storage'
}
