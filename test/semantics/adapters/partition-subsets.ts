import type { PartitionSet } from '../../../pipeline/plan/partition-set.ts'
import {
  allPartitions,
  difference,
  has,
  ordinals,
  parseSet,
  printSet,
  rangesOf,
  size,
  union,
} from '../../../pipeline/plan/partition-set.ts'
import { ordinalOf, spaceOf } from '../../../pipeline/plan/space.ts'
import type { Adapter, Case, Compared } from '../case.ts'
import { keysFrom, setFrom } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { dimensionsOf, isTime, keyFrom } from '../vocabulary.ts'

const whenever = new Date('2026-01-01T00:00:00Z')

export const run: Adapter = (one) => {
  const space = spaceOf(dimensionsOf(one.definition), { now: whenever })
  const setOf = (keys: readonly CaseKey[]) => setFrom(one.definition, space, keys)
  const universe = one.universe ? setOf(one.universe) : allPartitions(space)
  const patterned = (pattern: string) => setOf((one.universe as CaseKey[]).filter((_, at) => pattern[at] === '+'))
  const set =
    one.initial === undefined ? setOf(one.inSubset ?? one.keys) : union(patterned(one.initial), patterned(one.added))
  return [...compared(one, set, universe), { what: 'read back', expected: [...ordinals(set)], got: readBack(set) }]
}

const readBack = (set: PartitionSet): readonly number[] => [...ordinals(parseSet(set.space, printSet(set)))]

function compared(one: Case, set: PartitionSet, universe: PartitionSet): readonly Compared[] {
  const { definition } = one
  const contains = (key: CaseKey) => {
    const ordinal = ordinalOf(set.space, dimensionsOf(definition), keyFrom(definition, key))
    return has(set, ordinal)
  }
  const pattern = (one.universe as CaseKey[] | undefined)?.map((key) => (contains(key) ? '+' : '-')).join('')
  const ranges = isTime(definition) ? rangesOf(set).length : undefined
  const asked: Compared[] = [
    { what: 'pattern', expected: one.pattern, got: pattern },
    { what: 'keys', expected: one.expectedKeys, got: keysFrom(definition, set) },
    { what: 'not in it', expected: one.expectedNotInSubset, got: keysFrom(definition, difference(universe, set)) },
    { what: 'size', expected: one.expectedSize, got: size(set) },
    { what: 'ranges', expected: one.expectedRangeCount, got: ranges },
    { what: 'union', expected: one.expectedUnion, got: pattern },
  ]
  const held = Object.entries((one.contains ?? {}) as Record<string, boolean>).map(([key, expected]) => ({
    what: `contains ${key}`,
    expected,
    got: contains(key),
  }))
  return [...asked.filter(({ expected }) => expected !== undefined), ...held]
}
