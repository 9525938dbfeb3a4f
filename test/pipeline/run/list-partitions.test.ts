import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ShownStatus } from '#pipeline'
import { daily, defineAsset, everyPartition, listPartitions } from '#pipeline'
import { asking, engineOf, gate, make, newPlace } from './open-engine.ts'

const date = daily({ since: '2023-12-29' })
const output = z.strictObject({ n: z.int() })

/** Days of prices: one fails, one is refused by a check, one is under way until `open`. */
function prices(codeVersion: string, isStarted: () => void, passed: Promise<void>) {
  return defineAsset({
    name: 'prices',
    codeVersion,
    partitions: { date },
    output,
    retry: { attempts: 1 },
    async run({ key }) {
      if (key === 'date=2023-12-31') throw new Error('no answer')
      if (key === 'date=2024-01-02') {
        isStarted()
        await passed
      }
      return [{ n: key === 'date=2024-01-01' ? -1 : 1 }]
    },
    checks: {
      positive: async (rows) => ({ passed: (await rows.toArray()).every(({ n }) => n > 0), why: 'below zero' }),
    },
  })
}

test('partitions are listed with their status, the newest last, and counted', async () => {
  const place = newPlace()
  const [started, held] = [gate(), gate()]
  const old = await engineOf([prices('1', started.open, held.passed)], place)
  await make(old, { filter: { keys: {}, spans: [{ start: 0, end: Date.parse('2023-12-30') }] } })
  const engine = await engineOf([prices('2', started.open, held.passed)], place)
  const filter = { keys: {}, spans: [{ start: Date.parse('2023-12-30'), end: Date.parse('2024-01-03') }] }
  const { result } = await engine.start(asking(engine, { filter }))
  await started.passed
  const list = (status?: ShownStatus, limit = 100) =>
    listPartitions(engine, { asset: 'prices', filter: everyPartition, status, limit, now: Date.now() })
  const look = async (status?: ShownStatus, limit?: number) =>
    (await list(status, limit)).listed.map((one) => `${one.key.slice(5)} ${one.status}${one.why ? `: ${one.why}` : ''}`)
  await expect.poll(async () => (await list()).counts.rejected).toBe(1)

  expect(await look('fresh')).toEqual(['2023-12-30 fresh'])
  expect(await look('stale')).toEqual(['2023-12-29 stale: stale: code version changed from "1" to "2"'])
  expect(await look('failed')).toEqual(['2023-12-31 failed: no answer'])
  expect(await look('rejected')).toEqual(['2024-01-01 rejected: check "positive": below zero'])
  expect(await look('running')).toEqual(['2024-01-02 running'])
  const { counts, matching, listed } = await list('missing', 2)
  expect(counts).toMatchObject({ fresh: 1, stale: 1, failed: 1, rejected: 1, running: 1, missing: matching })
  expect(listed.map(({ key }) => key).sort()).toEqual(listed.map(({ key }) => key))
  expect(listed).toHaveLength(2)

  held.open()
  await result
  expect(await look('running')).toEqual([])
})
