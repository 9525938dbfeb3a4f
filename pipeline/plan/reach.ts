import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import type { PartitionSet } from './partition-set.ts'
import { difference, intersection, isEmpty, noPartitions, union } from './partition-set.ts'
import type { Relation } from './relation.ts'
import { relationOf } from './relation.ts'
import type { AsOf, Space } from './space.ts'
import { spaceOf } from './space.ts'

/** Partitions of several assets, by the name of the asset; an asset that is absent has none. */
export type GraphSet = ReadonlyMap<string, PartitionSet>

export interface PartitionGraph {
  spaceOf(asset: string): Space
  /** What partitions read directly, by asset. */
  sourcesOf(asset: string, partitions: PartitionSet): GraphSet
  /** What reads partitions directly, by asset. */
  readersOf(asset: string, partitions: PartitionSet): GraphSet
  /** Everything that is made from these partitions, directly or not, and they themselves; `passes` stops the walk. */
  reachedFrom(start: GraphSet, passes?: (asset: string, partitions: PartitionSet) => PartitionSet): GraphSet
}

/** The graph of all partitions that exist at an instant. */
export function partitionGraph(all: Definitions, asOf: AsOf): PartitionGraph {
  const spaces = new Map([...all.assets.values()].map((asset) => [asset.name, spaceOf(asset.partitions, asOf)]))
  const relations: { readonly reader: string; readonly source: string; readonly relation: Relation }[] = []
  for (const asset of all.assets.values()) {
    for (const [, dependency] of depsOf(asset as AnyAsset)) {
      const [reader, source] = [spaces.get(asset.name)!, spaces.get(dependency.name)!]
      relations.push({ reader: asset.name, source: dependency.name, relation: relationOf(dependency, reader, source) })
    }
  }
  const found = (entries: readonly (readonly [string, PartitionSet])[]): GraphSet => {
    const sets = new Map<string, PartitionSet>()
    for (const [name, set] of entries) {
      if (!isEmpty(set)) sets.set(name, union(sets.get(name) ?? noPartitions(set.space), set))
    }
    return sets
  }

  const graph: PartitionGraph = {
    spaceOf: (asset) => spaces.get(asset)!,
    sourcesOf: (asset, partitions) =>
      found(
        relations
          .filter(({ reader }) => reader === asset)
          .map(({ source, relation }) => [source, relation.allSourcesOf(partitions)]),
      ),
    readersOf: (asset, partitions) =>
      found(
        relations
          .filter(({ source }) => source === asset)
          .map(({ reader, relation }) => [reader, relation.allReadersOf(partitions)]),
      ),
    reachedFrom(start, passes = (_, partitions) => partitions) {
      const reached = new Map<string, PartitionSet>()
      const next = [...start]
      for (let one = next.pop(); one; one = next.pop()) {
        const [asset, partitions] = one
        const known = reached.get(asset) ?? noPartitions(partitions.space)
        const added = difference(intersection(partitions, passes(asset, partitions)), known)
        if (isEmpty(added)) continue
        reached.set(asset, union(known, added))
        next.push(...graph.readersOf(asset, added))
      }
      return reached
    },
  }
  return graph
}
