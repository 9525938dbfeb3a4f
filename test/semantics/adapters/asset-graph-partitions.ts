import type { PartitionSet } from '../../../pipeline/plan/partition-set.ts'
import { difference, has, isEmpty, noPartitions, ordinals, setOf } from '../../../pipeline/plan/partition-set.ts'
import type { GraphSet } from '../../../pipeline/plan/reach.ts'
import { partitionGraph } from '../../../pipeline/plan/reach.ts'
import { ordinalOf, spaceOf } from '../../../pipeline/plan/space.ts'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseAsset } from '../graphs.ts'
import { definitionsOf, keysOf, whenever } from '../graphs.ts'
import { nonexistent, relate, setFrom, sorted } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { caseKeyOf, dimensionsOf, instantOf } from '../vocabulary.ts'

type ByAsset = Readonly<Record<string, readonly CaseKey[]>>

export const run: Adapter = (one) => {
  if (one.graph) return walked(one)
  const sets = namedSets(one.left ?? one.subset, one.right ?? {})
  if (one.expectedDifference) {
    const got = Object.fromEntries(
      [...sets.left].flatMap(([name, set]) => {
        const rest = difference(set, sets.right.get(name) ?? noPartitions(set.space))
        return isEmpty(rest) ? [] : [[name, sets.keys(name, rest)]]
      }),
    )
    return [{ what: 'difference', expected: inOrder(one.expectedDifference), got: inOrder(got) }]
  }
  return (one.expectedContains as [string, CaseKey, boolean][]).map(([name, key, expected]) => ({
    what: `contains ${name} ${key}`,
    expected,
    got: has(sets.left.get(name) ?? sets.empty(name), sets.ordinal(name, key)),
  }))
}

function walked(one: Case): readonly Compared[] {
  const assets: readonly CaseAsset[] = one.graph
  const definition = (name: string) => assets.find(({ key }) => key === name)!
  const graph = partitionGraph(definitionsOf(assets), { now: instantOf(one.now ?? whenever) })
  const setOfKeys = (name: string, keys: readonly CaseKey[]) =>
    setFrom(definition(name).partitions, graph.spaceOf(name), keys)
  const said = (sets: GraphSet) =>
    inOrder(Object.fromEntries(Array.from(sets, ([name, set]) => [name, keysOf(definition(name), set, ordinals(set))])))
  if (one.childrenOf) {
    const { asset, partition } = one.childrenOf
    const got = said(graph.readersOf(asset, setOfKeys(asset, [partition])))
    return [{ what: 'children', expected: inOrder(one.expected), got }]
  }
  if (one.parentsOf) {
    const { asset, partition } = one.parentsOf
    const got = said(graph.sourcesOf(asset, setOfKeys(asset, [partition])))
    const compared: Compared[] = [{ what: 'parents', expected: inOrder(one.expected), got }]
    if (one.expectedRequiredButNonexistent) {
      const { deps = [], partitions } = definition(asset)
      const absent = deps.flatMap((dep) => {
        const { key, mapping } = typeof dep === 'string' ? { key: dep, mapping: undefined } : dep
        const source = definition(key).partitions
        const { relation } = relate(partitions, source, mapping, { now: instantOf(one.now ?? whenever) })
        return nonexistent(relation, setFrom(partitions, relation.reader, [partition]), source ?? {})
      })
      const expected = sorted(one.expectedRequiredButNonexistent)
      compared.push({ what: 'needed though nonexistent', expected, got: sorted(absent) })
    }
    return compared
  }
  const start = new Map(
    Object.entries(one.bfsFrom as ByAsset).map(([name, keys]) => [name, setOfKeys(name, keys)] as const),
  )
  const { include, exclude: excluded = [] } = one
  if (typeof include === 'string' && include !== 'all' && include !== 'none')
    throw new Error(`a new condition: ${include}`)
  const passes = (name: string, partitions: PartitionSet) =>
    include === 'none' || excluded.includes(name) || (Array.isArray(include) && !include.includes(name))
      ? noPartitions(partitions.space)
      : partitions
  return [{ what: 'reached', expected: inOrder(one.expected), got: said(graph.reachedFrom(start, passes)) }]
}

/** Sets whose assets the case does not define: days for those with keys, whole ones for the others. */
function namedSets(left: ByAsset, right: ByAsset) {
  const definition = (name: string) => {
    const keys = [...(left[name] ?? []), ...(right[name] ?? [])]
    return keys.includes(null) || name.startsWith('un') ? undefined : { type: 'daily', start: '2022-01-01' }
  }
  const space = (name: string) => spaceOf(dimensionsOf(definition(name)), { now: instantOf(whenever) })
  const sets = (of: ByAsset) =>
    new Map(
      Object.entries(of).map(([name, keys]) => [
        name,
        setOf(
          space(name),
          keys.map((key) => ordinal(name, key)),
        ),
      ]),
    )
  const ordinal = (name: string, key: CaseKey) => {
    const dimensions = dimensionsOf(definition(name))
    return ordinalOf(space(name), dimensions, (key === null ? '' : `partition=${key}`) as never)
  }
  return {
    left: sets(left),
    right: sets(right),
    empty: (name: string) => noPartitions(space(name)),
    ordinal,
    keys: (name: string, set: PartitionSet) =>
      definition(name)
        ? keysOf({ key: name, partitions: definition(name)! }, set, ordinals(set))
        : [caseKeyOf(undefined, '' as never)],
  }
}

const inOrder = (of: ByAsset) =>
  Object.fromEntries(
    Object.entries(of)
      .filter(([, keys]) => keys.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, keys]) => [name, sorted(keys)]),
  )
