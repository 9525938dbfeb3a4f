import { expect, test } from 'vitest'
import { latestFiring, nextFiring } from '../../../pipeline/define/cron.ts'

const at = (text: string) => new Date(text)

test.each([
  ['10 0 * * *', 'UTC', '2024-01-01T00:10:00Z', '2024-01-02T00:10:00.000Z'],
  ['10 0 * * *', 'UTC', '2024-01-01T00:09:59Z', '2024-01-01T00:10:00.000Z'],
  ['0 9 * * *', 'Europe/Berlin', '2024-07-01T00:00:00Z', '2024-07-01T07:00:00.000Z'],
  // 02:30 does not exist on the night when clocks go forward: it fires at the next instant that does.
  ['30 2 * * *', 'Europe/Berlin', '2024-03-31T00:00:00Z', '2024-03-31T01:00:00.000Z'],
])('"%s" in %s fires next after %s', (cron, timezone, after, next) => {
  expect(nextFiring(cron, timezone, at(after))?.toISOString()).toBe(next)
})

test('a time that exists twice fires once', () => {
  const first = nextFiring('30 2 * * *', 'Europe/Berlin', at('2024-10-26T22:00:00Z'))!

  expect(nextFiring('30 2 * * *', 'Europe/Berlin', first)!.toISOString()).toBe('2024-10-28T01:30:00.000Z')
})

test('of many firings that were missed the newest counts', () => {
  const firing = latestFiring('0 * * * *', 'UTC', at('2024-01-01T00:00:00Z'), at('2024-01-01T05:59:59Z'))

  expect(firing?.toISOString()).toBe('2024-01-01T05:00:00.000Z')
})

test('a firing belongs to the span that ends with it, and not to the one that begins', () => {
  const [one, two] = [at('2024-01-01T01:00:00Z'), at('2024-01-01T02:00:00Z')]

  expect(latestFiring('0 * * * *', 'UTC', one, two)).toEqual(two)
  expect(latestFiring('0 * * * *', 'UTC', two, at('2024-01-01T02:59:59Z'))).toBeUndefined()
})
