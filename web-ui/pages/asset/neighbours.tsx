import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import { MoreLink } from '../../kit/button.tsx'
import { Dag } from '../../kit/dag.tsx'
import { Answered, Panel } from '../../kit/page.tsx'
import { countsInWords, tonesOf } from '../../kit/partitions-bar.tsx'
import { StatusBar, StatusIcon } from '../../kit/status.tsx'
import type { AssetDetails } from './grid-cells.ts'

/** A picture of more than this belongs to the graph page. */
const mostNodes = 40

/** What the asset reads and what reads it, two steps each way. */
export function Neighbours({ asset }: { readonly asset: AssetDetails }) {
  const name = /^[a-z0-9_/]+$/i.test(asset.asset) ? asset.asset : `key:"${asset.asset}"`
  const near = useAnswer('graph', { selection: `2+${name}+2` })
  const rows = useAnswer('assets', { limit: 5_000 })
  const pulses = useMemo(() => new Map((rows.data?.items ?? []).map((row) => [row.asset, row])), [rows.data])
  return (
    <Panel
      flush
      title="Reads and is read by"
      note={asset.reads.length === 0 && asset.readBy.length === 0 ? undefined : 'two steps each way'}
      actions={
        <MoreLink to="/graph" search={{ selection: `+${name}+`, focus: asset.asset }}>
          All of it
        </MoreLink>
      }
    >
      <Answered query={near}>
        {({ nodes, edges }) => {
          const known = nodes.some((node) => node.asset === asset.asset)
          const shown = nodes.length > mostNodes ? nearest(asset, nodes) : nodes
          const names = new Set(shown.map((node) => node.asset))
          if (!known || shown.length === 1) {
            return <p className="px-4 py-3 text-sm text-ink-faint">It reads no other asset, and none reads it.</p>
          }
          return (
            <>
              <Dag
                label={`What ${asset.asset} reads, and what reads it`}
                nodes={shown.map((node) => ({
                  id: node.asset,
                  isHere: node.asset === asset.asset,
                  content: <Node asset={node.asset} pulse={pulses.get(node.asset)} />,
                }))}
                edges={edges.filter(({ from, to }) => names.has(from) && names.has(to))}
              />
              {shown.length < nodes.length && (
                <p className="border-t border-line px-4 py-2 text-xs text-ink-faint">
                  {nodes.length - shown.length} more are two steps away; all of it shows them.
                </p>
              )}
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}

type Pulse = Parameters<typeof countsInWords>[0]

function Node({
  asset,
  pulse,
}: {
  readonly asset: string
  readonly pulse:
    | {
        readonly health: 'failing' | 'late' | 'running' | 'incomplete' | 'unmade' | 'healthy' | 'external'
        readonly partitions: Pulse
      }
    | undefined
}) {
  return (
    <Link
      to="/assets/$asset"
      params={{ asset }}
      className="flex h-full flex-col justify-center gap-1.5 px-2.5 hover:bg-sunken focus-visible:-outline-offset-2"
    >
      <span className="flex items-center gap-1.5 text-xs font-medium">
        {pulse && <StatusIcon status={pulse.health} size={13} />}
        <span className="truncate" title={asset}>
          {asset}
        </span>
      </span>
      {pulse && pulse.health !== 'external' && (
        <StatusBar
          counts={tonesOf(pulse.partitions)}
          total={pulse.partitions.total}
          label={countsInWords(pulse.partitions)}
          className="h-1"
        />
      )}
    </Link>
  )
}

function nearest<Node extends { readonly asset: string }>(
  asset: AssetDetails,
  nodes: readonly Node[],
): readonly Node[] {
  const near = new Set([asset.asset, ...asset.reads.map((read) => read.asset), ...asset.readBy])
  return nodes.filter((node) => near.has(node.asset)).slice(0, mostNodes)
}
