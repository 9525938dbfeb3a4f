import { useParams } from '@tanstack/react-router'
import { DatabaseZap, Ellipsis, Eraser, Play, Workflow } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { isUnknown } from '../../api/ask.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button, IconButton, LinkButton } from '../../kit/button.tsx'
import { Menu, MenuItem } from '../../kit/menu.tsx'
import { Empty, Failure, Loading, Page } from '../../kit/page.tsx'
import { Tabs } from '../../kit/tabs.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { useOpenMake } from '../../make/open-make.tsx'
import { AssetHead, AssetLead } from './asset-head.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { OverviewTab } from './overview-tab.tsx'
import { PartitionsTab } from './partitions-tab.tsx'
import { WipeDialog } from './wipe-dialog.tsx'

const tabs = [
  ['overview', 'Overview', OverviewTab],
  ['partitions', 'Partitions', PartitionsTab],
  [
    'materializations',
    'Materializations',
    lazy(() => import('./materializations-tab.tsx').then((module) => ({ default: module.MaterializationsTab }))),
  ],
  ['checks', 'Checks', lazy(() => import('./checks-tab.tsx').then((module) => ({ default: module.ChecksTab })))],
  ['lineage', 'Lineage', lazy(() => import('./lineage-tab.tsx').then((module) => ({ default: module.LineageTab })))],
  ['events', 'Events', lazy(() => import('./events-tab.tsx').then((module) => ({ default: module.EventsTab })))],
  ['schema', 'Schema', lazy(() => import('./schema-tab.tsx').then((module) => ({ default: module.SchemaTab })))],
  ['preview', 'Preview', lazy(() => import('./preview-tab.tsx').then((module) => ({ default: module.PreviewTab })))],
] as const

/** One asset, from all sides. */
export function AssetPage() {
  const { asset } = useParams({ from: '/assets/$asset' })
  const answer = useAnswer('asset', { asset })
  if (answer.data) return <Known key={asset} asset={answer.data} />
  return (
    <Page title={asset}>
      {isUnknown(answer.error) ? (
        <Empty title="There is no such asset" icon={Workflow}>
          {answer.error.message}
          <span className="mt-3 flex justify-center">
            <LinkButton to="/assets" search={{ q: asset }}>
              Search the assets
            </LinkButton>
          </span>
        </Empty>
      ) : answer.error ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

function Known({ asset }: { readonly asset: AssetDetails }) {
  const [{ tab, key }] = useAddress()
  const openMake = useOpenMake()
  const [isWiping, setWiping] = useState(false)
  const [here, , Tab] = tabs.find(([name]) => name === tab) ?? tabs[0]
  const counts: Record<string, number | undefined> = { checks: asset.failedChecks }
  return (
    <Page
      title={asset.asset}
      head={<AssetHead asset={asset} />}
      lead={<AssetLead asset={asset} />}
      fill={['materializations', 'events', 'preview', 'partitions'].includes(here)}
      actions={
        <>
          <LinkButton to="/graph" search={{ selection: `+${asset.asset}+`, focus: asset.asset }} icon={Workflow}>
            Graph
          </LinkButton>
          {!asset.isExternal && (
            <>
              <LinkButton to="/sql" search={{ q: asset.viewSql }} icon={DatabaseZap}>
                Open in SQL
              </LinkButton>
              <Button look="primary" icon={Play} onClick={() => openMake({ selection: asset.asset })}>
                Materialize…
              </Button>
              <Menu trigger={<IconButton label="More" icon={Ellipsis} />}>
                <MenuItem icon={Eraser} isDanger onSelect={() => setWiping(true)}>
                  Wipe…
                </MenuItem>
              </Menu>
            </>
          )}
        </>
      }
      tabs={
        <Tabs
          label={`Parts of ${asset.asset}`}
          tabs={tabs.map(([name, title]) => ({
            name: title,
            isHere: name === here,
            count: counts[name],
            to: {
              to: '/assets/$asset',
              params: { asset: asset.asset },
              search: { ...(name !== 'overview' && { tab: name }), ...(key !== undefined && { key }) },
            },
          }))}
        />
      }
    >
      <Suspense fallback={<Loading />}>
        <Tab asset={asset} />
      </Suspense>
      {isWiping && <WipeDialog asset={asset} onClose={() => setWiping(false)} />}
    </Page>
  )
}
