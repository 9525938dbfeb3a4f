import { createHash } from 'node:crypto'
import type { Condition } from '../define/condition.ts'
import { partsOf } from '../define/condition.ts'
import type { Cron } from '../define/cron.ts'
import { cronOf } from '../define/cron.ts'

/** What a condition comes to, worked out once for each. */
export interface Compiled {
  /** The same for the same condition, whatever it and its parts are called. */
  readonly id: string
  /** All that occur in it. */
  readonly crons: readonly Cron[]
}
const known = new WeakMap<Condition, Compiled>()

export function compiled(condition: Condition): Compiled {
  let found = known.get(condition)
  if (!found) {
    const parts = partsOf(condition).map(compiled)
    const own = { ...condition, label: undefined, of: parts.map(({ id }) => id), reset: undefined }
    const id = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 12)
    const crons = condition.type === 'cronTickPassed' ? [cronOf(condition.cron, condition.timezone)] : []
    found = { id, crons: [...crons, ...parts.flatMap((part) => part.crons)] }
    known.set(condition, found)
  }
  return found
}
