import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { LayerChip } from '../../kit/page.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import type { AssetNode, Graph, Pulse } from './shape.ts'

interface Row extends AssetNode {
  readonly reads: readonly string[]
  readonly readBy: readonly string[]
  readonly health: Pulse['health'] | undefined
}

const columns: readonly Column<Row>[] = [
  {
    title: 'Asset',
    width: 'minmax(12rem,1fr)',
    cell: ({ asset, health }) => (
      <span className="flex items-center gap-2">
        {health && <StatusIcon status={health} />}
        <span className="truncate font-medium">{asset}</span>
      </span>
    ),
    sort: ({ asset }) => asset,
  },
  { title: 'Layer', width: '4.5rem', cell: ({ layer }) => <LayerChip layer={layer} />, sort: ({ layer }) => layer },
  { title: 'Group', width: 'minmax(5rem,0.5fr)', cell: ({ group }) => group, sort: ({ group }) => group },
  {
    title: 'Reads',
    width: 'minmax(12rem,1.5fr)',
    cell: ({ reads }) => <Names of={reads} />,
    sort: ({ reads }) => reads.length,
  },
  {
    title: 'Read by',
    width: 'minmax(12rem,1.5fr)',
    cell: ({ readBy }) => <Names of={readBy} />,
    sort: ({ readBy }) => readBy.length,
  },
]

/** The graph in words, for those who do not see it, and for long ones. */
export function GraphList({ graph, pulses }: { readonly graph: Graph; readonly pulses: ReadonlyMap<string, Pulse> }) {
  const navigate = useNavigate()
  const rows = useMemo(() => {
    const reads = Map.groupBy(graph.edges, ({ to }) => to)
    const readBy = Map.groupBy(graph.edges, ({ from }) => from)
    return graph.nodes.map(
      (node): Row => ({
        ...node,
        reads: [...new Set((reads.get(node.asset) ?? []).map(({ from }) => from))],
        readBy: [...new Set((readBy.get(node.asset) ?? []).map(({ to }) => to))],
        health: pulses.get(node.asset)?.health,
      }),
    )
  }, [graph, pulses])
  return (
    <div className="min-h-0 flex-1 overflow-hidden rounded-lg border border-line bg-surface">
      <Table
        label="What reads what"
        rows={rows}
        columns={columns}
        keyOf={({ asset }) => asset}
        onOpen={({ asset }) => void navigate({ to: '/assets/$asset', params: { asset } })}
      />
    </div>
  )
}

function Names({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return <span className="text-ink-faint">–</span>
  return (
    <span title={of.join(', ')}>
      {of.slice(0, 4).map((asset, index) => (
        <span key={asset}>
          {index > 0 && ', '}
          <Link to="/assets/$asset" params={{ asset }} tabIndex={-1} className="text-accent hover:underline">
            {asset}
          </Link>
        </span>
      ))}
      {of.length > 4 && <span className="text-ink-faint"> and {of.length - 4} more</span>}
    </span>
  )
}
