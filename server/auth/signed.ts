import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** What a signed text is good for. One is never taken for another. */
export type SignedKind = 'link' | 'session' | 'token'

const Claims = z.strictObject({ id: z.string(), issuedAt: z.int(), expiresAt: z.int() })
export type Claims = z.output<typeof Claims>

export const newClaims = (now: number, lastsMs: number): Claims => ({
  id: randomBytes(16).toString('base64url'),
  issuedAt: now,
  expiresAt: now + lastsMs,
})

/** Claims that only who has the key can have written. */
export function sign(key: Buffer, kind: SignedKind, claims: Claims): string {
  const text = `${kind}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${text}.${mac(key, text).toString('base64url')}`
}

/** What a text of ours says, if it is one, of this kind, and not over. */
export function readSigned(key: Buffer, kind: SignedKind, text: string, now: number): Claims | undefined {
  const [said, payload, signature, ...rest] = text.split('.')
  if (said !== kind || payload === undefined || signature === undefined || rest.length > 0) return undefined
  if (!isSame(mac(key, `${said}.${payload}`), Buffer.from(signature, 'base64url'))) return undefined
  const claims = Claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  return claims.success && now < claims.data.expiresAt ? claims.data : undefined
}

/** What a page of ours knows and a page of others does not: a word a session. */
export const csrfToken = (key: Buffer, session: string): string => mac(key, `csrf.${session}`).toString('base64url')

export const isCsrfToken = (key: Buffer, session: string, given: string): boolean =>
  isSame(mac(key, `csrf.${session}`), Buffer.from(given, 'base64url'))

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

// In the same time wherever they differ.
const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
