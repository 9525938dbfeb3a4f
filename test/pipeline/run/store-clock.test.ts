import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunStore } from '#pipeline'
import { storeClock } from '#pipeline'

/** Its clock is so far ahead of that of this machine, and an answer takes so long. */
function clockOver(store: { aheadMs: number; lateMs: number }) {
  const now = async () => {
    // As from a store that has come back: what waited is answered with the time of then.
    await sleep(store.lateMs)
    return Date.now() + store.aheadMs
  }
  return storeClock({ now } as RunStore)
}

const away = (clock: { now(): number }) => Math.round(clock.now() - Date.now())

test('the clock is that of the store, to what an answer takes', async () => {
  const store = { aheadMs: 3_600_000, lateMs: 0 }
  const clock = clockOver(store)
  await clock.sync()
  expect(Math.abs(away(clock) - 3_600_000)).toBeLessThan(50)

  store.aheadMs = -3_600_000
  await clock.sync()
  expect(Math.abs(away(clock) + 3_600_000)).toBeLessThan(50)
})

test('an answer that was long in coming does not put the clock wrong by half of that time', async () => {
  const store = { aheadMs: 500, lateMs: 0 }
  const clock = clockOver(store)
  await clock.sync()
  store.lateMs = 400

  await Promise.all([clock.sync(), clock.sync()])

  expect(Math.abs(away(clock) - 500)).toBeLessThan(50)
})
