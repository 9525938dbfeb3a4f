import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'

type Assets = ReadonlyMap<string, AnyAsset>
type Edges = ReadonlyMap<string, readonly string[]>

/** Names of the assets that any of `names` reads, directly or over at most `depth` steps. */
export function upstreamOf(all: { readonly assets: Assets }, names: Iterable<string>, depth = Infinity) {
  return reached(edgesOf(all.assets).reads, names, depth)
}

/** Names of the assets that read any of `names`, directly or over at most `depth` steps. */
export function downstreamOf(all: { readonly assets: Assets }, names: Iterable<string>, depth = Infinity) {
  return reached(edgesOf(all.assets).readers, names, depth)
}

// Level by level, since depth is the shortest way. A start is in the answer only if another start reaches it.
function reached(edges: Edges, names: Iterable<string>, depth: number): ReadonlySet<string> {
  const found = new Set<string>()
  let level: readonly string[] = [...names]
  for (let step = 0; step < depth && level.length > 0; step++) {
    const next: string[] = []
    for (const from of level) {
      for (const to of edges.get(from) ?? []) {
        if (found.has(to)) continue
        found.add(to)
        next.push(to)
      }
    }
    level = next
  }
  return found
}

const known = new WeakMap<Assets, { readonly reads: Edges; readonly readers: Edges }>()

// Kept because a selection of many terms walks one graph many times, and definitions never change. An asset that reads
// its own past is not its own upstream.
function edgesOf(assets: Assets) {
  const before = known.get(assets)
  if (before) return before
  const reads = new Map<string, readonly string[]>()
  const readers = new Map<string, string[]>([...assets.keys()].map((name) => [name, []]))
  for (const asset of assets.values()) {
    const names = [...new Set(depsOf(asset).map(([, { name }]) => name))].filter((name) => name !== asset.name)
    reads.set(asset.name, names)
    for (const name of names) readers.get(name)?.push(asset.name)
  }
  const edges = { reads, readers }
  known.set(assets, edges)
  return edges
}
