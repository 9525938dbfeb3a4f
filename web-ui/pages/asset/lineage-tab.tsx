import { Link } from '@tanstack/react-router'
import { GitFork } from 'lucide-react'
import { useId, useMemo } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Dag } from '../../kit/dag.tsx'
import { Select } from '../../kit/fields.tsx'
import { counted, shortCount } from '../../kit/format.ts'
import { Empty, Failure, Loading, Panel } from '../../kit/page.tsx'
import type { Status } from '../../kit/status.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { AssetDetails } from './grid-cells.ts'
import { keyFromAddress, keyInAddress, PartitionKey } from './partition-key.tsx'
import { PartitionPicker } from './partition-picker.tsx'

type Lineage = Answer<'lineage'>
type Node = Lineage['nodes'][number]

const mostNodes = 120

/** What one version of a partition was made from, and what was made from it. */
export function LineageTab({ asset }: { readonly asset: AssetDetails }) {
  const [address, change] = useAddress()
  const depthId = useId()
  const asked = keyFromAddress(address.key)
  const newest = useAnswer('materializations', { asset: asset.asset, limit: 1 }, { when: asked === undefined })
  const key = asked ?? newest.data?.items[0]?.key
  const depth = Math.min(20, Math.max(1, Number(address.depth) || 3))
  const given = { asset: asset.asset, key: key ?? '', depth }
  const up = useAnswer('lineage', { ...given, direction: 'up' }, { keep: true, when: key !== undefined })
  const down = useAnswer('lineage', { ...given, direction: 'down' }, { keep: true, when: key !== undefined })
  const error = up.error ?? down.error
  const picture = useMemo(() => up.data && down.data && joined(up.data, down.data), [up.data, down.data])
  return (
    <>
      <div className="flex flex-wrap items-center gap-4">
        <PartitionPicker
          asset={asset}
          value={asked}
          onChange={(key) => change({ key })}
          any={`${key ?? ''} (the newest)`}
        />
        <span className="flex items-center gap-2 text-sm text-ink-soft">
          <label htmlFor={depthId}>Steps each way</label>
          <Select id={depthId} value={depth} onChange={(event) => change({ depth: event.target.value })}>
            {[1, 2, 3, 5, 10, 20].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        </span>
      </div>
      {error && !picture && <Failure error={error} retry={() => void Promise.all([up.refetch(), down.refetch()])} />}
      {key === undefined && newest.data && (
        <Empty icon={GitFork} title="Nothing was made yet">
          What it was made from is known once it was.
        </Empty>
      )}
      {key !== undefined && !picture && !error && <Loading />}
      {picture && (
        <Panel
          flush
          title={<PartitionKey of={key!} />}
          note={`made from ${counted(up.data!.nodes.length - 1, 'partition')}, ${counted(down.data!.nodes.length - 1, 'partition')} made from it`}
        >
          <Dag
            label="Lineage"
            width={224}
            height={64}
            maxHeight="calc(100vh - 20rem)"
            nodes={picture.nodes.slice(0, mostNodes).map((node) => ({
              id: node.id,
              isHere: node.asset === asset.asset && node.key === key,
              content: <LineageNode node={node} hidden={picture.hidden.get(node.id) ?? 0} />,
            }))}
            edges={picture.edges}
          />
          {picture.nodes.length > mostNodes && (
            <p className="border-t border-line px-4 py-2 text-xs text-ink-faint">
              {picture.nodes.length - mostNodes} more are not drawn; fewer steps, or another partition, show them.
            </p>
          )}
        </Panel>
      )}
    </>
  )
}

const states = { published: 'published', superseded: 'skipped', removed: 'skipped' } as const satisfies Record<
  Node['status'],
  Status
>

function LineageNode({ node, hidden }: { readonly node: Node; readonly hidden: number }) {
  const word = node.isStale ? 'stale' : states[node.status]
  return (
    <Link
      to="/assets/$asset"
      params={{ asset: node.asset }}
      search={{ tab: 'lineage', key: keyInAddress(node.key) }}
      title={`${node.asset}\n${node.key}${node.status === 'published' ? '' : `\n${node.status}`}`}
      className="flex h-full flex-col justify-center px-3 text-xs hover:bg-sunken focus-visible:-outline-offset-2"
    >
      <span className="flex items-center gap-1.5 font-medium">
        <StatusIcon status={word} size={13} />
        <span className="truncate">{node.asset}</span>
      </span>
      <span className="truncate text-ink-soft">
        <PartitionKey of={node.key} />
      </span>
      <span className="tabular flex justify-between text-ink-faint">
        <span>
          {shortCount(node.rows)} {node.rows === 1 ? 'row' : 'rows'}
        </span>
        {hidden > 0 ? <span>and {hidden} more</span> : <Time at={node.at} />}
      </span>
    </Link>
  )
}

/** Both ways in one picture; the middle is in both. */
function joined(up: Lineage, down: Lineage) {
  const nodes = [...new Map([...up.nodes, ...down.nodes].map((node) => [node.id, node])).values()]
  const edges = [...new Map([...up.edges, ...down.edges].map((edge) => [`${edge.from} ${edge.to}`, edge])).values()]
  const hidden = new Map<string, number>()
  for (const { id, more } of [...up.hidden, ...down.hidden]) hidden.set(id, (hidden.get(id) ?? 0) + more)
  return { nodes, edges, hidden }
}
