import { expect, test } from 'vitest'
import { freshnessRule } from '#pipeline'

const at = (text: string) => Date.parse(text)

test('an asset is late once it is older than it may be', () => {
  const state = freshnessRule({ maxAge: '2h' })
  const madeAt = at('2024-03-10T00:00Z')

  expect(state(madeAt, at('2024-03-10T02:00:00Z'))).toBe('fresh')
  expect(state(madeAt, at('2024-03-10T02:00:00.001Z'))).toBe('late')
  expect(state(undefined, madeAt)).toBe('unmade')
})

test.each([
  ['made after the tick', '06:10', '2024-03-10T07:00Z', 'fresh'],
  ['made at the tick', '06:00', '2024-03-10T07:00Z', 'fresh'],
  ['made before it, while there is still time', '05:00', '2024-03-10T06:29:59Z', 'fresh'],
  ['made before it, and the time is up', '05:00', '2024-03-10T06:30Z', 'late'],
])('an asset that is due half an hour after six in the morning: %s', (_, made, now, expected) => {
  const state = freshnessRule({ by: '0 6 * * *', maxLag: '30m' })

  expect(state(at(`2024-03-10T${made}Z`), at(now))).toBe(expected)
})

test('a freshness is due in its own zone', () => {
  const state = freshnessRule({ by: '0 6 * * *', timezone: 'Europe/Berlin', maxLag: '0s' })

  expect(state(at('2024-03-10T04:59Z'), at('2024-03-10T05:00Z'))).toBe('late')
  expect(state(at('2024-03-10T05:00Z'), at('2024-03-10T05:00Z'))).toBe('fresh')
})
