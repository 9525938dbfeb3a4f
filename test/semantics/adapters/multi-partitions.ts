import type { Window } from '#pipeline'
import type { OrdinalRange } from '../../../pipeline/plan/partition-set.ts'
import { addBox, difference, noPartitions, ordinals, setOf, size, union } from '../../../pipeline/plan/partition-set.ts'
import { filtered } from '../../../pipeline/plan/select-partitions.ts'
import { indexOn, keyAt, ordinalOf, spaceOf } from '../../../pipeline/plan/space.ts'
import type { Adapter, Case, Compared } from '../case.ts'
import { keysFrom, relate, setFrom, sorted } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { caseKeyOf, dimensionsOf, instantOf, keyFrom, textFrom } from '../vocabulary.ts'

const whenever = '2026-01-01T00:00:00Z'

export const run: Adapter = (one) => {
  switch (one.op) {
    case 'define':
      return refused(one)
    case 'partitionKeys':
      return listed(one)
    case 'count':
    case 'numPartitions':
      return [{ what: 'count', expected: one.expected ?? one.expectedCount, got: spaceFor(one).size }]
    case 'keysWithDimensionValue':
      return withValue(one)
    case 'keysInRange':
      return inRange(one)
    case 'paginate':
      return paged(one)
    case 'subsetUnion':
      return united(one)
    case 'inputPartitions':
      return inputs(one)
    case 'timeWindowForKey':
      return windowed(one)
    default:
      throw new Error(`the case tables ask a new question: ${one.op}`)
  }
}

const spaceFor = (one: Case) => spaceOf(dimensionsOf(one.definition), { now: instantOf(one.now ?? whenever) })

function refused(one: Case): readonly Compared[] {
  try {
    dimensionsOf(one.definition)
  } catch (error) {
    return [{ what: 'refusal', expected: one.expectedError, got: (error as { code?: string }).code }]
  }
  return [{ what: 'refusal', expected: one.expectedError, got: 'accepted' }]
}

type Listed = readonly (string | Readonly<Record<string, string>>)[]

/** Keys as objects or, where the case says in which order of dimensions, as one text; ordered where it says so. */
function listed(one: Case): readonly Compared[] {
  const space = spaceFor(one)
  const order: readonly string[] = one.flatDimensionOrder ?? space.axes.map(({ name }) => name).sort()
  const flat = (key: CaseKey) => order.map((name) => (key as Record<string, string>)[name]).join('|')
  const keys = Array.from({ length: space.size }, (_, ordinal) =>
    flat(caseKeyOf(one.definition, keyAt(space, ordinal))),
  )
  const told = (of: Listed) => of.map((key) => (typeof key === 'string' ? key : flat(key)))
  const ordered: Listed | undefined = one.expectedOrdered ?? one.expectedOrderedFlat
  const unordered: Listed | undefined =
    one.expected ?? one.expectedKeys ?? one.expectedUnordered ?? one.expectedFlat ?? one.expectedUnorderedFlat
  const first = one.expectedFirst ?? one.firstKey ?? one.expectedFirstKey
  const count = one.expectedCount ?? one.count
  return [
    ...(ordered ? [{ what: 'keys', expected: told(ordered), got: keys }] : []),
    ...(unordered ? [{ what: 'keys', expected: [...told(unordered)].sort(), got: keys.toSorted() }] : []),
    ...(first ? [{ what: 'first key', expected: told([first])[0], got: keys[0] }] : []),
    ...(count === undefined ? [] : [{ what: 'count', expected: count, got: keys.length }]),
  ]
}

function withValue(one: Case): readonly Compared[] {
  const space = spaceFor(one)
  const { dimension } = space.axes.find(({ name }) => name === one.dimension)!
  const value = dimension.decode(textFrom(one.definition.dimensions[one.dimension], one.value))
  const { start, end } = value as Window
  const filter =
    dimension.kind === 'time'
      ? { keys: {}, spans: [{ start: start.getTime(), end: end.getTime() }] }
      : { keys: { [one.dimension]: [value as string] } }
  const got = keysFrom(one.definition, filtered(space, filter)).map(inOrder)
  return [{ what: 'keys', expected: one.expectedOrdered.map(inOrder), got }]
}

function inRange(one: Case): readonly Compared[] {
  const space = spaceFor(one)
  const [from, to] = (one.range as CaseKey[]).map((key) =>
    ordinalOf(space, dimensionsOf(one.definition), keyFrom(one.definition, key)),
  )
  const set = noPartitions(space)
  addBox(
    set,
    space.axes.map((axis): OrdinalRange => [indexOn(axis, from!), indexOn(axis, to!)]),
  )
  return [{ what: 'keys', expected: one.expectedOrdered.map(inOrder), got: keysFrom(one.definition, set).map(inOrder) }]
}

function paged(one: Case): readonly Compared[] {
  const space = spaceFor(one)
  return (one.expectedPages as { keys: CaseKey[]; hasMore: boolean }[]).map((page, number) => {
    const from = number * one.limit
    const count = Math.max(0, Math.min(one.limit, space.size - from))
    const got = Array.from({ length: count }, (_, at) => {
      const ordinal = one.ascending === false ? space.size - 1 - from - at : from + at
      return caseKeyOf(one.definition, keyAt(space, ordinal))
    })
    return {
      what: `page ${number}`,
      expected: [page.keys.map(inOrder), page.hasMore],
      got: [got.map(inOrder), from + count < space.size],
    }
  })
}

function united(one: Case): readonly Compared[] {
  const rows: string = one.rowsAreDimension
  const days = (one.initial as string[])[0]!.length
  const space = spaceOf(dimensionsOf(one.definition), { now: new Date(Date.UTC(2015, 0, 1 + days)) })
  const [row, column] = [space.axes.find(({ name }) => name === rows)!, space.axes.find(({ name }) => name !== rows)!]
  const drawn = (pattern: readonly string[]) =>
    setOf(
      space,
      pattern.flatMap((line, r) =>
        [...line].flatMap((mark, c) => (mark === '+' ? [r * row.stride + c * column.stride] : [])),
      ),
    )
  const set = union(drawn(one.initial), drawn(one.added))
  const universe = union(set, setFrom(one.definition, space, one.expectedNotInUnion))
  return [
    { what: 'size', expected: one.expectedSize, got: size(set) },
    {
      what: 'not in it',
      expected: sorted(one.expectedNotInUnion),
      got: sorted(keysFrom(one.definition, difference(universe, set))),
    },
  ]
}

function inputs(one: Case): readonly Compared[] {
  const asOf = { now: instantOf(one.now ?? whenever) }
  const { relation } = relate(one.definition, one.upstream ?? one.definition, one.mapping, asOf)
  const [reader] = [...ordinals(setFrom(one.definition, relation.reader, [one.key]))]
  const got = relation.sourcesOf(reader!).map((ordinal) => caseKeyOf(one.definition, keyAt(relation.source, ordinal)))
  return [{ what: 'inputs', expected: sorted(one.expected), got: sorted(got) }]
}

function windowed(one: Case): readonly Compared[] {
  const space = spaceFor(one)
  const times = space.axes.filter(({ dimension }) => dimension.kind === 'time')
  if (one.expectedError) {
    return [{ what: `one window of ${JSON.stringify(one.key)}`, expected: false, got: times.length === 1 }]
  }
  const ordinal = ordinalOf(space, dimensionsOf(one.definition), keyFrom(one.definition, one.key))
  const axis = times[0]!
  const { start, end } = axis.dimension.at(indexOn(axis, ordinal)) as { start: Date; end: Date }
  const got = [start, end].map((at) => at.toISOString().replace('.000Z', 'Z'))
  return [{ what: 'window', expected: one.expected, got }]
}

const inOrder = (key: CaseKey) =>
  key === null || typeof key === 'string'
    ? key
    : Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)))
