import { Cron } from 'croner'

/** The first firing of `cron` after `after`, or `undefined` if there is none. Throws on a malformed expression. */
export function nextFiring(cron: string, timezone: string, after: Date): Date | undefined {
  return new Cron(cron, { timezone, mode: '5-part' }).nextRun(after) ?? undefined
}

/** The newest firing in (`after`, `now`]: what a loop that woke up at `now` has still to decide. */
export function latestFiring(cron: string, timezone: string, after: Date, now: Date): Date | undefined {
  const pattern = new Cron(cron, { timezone, mode: '5-part' })
  let latest: Date | undefined
  for (let next = pattern.nextRun(after); next && next <= now; next = pattern.nextRun(next)) latest = next
  return latest
}
