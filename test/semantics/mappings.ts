/** Dependencies of the case tables as ours: which axis of what is read follows from which of the reader. */

import type { AnyDependency, AxisMapping } from '../../pipeline/define/mapping.ts'
import { refuseUnmapped } from '../../pipeline/define/mapping.ts'
import type { PartitionSet } from '../../pipeline/plan/partition-set.ts'
import { ordinals, setOf } from '../../pipeline/plan/partition-set.ts'
import type { Relation } from '../../pipeline/plan/relation.ts'
import { relationOf } from '../../pipeline/plan/relation.ts'
import type { AsOf, Space } from '../../pipeline/plan/space.ts'
import { keyAt, ordinalOf, spaceOf } from '../../pipeline/plan/space.ts'
import type { CaseKey, Definition } from './vocabulary.ts'
import { caseKeyOf, dimensionsOf, isTime, keyFrom, single } from './vocabulary.ts'

export type Mapping = Readonly<Record<string, any>> | undefined

/** The dimensions of two definitions, one sharing the other's where they are declared alike. */
export function sharedDimensions(reader: Definition | null | undefined, source: Definition | null | undefined) {
  const readers = dimensionsOf(reader)
  if (JSON.stringify(reader ?? null) === JSON.stringify(source ?? null)) return { readers, sources: readers }
  return { readers, sources: dimensionsOf(source) }
}

/** Two spaces and how one reads the other. Throws what ours throws for a dependency that is refused. */
export function relate(
  reader: Definition | null | undefined,
  source: Definition | null | undefined,
  mapping: Mapping,
  asOf: AsOf,
) {
  const { readers, sources } = sharedDimensions(reader, source)
  const dependency = dependencyOf('source', reader, source, mapping)
  refuseUnmapped({ name: 'reader', partitions: readers }, dependency, { name: 'source', partitions: sources })
  const readerSpace = spaceOf(readers, asOf)
  const sourceSpace = readers === sources ? readerSpace : spaceOf(sources, asOf)
  return { relation: relationOf(dependency, readerSpace, sourceSpace), readers, sources }
}

/** A dependency on an asset cut like `source`. */
export function dependencyOf(
  name: string,
  reader: Definition | null | undefined,
  source: Definition | null | undefined,
  mapping: Mapping,
): AnyDependency {
  return { name, output: undefined as never, axes: axesOf(reader, source, mapping) }
}

function axesOf(
  reader: Definition | null | undefined,
  source: Definition | null | undefined,
  mapping: Mapping,
): Record<string, AxisMapping> {
  if (!source) return {}
  const theirs = namesOf(source)
  const ours = namesOf(reader)
  if (mapping?.type === 'multi') return multiAxes(theirs, mapping)
  if (mapping?.type === 'last') return { [timeName(source)]: { kind: 'latest' } }
  if (!reader || mapping?.type === 'all') return Object.fromEntries(theirs.map((name) => [name, { kind: 'all' }]))
  const isMulti = [reader.type, source.type].map((type) => type === 'multi')
  if (isMulti[0] === isMulti[1] && isMulti[0]) {
    // The same dimensions, whatever their order; one that the reader lacks is read whole.
    return Object.fromEntries(theirs.map((name) => [name, ours.includes(name) ? axis(name, mapping) : { kind: 'all' }]))
  }
  if (isMulti[0] || isMulti[1]) return singleToMulti(reader, source, mapping)
  return { [single]: axis(single, mapping) }
}

const namesOf = (definition: Definition | null | undefined): string[] => Object.keys(dimensionsOf(definition))

const timeName = (definition: Definition): string =>
  Object.entries(dimensionsOf(definition)).find(([, { kind }]) => kind === 'time')?.[0] ?? namesOf(definition)[0]!

function axis(of: string, mapping: Mapping): AxisMapping {
  switch (mapping?.type) {
    case undefined:
    case 'identity':
    case 'multiToSingle':
      return { kind: 'same', of }
    case 'timeWindow': {
      const { startOffset = 0, endOffset = 0, allowNonexistentUpstream = false } = mapping
      const shift = [startOffset, endOffset] as const
      return { kind: 'same', of, shift, partial: allowNonexistentUpstream }
    }
    case 'static':
      return { kind: 'map', of, map: asLists(mapping.map) }
    case 'specific':
      return { kind: 'keys', keys: mapping.keys }
    case 'all':
      return { kind: 'all' }
    case 'last':
      return { kind: 'latest' }
    default:
      throw new Error(`the case tables have a mapping of a new type: ${mapping?.type}`)
  }
}

const asLists = (map: Readonly<Record<string, string | readonly string[]>>) =>
  Object.fromEntries(Object.entries(map).map(([from, to]) => [from, typeof to === 'string' ? [to] : to]))

function multiAxes(theirs: readonly string[], mapping: NonNullable<Mapping>): Record<string, AxisMapping> {
  const named = Object.entries(
    mapping.byUpstreamDimension as Record<string, { downstreamDimension: string; mapping: Mapping }>,
  )
  const mapped = named.map(([name, one]) => [name, axis(one.downstreamDimension, one.mapping)] as const)
  const rest = theirs.filter((name) => !named.some(([known]) => known === name))
  return { ...Object.fromEntries(rest.map((name) => [name, { kind: 'all' }])), ...Object.fromEntries(mapped) }
}

/** A single dimension follows the one of several that is cut like it; two that are make the author say which. */
function singleToMulti(reader: Definition, source: Definition, mapping: Mapping): Record<string, AxisMapping> {
  const [multi, one] = reader.type === 'multi' ? [reader, source] : [source, reader]
  const kind = mapping?.mapping?.type ?? mapping?.type
  const dimensions = Object.entries(multi.dimensions as Record<string, Definition>)
  const alike = dimensions.filter(([, dimension]) => JSON.stringify(dimension) === JSON.stringify(one))
  const times = dimensions.filter(([, dimension]) => isTime(dimension) && isTime(one))
  const fits = kind === 'timeWindow' || alike.length === 0 ? times : alike
  const name: string | undefined =
    mapping?.dimension ?? mapping?.dimensionName ?? (fits.length === 1 ? fits[0]![0] : undefined)
  // Not said: ours is then looked for under the name of the single dimension, and refused.
  if (name === undefined) return {}
  const inner: Mapping = mapping?.mapping ?? (mapping?.type === 'timeWindow' ? mapping : undefined)
  if (multi === reader) return { [single]: axis(name, inner) }
  return Object.fromEntries(
    Object.keys(multi.dimensions).map((other) => [other, other === name ? axis(single, inner) : { kind: 'all' }]),
  )
}

/** Ordinals of a case's keys; those that do not exist are left out. */
export function setFrom(
  definition: Definition | null | undefined,
  space: Space,
  keys: readonly CaseKey[],
): PartitionSet {
  const dimensions = dimensionsOf(definition)
  return setOf(
    space,
    keys.map((key) => ordinalOf(space, dimensions, keyFrom(definition, key))).filter((ordinal) => ordinal >= 0),
  )
}

export const keysFrom = (definition: Definition | null | undefined, set: PartitionSet): readonly CaseKey[] =>
  Array.from(ordinals(set), (ordinal) => caseKeyOf(definition, keyAt(set.space, ordinal)))

/** Keys in an order that does not matter. */
export const sorted = (keys: readonly CaseKey[]): readonly string[] => keys.map(textOf).sort()

const textOf = (key: CaseKey): string =>
  key === null || typeof key === 'string'
    ? String(key)
    : Object.keys(key)
        .sort()
        .map((name) => `${name}=${key[name]}`)
        .join('/')

/** Keys that readers need and that do not exist. */
export function nonexistent(relation: Relation, readers: PartitionSet, definition: Definition): readonly CaseKey[] {
  const keys = new Set(Array.from(ordinals(readers), (ordinal) => relation.nonexistent(ordinal)).flat())
  return Array.from(keys, (key) => caseKeyOf(definition, key))
}
