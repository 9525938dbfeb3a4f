import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a signed text is good for. One is never taken for another. */
export type SignedKind = 'link' | 'session' | 'token'

export interface Claims {
  /** Of this text alone. */
  readonly id: string
  /** ms. */
  readonly issuedAt: number
  readonly expiresAt: number
}

export const newClaims = (now: number, lastsMs: number): Claims => ({
  id: randomBytes(16).toString('base64url'),
  issuedAt: now,
  expiresAt: now + lastsMs,
})

/** Claims that only who has the key can have written; short, since people see it. */
export function sign(key: Buffer, kind: SignedKind, { id, issuedAt, expiresAt }: Claims): string {
  const text = [kind, id, issuedAt.toString(36), expiresAt.toString(36)].join('.')
  return `${text}.${mac(key, text).toString('base64url')}`
}

/** What a text of ours says, if it is one, of this kind, and not over. */
export function readSigned(key: Buffer, kind: SignedKind, text: string, now: number): Claims | undefined {
  const end = text.lastIndexOf('.')
  const said = text.slice(0, Math.max(0, end))
  if (!isSame(mac(key, said), Buffer.from(text.slice(end + 1), 'base64url'))) return undefined
  const [isOf, id, issuedAt, expiresAt] = said.split('.') as [string, string, string, string]
  const claims = { id, issuedAt: Number.parseInt(issuedAt, 36), expiresAt: Number.parseInt(expiresAt, 36) }
  return isOf === kind && now < claims.expiresAt ? claims : undefined
}

/** What a page of ours knows and a page of others does not: a word a session. */
export const csrfToken = (key: Buffer, session: string): string => mac(key, `csrf.${session}`).toString('base64url')

export const isCsrfToken = (key: Buffer, session: string, given: string): boolean =>
  isSame(mac(key, `csrf.${session}`), Buffer.from(given, 'base64url'))

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

// In the same time wherever they differ.
const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
