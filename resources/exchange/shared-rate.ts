import type { RunStore } from '#pipeline'
import { storeClock } from '#pipeline'
import type { OpenBucket } from './rate-limit.ts'

/** A steady clock stands still while its machine sleeps, and drifts by seconds a day. */
const syncMs = 10_000

/** Budgets that all processes of a store spend together: the exchange counts them by address, not by process. */
export async function sharedRate(store: RunStore): Promise<OpenBucket> {
  const clock = storeClock(store)
  await clock.sync()
  let syncedAt = Date.now()
  return ({ name, perMinute, burst }) => {
    let pausedMs = 0
    let heardAt = 0
    const left = (now: number) => Math.max(0, heardAt + pausedMs - now)
    return {
      async take(weight, now) {
        if (now - syncedAt > syncMs) {
          syncedAt = now
          await clock.sync()
        }
        const taken = await store.takeRate({ name, perMinute, burst, weight, now: clock.now() })
        if (taken.pausedMs > left(now)) {
          pausedMs = taken.pausedMs
          heardAt = now
        }
        return taken.waitMs
      },
      pause(until) {
        // In ms of whoever says so; the store counts by its own clock.
        const now = Date.now()
        pausedMs = Math.max(left(now), until - now)
        heardAt = now
        // Should the store not hear of it, the others are told by the exchange itself.
        store.pauseRate(name, clock.now() + until - now).catch(() => undefined)
      },
      pausedMs: left,
    }
  }
}
