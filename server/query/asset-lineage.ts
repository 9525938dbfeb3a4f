import type { Engine, LineageNode, PartitionKey } from '#pipeline'
import { lineage } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'

type Graph = Answer<'lineage'>

/** From what a partition was made, or what was made from it, each version once. */
export async function lineageOf(engine: Engine, ask: Asked<'lineage'>): Promise<Graph> {
  const { asset, key, direction, depth } = ask
  const root = await lineage(engine, asset, key as PartitionKey, { direction, depth, most: 200, now: engine.clock() })
  const nodes = new Map<string, Graph['nodes'][number]>()
  const edges = new Map<string, Graph['edges'][number]>()
  const hidden: Graph['hidden'] = []
  const visit = (node: LineageNode): void => {
    const { materialization: id, at, rows, status, isStale } = node
    const isKnown = nodes.has(id)
    if (!isKnown)
      nodes.set(id, { id, asset: node.asset, key: node.key, run: node.run || null, at, rows, status, isStale })
    for (const { input, nodes: next, more } of node.edges) {
      for (const other of next) {
        const [from, to] = direction === 'up' ? [other.materialization, id] : [id, other.materialization]
        edges.set(`${from} ${to} ${input}`, { from, to, input })
        visit(other)
      }
      if (more !== 0) hidden.push({ id, input, more })
    }
  }
  visit(root)
  return { nodes: [...nodes.values()], edges: [...edges.values()], hidden }
}
