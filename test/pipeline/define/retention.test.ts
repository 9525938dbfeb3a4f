import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Retention } from '#pipeline'
import { defineAsset, definitions, memoryIo, provide } from '#pipeline'
import { isBeyond } from '../../../pipeline/define/retention.ts'

const hour = 3_600_000
const day = 24 * hour

/** A rule, how many later versions there are, and for how long the version has not been the published one. */
const cases: readonly (readonly [Retention, number, number, boolean])[] = [
  [{}, 99, 999 * day, false],
  [{ rejected: '1d' }, 99, 999 * day, false],
  [{ versions: 3 }, 2, 999 * day, false],
  [{ versions: 3 }, 3, 999 * day, true],
  [{ for: '30d' }, 0, 30 * day, true],
  [{ for: '30d' }, 99, 30 * day - 1, false],
  [{ versions: 3, for: '30d' }, 2, 31 * day, false],
  [{ versions: 3, for: '30d' }, 3, 29 * day, false],
  [{ versions: 3, for: '30d' }, 3, 31 * day, true],
  [{ versions: 1 }, 1, hour - 1, false],
  [{ versions: 1 }, 1, hour, true],
  [{ for: '1s' }, 1, hour - 1, false],
]

test.each(cases)('%j and %i later versions after %i ms: %s', (rule, newer, age, expected) => {
  const supersededAt = 1_700_000_000_000

  expect(isBeyond(rule, { isRejected: false, supersededAt, newer }, supersededAt + age)).toBe(expected)
})

test('a refused file is kept for its own time, whatever the rule for versions', () => {
  const refused = { isRejected: true, supersededAt: 0, newer: 99 }

  expect(isBeyond({ versions: 1, for: '1d' }, refused, 999 * day)).toBe(false)
  expect(isBeyond({ rejected: '7d' }, refused, 7 * day - 1)).toBe(false)
  expect(isBeyond({ rejected: '7d' }, refused, 7 * day)).toBe(true)
})

test('a rule that can not be meant is refused where it is written', () => {
  const asset = (retain: object) => () =>
    defineAsset({ name: 'candles', output: z.strictObject({ n: z.int() }), retain, run: () => [] })
  const all = (retain: object) => () => definitions({ assets: [], resources: {}, io: provide(memoryIo), retain })

  expect(asset({ versions: 0 })).toThrow(/what "candles" is to retain .* expected "versions" of 1 or more, got 0/)
  expect(asset({ for: 'a week' })).toThrow(/expected a duration/)
  expect(all({ event: '30d' })).toThrow(/unknown option "event"; did you mean "events"\?/)
  expect(all({ events: '30d', ticks: '1d', versions: 2 })().retain).toEqual({ events: '30d', ticks: '1d', versions: 2 })
})
