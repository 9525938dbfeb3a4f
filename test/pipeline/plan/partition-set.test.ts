import fc from 'fast-check'
import { expect, test } from 'vitest'
import { daily, keyed } from '#pipeline'
import type { PartitionSet } from '../../../pipeline/plan/partition-set.ts'
import {
  add,
  addBox,
  allPartitions,
  difference,
  has,
  intersection,
  isEmpty,
  isSame,
  noPartitions,
  ordinals,
  parseSet,
  printSet,
  rangesOf,
  remove,
  setOf,
  size,
  union,
} from '../../../pipeline/plan/partition-set.ts'
import { keyAt, ordinalOf, spaceOf } from '../../../pipeline/plan/space.ts'

const now = new Date('2024-02-10')
const days = { date: daily({ since: '2024-01-01' }) }
const cube = { date: daily({ since: '2024-02-01' }), market: keyed(['A', 'B', 'C/D']), side: keyed(['bid', 'ask']) }
const spaces = [spaceOf(days, { now }), spaceOf(cube, { now }), spaceOf({}, { now })]

const member = fc.constantFrom(...spaces).chain((space) =>
  fc.record({
    space: fc.constant(space),
    a: fc.uniqueArray(fc.nat(space.size - 1)),
    b: fc.uniqueArray(fc.nat(space.size - 1)),
    c: fc.uniqueArray(fc.nat(space.size - 1)),
  }),
)
const same = (a: PartitionSet, b: PartitionSet) => expect([...ordinals(a)]).toEqual([...ordinals(b)])

test('the algebra of sets is that of JavaScript sets of numbers', () => {
  fc.assert(
    fc.property(member, ({ space, a, b }) => {
      const [x, y] = [setOf(space, a), setOf(space, b)]
      const sorted = (numbers: Iterable<number>) => [...numbers].sort((one, other) => one - other)

      expect([...ordinals(union(x, y))]).toEqual(sorted(new Set([...a, ...b])))
      expect([...ordinals(intersection(x, y))]).toEqual(sorted(a.filter((one) => b.includes(one))))
      expect([...ordinals(difference(x, y))]).toEqual(sorted(a.filter((one) => !b.includes(one))))
      expect(size(x)).toBe(a.length)
      expect(isEmpty(x)).toBe(a.length === 0)
      for (const one of a) expect(has(x, one)).toBe(true)
    }),
  )
})

test('union and intersection distribute, and a difference is what a complement leaves', () => {
  fc.assert(
    fc.property(member, ({ space, a, b, c }) => {
      const [x, y, z] = [setOf(space, a), setOf(space, b), setOf(space, c)]

      same(intersection(x, union(y, z)), union(intersection(x, y), intersection(x, z)))
      same(difference(x, union(y, z)), intersection(difference(x, y), difference(x, z)))
      same(intersection(x, difference(allPartitions(space), y)), difference(x, y))
      expect(isSame(union(x, y), union(y, x))).toBe(true)
    }),
  )
})

test('ranges cover a set exactly, ascending and apart from one another', () => {
  fc.assert(
    fc.property(member, ({ space, a }) => {
      const ranges = rangesOf(setOf(space, a))
      const covered = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at))

      expect(covered).toEqual([...a].sort((one, other) => one - other))
      for (const [at, [first]] of ranges.entries()) if (at > 0) expect(first).toBeGreaterThan(ranges[at - 1]![1] + 1)
    }),
  )
})

test('what is printed is read back as the same set', () => {
  fc.assert(
    fc.property(member, ({ space, a }) => {
      same(parseSet(space, printSet(setOf(space, a))), setOf(space, a))
    }),
  )
})

test('a key and its number name the same partition', () => {
  fc.assert(
    fc.property(fc.nat(spaces[1]!.size - 1), (ordinal) => {
      expect(ordinalOf(spaces[1]!, cube, keyAt(spaces[1]!, ordinal))).toBe(ordinal)
    }),
  )
})

test('a box is the product of its ranges', () => {
  const [, space] = spaces
  const [dates, markets, sides] = [fc.nat(8), fc.nat(2), fc.nat(1)].map((one) =>
    fc.tuple(one, one).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
  )
  fc.assert(
    fc.property(fc.tuple(dates!, markets!, sides!), (spans) => {
      const set = noPartitions(space!)
      addBox(set, spans)
      const inside = (ordinal: number) =>
        space!.axes.every(({ stride, count }, at) => {
          const index = Math.floor(ordinal / stride) % count
          return index >= spans[at]![0] && index <= spans[at]![1]
        })

      expect([...ordinals(set)]).toEqual([...ordinals(allPartitions(space!))].filter(inside))
    }),
  )
})

test.each([
  ['2024-01-01..2024-01-03,2024-01-09', 'the first days and one more', [0, 1, 2, 8]],
  ['*', 'all of them', Array.from({ length: 40 }, (_, at) => at)],
  ['', 'none', []],
])('days as text: "%s" is %s', (text, _, expected) => {
  expect([...ordinals(parseSet(spaces[0]!, text))]).toEqual(expected)
  expect(printSet(setOf(spaces[0]!, expected))).toBe(text)
})

test('several dimensions are printed as boxes and read with any dimension left out', () => {
  const space = spaces[1]!

  expect(printSet(parseSet(space, 'date=2024-02-01/market=A'))).toBe('date=2024-02-01/market=A/side=bid..ask')
  expect(size(parseSet(space, 'market=C%2FD'))).toBe(9 * 2)
  expect(size(parseSet(space, 'date=2024-02-01..2024-02-03/side=ask,date=2024-02-09'))).toBe(3 * 3 + 6)
})

test.each([
  ['2024-02-30', 'partition "2024-02-30" does not fit: expected a UTC day, e.g. "2024-01-31"'],
  [
    '2024-01-03..2024-01-01',
    'partition range starts after it ends: "2024-01-03" is later than "2024-01-01"; swap them',
  ],
  ['2024-03-01', 'does not exist yet or any more: it has 2024-01-01 to 2024-02-09'],
  ['hour=2024-01-01', 'has no dimension "hour"; it has date'],
])('a set of days refuses "%s"', (text, message) => {
  expect(() => parseSet(spaces[0]!, text)).toThrow(message)
})

test('a partition that is taken out again is gone', () => {
  const set = noPartitions(spaces[0]!)
  add(set, 31)
  add(set, 32)
  remove(set, 31)

  expect(rangesOf(set)).toEqual([[32, 32]])
})
