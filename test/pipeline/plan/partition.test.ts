import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Dimension, Window } from '#pipeline'
import { countAt, daily, hourly, keyed, keyOf, monthly, partitionOf, partitionsAt } from '#pipeline'

const dimensions = {
  hour: hourly({ since: '2020-01-01T00' }),
  day: daily({ since: '2020-01-01' }),
  month: monthly({ since: '2020-01' }),
}
const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((key) => !key.includes('..'))
const texts = fc.uniqueArray(text, { minLength: 1, maxLength: 8 })

test('a key and its partition are one and the same, whatever the names', () => {
  fc.assert(
    fc.property(texts, fc.nat(100_000), fc.nat(), (keys, index, pick) => {
      const cut = { day: dimensions.day, market: keyed(keys) }
      const partition = { day: cut.day.at(index), market: keys[pick % keys.length]! }

      const key = keyOf(cut, partition)

      expect(partitionOf(cut, key)).toEqual(partition)
      expect(key.split('/')).toHaveLength(2)
    }),
    { numRuns: 200 },
  )
})

test.each(Object.entries(dimensions))(
  'windows of one %s follow one another without a hole, and know their number',
  (_, axis) => {
    const dimension = axis as Dimension<Window>
    fc.assert(
      fc.property(fc.nat(50_000), (index) => {
        const [window, next] = [dimension.at(index), dimension.at(index + 1)]

        expect(next.start).toEqual(window.end)
        expect(dimension.indexOf(window)).toBe(index)
        expect(dimension.decode(dimension.encode(window))).toEqual(window)
      }),
      { numRuns: 100 },
    )
  },
)

test.each([
  ['2020-01-01T23:59:59.999Z', { hour: 23, day: 0, month: 0 }],
  ['2020-01-02T00:00:00.000Z', { hour: 24, day: 1, month: 0 }],
  ['2020-03-01T00:00:00.000Z', { hour: 1_440, day: 60, month: 2 }],
  ['2019-01-01T00:00:00.000Z', { hour: 0, day: 0, month: 0 }],
])('at %s only windows that are complete exist', (text, counts) => {
  const now = new Date(text)

  const got = Object.entries(dimensions).map(([name, axis]) => [name, axis.count(now)])

  expect(Object.fromEntries(got)).toEqual(counts)
})

test('an end offset admits the window that is going on', () => {
  const now = new Date('2020-03-10T12:00:00Z')
  const month = monthly({ since: '2020-01', endOffset: 1 })

  expect(month.encode(month.at(month.count(now) - 1))).toBe('2020-03')
})

test('partitions are the product of their dimensions, the first varying slowest', () => {
  const cut = { day: daily({ since: '2020-01-01' }), market: keyed(['A', 'B']) }
  const now = new Date('2020-01-03T00:00:00Z')

  expect(countAt(cut, now)).toBe(4)
  expect(partitionsAt(cut, now).map((partition) => keyOf(cut, partition))).toEqual([
    'day=2020-01-01/market=A',
    'day=2020-01-01/market=B',
    'day=2020-01-02/market=A',
    'day=2020-01-02/market=B',
  ])
  expect(partitionsAt({}, now)).toEqual([{}])
})

test.each([
  ['day=2020-02-30/market=A', 'partition "2020-02-30" does not fit: expected a UTC day, e.g. "2024-01-31"'],
  ['day=2020-2-3/market=A', 'partition "2020-2-3" does not fit: expected a UTC day, e.g. "2024-01-31"'],
  ['day=2020-01-01', 'partition "day=2020-01-01" does not fit: expected day=…/market=…'],
  ['market=A/day=2020-01-01', 'partition "market=A/day=2020-01-01" does not fit: expected day=…/market=…'],
  ['day=2020-01-01/market=C', 'no key is called "C"; did you mean "A"? (known: A, B)'],
  ['day=2020-01-01/market=%', 'partition "%" does not fit: expected percent-encoded text'],
])('the key %s is refused', (key, message) => {
  const cut = { day: dimensions.day, market: keyed(['A', 'B']) }

  expect(() => partitionOf(cut, key)).toThrow(message)
})
