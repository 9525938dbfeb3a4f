import { expect, test } from 'vitest'
import { candleState, firstNotFinal } from '../../market/finality.ts'
import type { Interval } from '../../market/interval.ts'

const opened = Date.UTC(2024, 0, 1)
const second = 1000
const minute = 60 * second
const hour = 60 * minute

const cases: readonly [
  name: string,
  interval: Interval,
  sinceOpen: number,
  offset: number | undefined,
  state: string,
][] = [
  ['just opened', '1h', 0, 0, 'open'],
  ['one ms before its close', '1h', hour - 1, 0, 'open'],
  ['at its close', '1h', hour, 0, 'closed'],
  ['within the grace of a minute', '1h', hour + minute - 1, 0, 'closed'],
  ['after the grace of a minute', '1h', hour + minute, 0, 'final'],
  ['a minute candle has the same grace', '1m', 2 * minute - 1, 0, 'closed'],
  ['a minute candle after it', '1m', 2 * minute, 0, 'final'],
  ['a day within ten minutes', '1d', 24 * hour + 10 * minute - 1, 0, 'closed'],
  ['a day after ten minutes', '1d', 24 * hour + 10 * minute, 0, 'final'],
  ['four hours have the long grace too', '4h', 4 * hour + minute, 0, 'closed'],
  ['our clock is ahead: what looks final is closed', '1h', hour + minute, -second, 'closed'],
  ['our clock is far ahead: it is still open', '1h', hour + minute, -2 * minute, 'open'],
  ['our clock is behind: what looks closed is final', '1h', hour + minute - second, second, 'final'],
  ['offset unknown: the newest candle counts as open', '1h', hour + 30 * minute, undefined, 'open'],
  ['offset unknown: one interval later it is closed', '1h', 2 * hour, undefined, 'closed'],
  ['offset unknown: it is final after the grace', '1h', 2 * hour + minute, undefined, 'final'],
]

test.each(cases)('%s (%s)', (_, interval, sinceOpen, offsetMs, state) => {
  const now = opened + sinceOpen
  const clock = offsetMs === undefined ? { now, offsetMs } : { now, offsetMs, uncertaintyMs: 0 }

  expect(candleState({ openTime: opened, interval, clock })).toBe(state)
})

test('what is not known of the clock counts against finality', () => {
  const clock = { now: opened + hour + minute, offsetMs: 0, uncertaintyMs: 1 }

  expect(candleState({ openTime: opened, interval: '1h', clock })).toBe('closed')
})

test.each(cases)('the first candle that is not final agrees: %s (%s)', (_, interval, sinceOpen, offsetMs, state) => {
  const now = opened + sinceOpen
  const clock = offsetMs === undefined ? { now, offsetMs } : { now, offsetMs, uncertaintyMs: 0 }

  expect(opened < firstNotFinal(interval, clock)).toBe(state === 'final')
})
