import { cronOf } from './cron.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'

/** How new an asset has to be: made within `maxAge`; or made anew after each tick of a cron, `maxLag` after it at last. */
export type Freshness =
  | { readonly maxAge: Duration }
  | {
      /** Five fields: minute, hour, day of month, month, day of week. */
      readonly by: string
      /** IANA name; `UTC` if absent. */
      readonly timezone?: string
      readonly maxLag: Duration
    }

/** `unmade`: it was never made, so that nobody can say. */
export type FreshnessState = 'fresh' | 'late' | 'unmade'

/**
 * What an asset that was last made at `madeAt` is at `now`, both in ms. Throws `duration.malformed`, `cron.malformed` and
 * `timezone.unknown`.
 */
export function freshnessRule(freshness: Freshness): (madeAt: number | undefined, now: number) => FreshnessState {
  const isLate = 'maxAge' in freshness ? olderThan(freshness.maxAge) : missedTick(freshness)
  return (madeAt, now) => (madeAt === undefined ? 'unmade' : isLate(madeAt, now) ? 'late' : 'fresh')
}

type IsLate = (madeAt: number, now: number) => boolean

function olderThan(maxAge: Duration): IsLate {
  const ms = durationMs(maxAge)
  return (madeAt, now) => now - madeAt > ms
}

function missedTick({ by, timezone = 'UTC', maxLag }: Exclude<Freshness, { maxAge: Duration }>): IsLate {
  const cron = cronOf(by, timezone)
  const lagMs = durationMs(maxLag)
  return (madeAt, now) => {
    const due = cron.atOrBefore(now - lagMs)
    return due !== undefined && madeAt < due
  }
}
