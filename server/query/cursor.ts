import { Refusal } from '../served.ts'

/** A cursor that is a number. */
export function numberIn(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw malformedCursor(cursor)
}

export const malformedCursor = (cursor: string): Refusal =>
  new Refusal(400, 'cursor.malformed', `expected the "next" of the page before as the cursor, got "${cursor}"`)

export const nextOf = (next: number | undefined): string | null => (next === undefined ? null : String(next))
