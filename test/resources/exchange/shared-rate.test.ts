import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '#pipeline'
import { sharedRate } from '../../../resources/exchange/shared-rate.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

const hour = 3_600_000

test('a machine that slept waits no longer than the others for a budget that is paused', async () => {
  const store = sqliteStore(join(temporaryFolder(), 'store.sqlite'))
  onTestFinished(() => store.close())
  let at = Date.parse('2024-01-01T00:00:00Z')
  const openBucket = await sharedRate({ ...store, now: async () => at })
  const bucket = openBucket({ name: 'spot', perMinute: 1_200, burst: 100 })
  const before = Date.now()
  await bucket.take(1, before)
  // Its steady clock stands still meanwhile, and the store's does not.
  at += hour
  await store.pauseRate('spot', at + 60_000)

  await bucket.take(1, before + hour)

  expect(bucket.pausedMs(before + hour)).toBeGreaterThan(50_000)
  expect(bucket.pausedMs(before + hour)).toBeLessThanOrEqual(60_000)
})
