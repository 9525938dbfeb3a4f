import { Link } from '@tanstack/react-router'
import { Zap } from 'lucide-react'
import { bytes, count, shortCount } from '../../kit/format.ts'
import { LayerChip } from '../../kit/page.tsx'
import { PartitionsBar } from '../../kit/partitions-bar.tsx'
import { StatusBadge, StatusIcon } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { Tip } from '../../kit/tip.tsx'
import type { AssetRow } from './facets.ts'
import { layerOrder } from './facets.ts'

const none = <span className="text-ink-faint">–</span>

const severity = ['failing', 'late', 'running', 'incomplete', 'unmade', 'healthy', 'external']

/** What is asked for most comes first: on a narrow screen the end of a row is out of sight. */
export const assetColumns: readonly Column<AssetRow>[] = [
  {
    title: 'Health',
    width: '6.75rem',
    cell: ({ health }) => <StatusBadge status={health} />,
    sort: ({ health }) => severity.indexOf(health),
  },
  {
    title: 'Asset',
    width: 'minmax(13rem,2fr)',
    cell: (row) => (
      <span className="flex flex-col leading-tight">
        <Link
          to="/assets/$asset"
          params={{ asset: row.asset }}
          tabIndex={-1}
          className="truncate font-medium hover:text-accent hover:underline"
        >
          {row.asset}
        </Link>
        {row.description && (
          <span className="truncate text-xs text-ink-faint" title={row.description}>
            {row.description}
          </span>
        )}
      </span>
    ),
    sort: ({ asset }) => asset,
  },
  {
    title: 'Layer',
    width: '4.25rem',
    cell: ({ layer }) => <LayerChip layer={layer} />,
    sort: ({ layer }) => layerOrder.indexOf(layer ?? 'none'),
  },
  {
    title: 'Partitions',
    width: 'minmax(9.75rem,1.2fr)',
    cell: ({ partitions, isExternal }) => (isExternal ? none : <PartitionsBar counts={partitions} />),
    sort: ({ partitions: { published, total } }) => (total === 0 ? null : published / total),
  },
  {
    title: 'Published',
    width: '5.5rem',
    align: 'right',
    cell: ({ lastPublishedAt }) => <Time at={lastPublishedAt} />,
    sort: ({ lastPublishedAt }) => lastPublishedAt,
  },
  {
    title: 'Freshness',
    width: '6rem',
    cell: ({ freshness }) => <Freshness freshness={freshness} />,
    sort: ({ freshness }) => freshness,
  },
  {
    title: 'Rows',
    width: '5rem',
    align: 'right',
    cell: ({ rows }) => (rows === 0 ? none : <span title={count(rows)}>{shortCount(rows)}</span>),
    sort: ({ rows }) => rows,
  },
  {
    title: 'Size',
    width: '4.5rem',
    align: 'right',
    cell: (row) => (row.bytes === 0 ? none : bytes(row.bytes)),
    sort: (row) => row.bytes,
  },
  {
    title: 'Group',
    width: 'minmax(4.5rem,0.7fr)',
    cell: ({ group }) => <span className="text-ink-soft">{group}</span>,
    sort: ({ group }) => group,
  },
  {
    title: 'Automation',
    width: 'minmax(6.25rem,0.6fr)',
    cell: ({ automation }) =>
      automation === null ? (
        none
      ) : (
        <Tip text={automation}>
          <span className="inline-flex max-w-full items-center gap-1 align-middle text-xs text-ink-soft">
            <Zap size={13} aria-hidden className="shrink-0 text-accent" />
            <span className="truncate">{automation}</span>
          </span>
        </Tip>
      ),
    sort: ({ automation }) => automation,
  },
]

function Freshness({ freshness }: Pick<AssetRow, 'freshness'>) {
  if (freshness === null) return none
  const word = freshness === 'unmade' ? 'unmade' : freshness
  return (
    <span className="inline-flex items-center gap-1.5 text-xs">
      <span aria-hidden>
        <StatusIcon status={word} size={14} />
      </span>
      {freshness === 'late' ? 'late' : freshness === 'fresh' ? 'in time' : 'never made'}
    </span>
  )
}
