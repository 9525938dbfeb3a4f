import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset } from '#pipeline'
import {
  allOf,
  around,
  daily,
  defineAsset,
  definitions,
  hourly,
  keyed,
  latest,
  mapped,
  memoryIo,
  monthly,
  only,
  optional,
  planRun,
  provide,
  rolling,
  stepsOf,
  weekly,
  within,
} from '#pipeline'
import type { AnyDependency } from '../../../pipeline/define/mapping.ts'
import { ordinals, setOf } from '../../../pipeline/plan/partition-set.ts'
import type { Relation } from '../../../pipeline/plan/relation.ts'
import { relationOf } from '../../../pipeline/plan/relation.ts'
import { keyAt, ordinalOf, spaceOf } from '../../../pipeline/plan/space.ts'

const now = new Date('2024-03-20T12:00:00Z')
const newYork = 'America/New_York'
const output = z.strictObject({ n: z.int() })

const hour = hourly({ since: '2024-03-08T00', timezone: newYork })
const day = daily({ since: '2024-03-08', timezone: newYork })
const late = daily({ since: '2024-03-12', timezone: newYork })
const ended = daily({ since: '2024-03-08', until: '2024-03-11', timezone: newYork })
const week = weekly({ since: '2024-02-25', timezone: newYork, endOffset: 1 })
const month = monthly({ since: '2024-03', timezone: newYork, endOffset: 1 })
const market = keyed(['A', 'B', 'C'])
const leg = keyed(['x', 'y', 'z'])
const side = keyed(['bid', 'ask'])

const asset = (name: string, partitions: object) =>
  defineAsset({ name, partitions: partitions as {}, output, run: () => [] })
const of = {
  hours: asset('hours', { hour }),
  days: asset('days', { day }),
  late: asset('late', { day: late }),
  ended: asset('ended', { day: ended }),
  weeks: asset('weeks', { week }),
  cube: asset('cube', { day, market, side }),
  legs: asset('legs', { leg }),
  whole: asset('whole', {}),
}

/** How an asset cut by `reader` reads `dependency` on `source`. */
function relate(reader: object, dependency: object, source: AnyAsset): Relation {
  const space = spaceOf(reader as never, { now })
  return relationOf(dependency as AnyDependency, space, spaceOf(source.partitions, { now }))
}
const loose = (dependency: unknown) => dependency as AnyDependency & { axes: object }

const sources = (relation: Relation, reader: object, key: string) =>
  relation
    .sourcesOf(ordinalOf(relation.reader, reader as never, key as never))
    .map((ordinal) => keyAt(relation.source, ordinal))

/** Every mapping, with the dimensions of its reader and the asset it reads. */
const table = [
  ['the same day', { day }, of.days, of.days],
  [
    'the same day of all markets and sides',
    { day },
    allOf(allOf(loose(of.cube) as never, 'market' as never), 'side' as never),
    of.cube,
  ],
  ['one market of a cube', { day, side }, only(of.cube as never, 'market' as never, ['B']), of.cube],
  ['the newest day', { market }, latest(of.days as never, 'day' as never), of.days],
  ['the hours of a day', { day }, within(of.hours as never, 'hour' as never, 'day'), of.hours],
  ['the day of an hour', { hour }, around(of.days as never, 'day' as never, 'hour'), of.days],
  ['the days of a week', { week }, within(of.days as never, 'day' as never, 'week'), of.days],
  ['the days of a month', { month }, within(of.days as never, 'day' as never, 'month'), of.days],
  ['seven days', { day }, rolling(of.days as never, 'day' as never, { from: -6, to: 0 }), of.days],
  ['the day before', { day }, rolling(of.days as never, 'day' as never, { from: -1, to: -1 }), of.days],
  ['the days around', { day }, rolling(of.days as never, 'day' as never, { from: -1, to: 1 }), of.days],
  [
    'a table of legs',
    { market },
    mapped(of.legs as never, 'leg' as never, 'market', { x: ['A', 'B'], z: ['C'] }),
    of.legs,
  ],
  ['days that begin later', { day }, of.late, of.late],
  ['days that end earlier', { day }, of.ended, of.ended],
  ['the whole asset', { day, market }, of.whole, of.whole],
  ['everything', {}, allOf(of.days as never, 'day' as never), of.days],
] as const

test.each(table)('%s is followed the same way up and down', (_, reader, dependency, source) => {
  const relation = relate(reader, dependency, source)
  const pairs = new Set<string>()
  for (let r = 0; r < relation.reader.size; r++) for (const s of relation.sourcesOf(r)) pairs.add(`${r} ${s}`)
  const mirrored = new Set<string>()
  for (let s = 0; s < relation.source.size; s++) for (const r of relation.readersOf(s)) mirrored.add(`${r} ${s}`)

  expect(pairs.size).toBeGreaterThan(0)
  expect([...mirrored].sort()).toEqual([...pairs].sort())
})

test.each(table)('%s is followed by sets as by single partitions', (_, reader, dependency, source) => {
  const relation = relate(reader, dependency, source)
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(relation.reader.size - 1), { maxLength: 12 }),
      fc.uniqueArray(fc.nat(relation.source.size - 1), { maxLength: 12 }),
      (readers, read) => {
        const up = new Set(readers.flatMap((one) => relation.sourcesOf(one)))
        const down = new Set(read.flatMap((one) => relation.readersOf(one)))

        expect(new Set(ordinals(relation.allSourcesOf(setOf(relation.reader, readers))))).toEqual(up)
        expect(new Set(ordinals(relation.allReadersOf(setOf(relation.source, read))))).toEqual(down)
      },
    ),
    { numRuns: 30 },
  )
})

const range = (from: number, count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, at) => text(from + at))
const two = (n: number) => String(n).padStart(2, '0')

test.each([
  [
    'a day of 23 hours',
    '2024-03-10',
    [0, 1, ...range(3, 21, String).map(Number)].map((h) => `hour=2024-03-10T${two(h)}`),
  ],
  ['a day of 24 hours', '2024-03-11', range(0, 24, (h) => `hour=2024-03-11T${two(h)}`)],
])('within: %s', (_, date, expected) => {
  expect(
    sources(relate({ day }, within(of.hours as never, 'hour' as never, 'day'), of.hours), { day }, `day=${date}`),
  ).toEqual(expected)
})

test.each([
  ['the first window has none before it', { from: -1, to: -1 }, '2024-03-08', []],
  ['a stretch takes what there is at the start', { from: -6, to: 0 }, '2024-03-09', ['08', '09']],
  ['a stretch takes what there is at the end', { from: 0, to: 3 }, '2024-03-18', ['18', '19']],
  ['a stretch in the middle is whole', { from: -2, to: 1 }, '2024-03-12', ['10', '11', '12', '13']],
])('rolling: %s', (_, span, date, days) => {
  const relation = relate({ day }, rolling(of.days as never, 'day' as never, span), of.days)

  expect(sources(relation, { day }, `day=${date}`)).toEqual(days.map((one) => `day=2024-03-${one}`))
  expect(relation.nonexistent(ordinalOf(relation.reader, { day }, `day=${date}` as never))).toEqual([])
})

test.each([
  ['before the first that is read', of.late, '2024-03-08', ['day=2024-03-08']],
  ['from the first that is read', of.late, '2024-03-12', []],
  ['before the end of what is read', of.ended, '2024-03-10', []],
  ['after the end of what is read', of.ended, '2024-03-11', ['day=2024-03-11']],
])('a day %s needs what does not exist: %s', (_, source, date, absent) => {
  const relation = relate({ day }, source, source)

  expect(relation.nonexistent(ordinalOf(relation.reader, { day }, `day=${date}` as never))).toEqual(absent)
})

test('the first partition that needs what does not exist is found without asking all', () => {
  const relation = relate({ day, market }, of.ended, of.ended)
  const all = setOf(
    relation.reader,
    Array.from({ length: relation.reader.size }, (_, at) => at),
  )

  expect(keyAt(relation.reader, relation.firstInVain(all)!)).toBe('day=2024-03-11/market=A')
  expect(relation.firstInVain(setOf(relation.reader, [0, 1, 2, 3]))).toBeUndefined()
})

test('a required input that can not exist is refused before anything runs, an optional one is not', () => {
  const make = (dependency: object) => {
    const reader = defineAsset({
      name: 'reader',
      partitions: { day },
      deps: { days: dependency } as {},
      output,
      run: () => [],
    })
    const all = definitions({ assets: [of.ended, reader] as never, resources: {}, io: provide(memoryIo) })
    const ask = {
      assets: ['ended', 'reader'],
      filter: { keys: {} },
      mode: 'needed',
      now: now.getTime(),
      reason: 'x',
    } as const
    return () => [...stepsOf(planRun(ask, all, new Map()))].filter(({ asset }) => asset === 'reader').length
  }

  expect(make(of.ended)).toThrow(
    'asset "reader" partition "day=2024-03-11" needs "ended" "day=2024-03-11", which can not exist; make the dependency optional() or change "since"',
  )
  expect(make(optional(of.ended as never))()).toBe(12)
})

test('each partition of an asset that reads its own earlier one waits for it', () => {
  const total = defineAsset({ name: 'total', partitions: { day, market }, previous: 'day', output, run: () => [] })
  const all = definitions({ assets: [total], resources: {}, io: provide(memoryIo) })
  const ask = { assets: ['total'], filter: { keys: {} }, mode: 'all', now: now.getTime(), reason: 'x' } as const
  const { inputs } = planRun(ask, all, new Map()).assets[0]!

  expect(inputs[0]!.relation.sourcesOf(0)).toEqual([])
  expect(inputs[0]!.relation.sourcesOf(3)).toEqual([0])
  expect(inputs[0]!.relation.readersOf(4)).toEqual([7])
})

test.each([
  ['a dimension that the reader lacks', { market }, of.days, 'has no dimension "day" of that kind (it has market)'],
  ['keys where there is time', { day: market }, of.days, 'has no dimension "day" of that kind'],
  ['a key that is not there', { day, side }, only(of.cube as never, 'market' as never, ['D']), 'no key is called "D"'],
  [
    'a table to a key that is not there',
    { market },
    mapped(of.legs as never, 'leg' as never, 'market', { x: ['D'] }),
    'no key is called "D"',
  ],
])('%s is refused when definitions are put together', (_, reader, dependency, message) => {
  const wrong = defineAsset({
    name: 'wrong',
    partitions: reader as {},
    deps: { dependency } as {},
    output,
    run: () => [],
  })
  const assets = [...Object.values(of), wrong]

  expect(() => definitions({ assets: assets as never, resources: {}, io: provide(memoryIo) })).toThrow(message)
})
