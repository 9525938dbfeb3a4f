import { useNavigate } from '@tanstack/react-router'
import { PackageOpen } from 'lucide-react'
import { usePages } from '../../api/use-answer.ts'
import { bytes, count } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { AssetPlots } from './asset-plots.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { keyInAddress, PartitionKey } from './partition-key.tsx'
import { RunLink } from './partition-panel.tsx'
import type { Version } from './version-card.tsx'
import { RollbackButton } from './version-card.tsx'

const columnsOf = (asset: AssetDetails): readonly Column<Version>[] => [
  { title: 'Published', width: '9.5rem', cell: ({ at }) => <Time at={at} as="utc" /> },
  { title: 'Partition', width: 'minmax(11rem,1.4fr)', cell: ({ key }) => <PartitionKey of={key} /> },
  {
    title: 'State',
    width: '6.5rem',
    cell: ({ status, isCurrent, isRemoved }) =>
      status === 'rejected' ? (
        <StatusBadge status="rejected" />
      ) : isCurrent ? (
        <StatusBadge status="published">current</StatusBadge>
      ) : (
        <StatusBadge status="skipped">{isRemoved ? 'removed' : 'earlier'}</StatusBadge>
      ),
  },
  { title: 'Rows', width: '5rem', align: 'right', cell: ({ rows }) => count(rows) },
  { title: 'Size', width: '4.5rem', align: 'right', cell: (row) => bytes(row.bytes) },
  {
    title: 'Checks',
    width: '5.5rem',
    cell: ({ checks }) => {
      const failed = checks.filter(({ passed }) => !passed)
      if (checks.length === 0) return <span className="text-ink-faint">–</span>
      return failed.length === 0 ? (
        <span className="text-fresh">{checks.length} passed</span>
      ) : (
        <span className="text-failed" title={failed.map(({ name, why }) => `${name}: ${why}`).join('\n')}>
          {failed.length} failed
        </span>
      )
    },
  },
  { title: 'Code', width: '4rem', cell: ({ codeVersion }) => <span className="text-ink-soft">{codeVersion}</span> },
  { title: 'Run', width: 'minmax(8rem,0.8fr)', cell: ({ run }) => <RunLink run={run} /> },
  {
    title: ' ',
    width: '8.5rem',
    cell: (version) =>
      version.status === 'published' && !version.isCurrent && !version.isRemoved ? (
        <RollbackButton asset={asset.asset} version={version} />
      ) : null,
  },
]

/** What was made, over time: the numbers as lines, then one by one. */
export function MaterializationsTab({ asset }: { readonly asset: AssetDetails }) {
  const navigate = useNavigate()
  const pages = usePages('materializations', { asset: asset.asset, limit: 100 })
  return (
    <>
      <AssetPlots asset={asset.asset} />
      <Panel flush title="Materializations" note="newest first" className="min-h-72 flex-1 overflow-hidden">
        <PagedTable
          label={`Materializations of ${asset.asset}`}
          pages={pages}
          rows={pages.items}
          columns={columnsOf(asset)}
          keyOf={({ id }) => id}
          rowHeight={36}
          onOpen={({ key }) =>
            void navigate({
              to: '/assets/$asset',
              params: { asset: asset.asset },
              search: { tab: 'partitions', key: keyInAddress(key) },
            })
          }
          empty={
            <Empty icon={PackageOpen} title="Nothing was made yet">
              <em>Materialize…</em> above makes it.
            </Empty>
          }
        />
      </Panel>
    </>
  )
}
