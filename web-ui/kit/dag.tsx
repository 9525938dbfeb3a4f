/** A small graph, from left to right, of elements that are joined by lines. For hundreds of boxes there is the graph page. */

import { graphlib, layout } from '@dagrejs/dagre'
import type { ReactNode } from 'react'
import { useEffect, useMemo, useRef } from 'react'

export interface DagNode {
  readonly id: string
  readonly content: ReactNode
  readonly isHere?: boolean
}

const size = { width: 184, height: 54 }

export function Dag({
  label,
  nodes,
  edges,
  width = size.width,
  height = size.height,
  maxHeight = '24rem',
}: {
  readonly label: string
  readonly nodes: readonly DagNode[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly note?: string }[]
  readonly width?: number
  readonly height?: number
  readonly maxHeight?: string
}) {
  const box = useRef<HTMLDivElement>(null)
  // Contents change with each change of a status; the places do not.
  const shape = JSON.stringify([nodes.map(({ id }) => id), edges.map(({ from, to }) => [from, to]), width, height])
  const placed = useMemo(() => placedOf(shape), [shape])
  const here = nodes.find(({ isHere }) => isHere)?.id
  useEffect(() => {
    const at = here === undefined ? undefined : placed.nodes.get(here)
    if (at && box.current) {
      box.current.scrollLeft = at.x - box.current.clientWidth / 2
      box.current.scrollTop = at.y - box.current.clientHeight / 2
    }
  }, [placed, here])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <div ref={box} tabIndex={0} role="group" aria-label={label} className="overflow-auto" style={{ maxHeight }}>
      <div className="relative m-3" style={{ width: placed.width, height: placed.height }}>
        <svg aria-hidden width={placed.width} height={placed.height} className="absolute inset-0 text-line-strong">
          {placed.edges.map(({ id, path }) => (
            <path key={id} d={path} fill="none" stroke="currentColor" strokeWidth={1.5} />
          ))}
        </svg>
        {nodes.map(({ id, content, isHere }) => {
          const at = placed.nodes.get(id)!
          return (
            <div
              key={id}
              {...(isHere && { 'aria-current': 'true' as const })}
              className="absolute overflow-hidden rounded-md border border-line-strong bg-surface aria-[current=true]:border-2 aria-[current=true]:border-accent-fill"
              style={{ left: at.x - width / 2, top: at.y - height / 2, width, height }}
            >
              {content}
            </div>
          )
        })}
      </div>
    </div>
  )
}

type Shape = [ids: string[], edges: [from: string, to: string][], width: number, height: number]

function placedOf(shape: string) {
  const [ids, edges, width, height] = JSON.parse(shape) as Shape
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', ranksep: 26, nodesep: 14, marginx: 2, marginy: 2 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of ids) graph.setNode(id, { width, height })
  for (const [from, to] of edges) if (from !== to && graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to)
  layout(graph)
  const nodes = new Map(ids.map((id) => [id, graph.node(id) as { x: number; y: number }]))
  const all = graph.graph() as { width?: number; height?: number }
  return {
    nodes,
    width: all.width ?? width,
    height: all.height ?? height,
    edges: graph.edges().map(({ v, w }) => {
      const [from, to] = [nodes.get(v)!, nodes.get(w)!]
      const points = (graph.edge(v, w) as { points: { x: number; y: number }[] }).points
      return {
        id: `${v}\n${w}`,
        path: curve({ x: from.x + width / 2, y: from.y }, points.length > 3 ? points.slice(1, -1) : [], {
          x: to.x - width / 2,
          y: to.y,
        }),
      }
    }),
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Leaves and arrives level, through the points between. */
function curve(from: Point, between: readonly Point[], to: Point): string {
  const points = [from, ...between.filter(({ x }) => x > from.x && x < to.x), to]
  return points.slice(1).reduce((path, point, index) => {
    const before = points[index]!
    const middle = (before.x + point.x) / 2
    return `${path} C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`
  }, `M${from.x} ${from.y}`)
}
