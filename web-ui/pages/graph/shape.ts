import type { Answer } from '../../../server/contract/contract.ts'

export type Graph = Answer<'graph'>
export type AssetNode = Graph['nodes'][number]
export type Pulse = Answer<'assets'>['items'][number]

/** From left to right: what comes from outside, the three layers, and what is in none. */
export const bands = ['outside', 'bronze', 'silver', 'gold', 'other'] as const
export type Band = (typeof bands)[number]

/** What is drawn: an asset, or a whole group that is folded into one box. */
export interface Box {
  readonly id: string
  readonly band: Band
  /** The frame around it: a group within a band. */
  readonly frame: string
  readonly group: string
  readonly assets: readonly string[]
  readonly isFolded: boolean
  readonly isExternal: boolean
  readonly isDim: boolean
  /** How many others of its band lie before it, on the longest way; the mean of a folded group. */
  readonly depth: number
}

export interface Edge {
  readonly from: number
  readonly to: number
  /** How many dependencies it stands for. */
  readonly count: number
}

export interface Shape {
  readonly boxes: readonly Box[]
  readonly edges: readonly Edge[]
  readonly frames: readonly { readonly id: string; readonly size: number; readonly isFolded: boolean }[]
}

/** More than this can not be read at once: groups are folded then. */
export const mostUnfolded = 150

const bandOf = ({ layer, isExternal }: AssetNode): Band => layer ?? (isExternal ? 'outside' : 'other')
export const frameOf = (node: AssetNode): string => `${bandOf(node)}/${node.group}`

/** Boxes and edges as they are to be drawn. `turned` are the frames that a person folded, or unfolded, by hand. */
export function shapeOf({ nodes, edges }: Graph, turned: ReadonlySet<string>): Shape {
  const isFoldedFirst = nodes.length > mostUnfolded
  const frames = [...Map.groupBy(nodes, frameOf)].map(([id, inside]) => ({
    id,
    inside,
    size: inside.length,
    isFolded: inside.length > 1 && isFoldedFirst !== turned.has(id),
  }))
  const depths = depthsOf(nodes, edges)
  const boxes = frames.flatMap(({ id, inside, isFolded }): Box[] => {
    const [{ group }, band] = [inside[0]!, bandOf(inside[0]!)]
    const shared = { band, frame: id, group }
    if (isFolded) {
      const assets = inside.map(({ asset }) => asset)
      const depth = assets.reduce((sum, asset) => sum + depths.get(asset)!, 0) / assets.length
      return [{ ...shared, id, assets, isFolded: true, isExternal: false, isDim: false, depth }]
    }
    return inside.map(({ asset, isExternal, isSelected }) => ({
      ...shared,
      id: asset,
      assets: [asset],
      isFolded: false,
      isExternal,
      isDim: !isSelected,
      depth: depths.get(asset)!,
    }))
  })
  const boxOf = new Map(boxes.flatMap(({ assets }, index) => assets.map((asset) => [asset, index] as const)))
  return { boxes, edges: joined(edges, boxOf), frames }
}

function joined(edges: Graph['edges'], boxOf: ReadonlyMap<string, number>): readonly Edge[] {
  const counts = new Map<number, number>()
  for (const { from, to } of edges) {
    const [start, end] = [boxOf.get(from), boxOf.get(to)]
    if (start === undefined || end === undefined || start === end) continue
    const key = start * boxOf.size + end
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, count]) => ({ from: Math.floor(key / boxOf.size), to: key % boxOf.size, count }))
}

function depthsOf(nodes: Graph['nodes'], edges: Graph['edges']): ReadonlyMap<string, number> {
  const bands = new Map(nodes.map((node) => [node.asset, bandOf(node)]))
  const reads = Map.groupBy(
    edges.filter(({ from, to }) => bands.get(from) === bands.get(to)),
    ({ to }) => to,
  )
  const depths = new Map<string, number>()
  const depthOf = (asset: string): number => {
    const known = depths.get(asset)
    if (known !== undefined) return known
    // Assets read in no circle; one in a damaged answer ends here.
    depths.set(asset, 0)
    const depth = Math.max(0, ...(reads.get(asset) ?? []).map(({ from }) => 1 + depthOf(from)))
    depths.set(asset, depth)
    return depth
  }
  for (const { asset } of nodes) depthOf(asset)
  return depths
}
