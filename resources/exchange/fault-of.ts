/** What a failed call means: from ccxt's error, the HTTP refusal and the time to one fault of ours. */

import { NotJson, type Refusal } from './ccxt.ts'
import type { ExchangeFault } from './port.ts'

export interface Diagnosis {
  readonly fault: ExchangeFault
  readonly got: string
  readonly retryAfterMs?: number | undefined
}

const byStatus: Readonly<Record<number, ExchangeFault>> = { 418: 'banned', 429: 'rate-limited' }

/** ccxt's error classes, the particular before the general. */
const byClass: readonly (readonly [name: string, fault: ExchangeFault])[] = [
  ['BadSymbol', 'bad-market'],
  ['RequestTimeout', 'timeout'],
  ['DDoSProtection', 'rate-limited'],
  ['InvalidNonce', 'clock'],
  ['NetworkError', 'unavailable'],
  ['OperationFailed', 'bad-response'],
  ['BaseError', 'bad-request'],
]

/** Names the fault of `error`; `refusal` is the HTTP answer behind it, if there was one, `now` the time in ms. */
export function faultOf(
  error: unknown,
  on: { readonly refusal: Refusal | undefined; readonly timeoutMs: number; readonly now: number },
): Diagnosis {
  const { refusal, timeoutMs, now } = on
  if (refusal) {
    const fault = byStatus[refusal.status] ?? (refusal.status >= 500 ? 'unavailable' : classFault(error))
    return { fault, got: refusalText(refusal), retryAfterMs: retryAfterMs(refusal, now) }
  }
  if (error instanceof NotJson) {
    return {
      fault: 'bad-response',
      got: `${error.message.length} characters that are no JSON: ${short(error.message)}`,
    }
  }
  const names = classNames(error)
  if (names.includes('RequestTimeout') || ['TimeoutError', 'AbortError'].includes(nameOf(error))) {
    return { fault: 'timeout', got: `no complete answer within ${timeoutMs} ms` }
  }
  // A socket that breaks while the body arrives is undici's own error: ccxt has not wrapped it.
  const fault = names.includes('BaseError') ? classFault(error) : 'bad-response'
  return { fault, got: error instanceof Error ? short(error.message) : short(String(error)) }
}

function classFault(error: unknown): ExchangeFault {
  const names = classNames(error)
  return byClass.find(([name]) => names.includes(name))?.[1] ?? 'bad-response'
}

function classNames(error: unknown): readonly string[] {
  const names: string[] = []
  for (let proto = Object.getPrototypeOf(Object(error)); proto; proto = Object.getPrototypeOf(proto)) {
    names.push(proto.constructor?.name)
  }
  return names
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

// The header counts seconds or names a date; Binance also writes the end of a ban (ms) into the message.
function retryAfterMs({ retryAfter, body }: Refusal, now: number): number | undefined {
  const until = /banned until (\d{13})/.exec(body)?.[1]
  if (retryAfter === undefined) return until === undefined ? undefined : Math.max(0, Number(until) - now)
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

function refusalText({ status, body, isHtml }: Refusal): string {
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1]
  if (isHtml) return `HTTP ${status} with an HTML page${title ? ` "${title.trim()}"` : ''}`
  return `HTTP ${status} ${short(body)}`
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
