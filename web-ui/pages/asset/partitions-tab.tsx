import { useNavigate } from '@tanstack/react-router'
import { Grid3x3, Play, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { usePages } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { bytes, count } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { useSettled } from '../../kit/use-settled.ts'
import type { Stretch } from '../../kit/use-zoom.ts'
import { useOpenMake } from '../../make/open-make.tsx'
import type { AssetDetails, PartitionStatus } from './grid-cells.ts'
import { cellStatuses, pickedBy, readable } from './grid-cells.ts'
import { keyFromAddress, keyInAddress, PartitionKey } from './partition-key.tsx'
import type { Sight } from './partition-map.tsx'
import { PartitionMap } from './partition-map.tsx'
import { PartitionPanel } from './partition-panel.tsx'

type Row = ReturnType<typeof usePages<'partitions'>>['items'][number]

const columns: readonly Column<Row>[] = [
  { title: 'Status', width: '6.5rem', cell: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Partition', width: 'minmax(11.5rem,1.2fr)', cell: ({ key }) => <PartitionKey of={key} /> },
  {
    title: 'Why',
    width: 'minmax(2.25rem,1.6fr)',
    cell: ({ why }) => (
      <span className="text-xs text-ink-soft" title={why ?? undefined}>
        {why}
      </span>
    ),
  },
  { title: 'Rows', width: '4.5rem', align: 'right', cell: ({ rows }) => (rows === null ? '' : count(rows)) },
  { title: 'Size', width: '4.5rem', align: 'right', cell: (row) => (row.bytes === null ? '' : bytes(row.bytes)) },
  { title: 'Published', width: '5.5rem', align: 'right', cell: ({ publishedAt }) => <Time at={publishedAt} /> },
]

/** Every partition: the map, the list, and the one that is looked at. */
export function PartitionsTab({ asset }: { readonly asset: AssetDetails }) {
  const [address, change] = useAddress()
  const navigate = useNavigate()
  const openMake = useOpenMake()
  const [sight, setSight] = useSight()
  const status = cellStatuses.find((one) => one === address.status)
  const { partitions } = address
  const key = keyFromAddress(address.key)
  const pages = usePages(
    'partitions',
    { asset: asset.asset, ...(status && { status }), ...(partitions && { partitions }) },
    { keep: true },
  )
  const name = { to: '/assets/$asset', params: { asset: asset.asset } } as const
  return (
    <div className="flex min-h-0 flex-1 gap-4">
      <div className="flex min-w-0 flex-1 flex-col gap-4">
        {asset.dimensions.length > 0 && (
          <Panel>
            <PartitionMap
              asset={asset}
              sight={sight}
              onSight={setSight}
              status={status}
              onStatus={(status) => change({ status })}
              onPick={(grid, column, row) => {
                const picked = pickedBy(asset, grid, column, row)
                if ('key' in picked) change({ key: keyInAddress(picked.key) })
                else if ('partitions' in picked) change({ partitions: picked.partitions || undefined, key: undefined })
                // Nearer, until they can be named.
                else setSight({ columns: { from: column.from, to: column.to }, rows: { from: row.from, to: row.to } })
              }}
            />
          </Panel>
        )}
        <Panel
          flush
          className="min-h-72 flex-1 overflow-hidden"
          title="Partitions"
          note={
            <span className="inline-flex flex-wrap items-center gap-1.5">
              {status && <Narrowed text={status} onClear={() => change({ status: undefined })} />}
              {partitions && <Narrowed text={readable(partitions)} onClear={() => change({ partitions: undefined })} />}
              {!status &&
                !partitions &&
                asset.dimensions.length > 0 &&
                'newest first; click a cell of the map to see its partitions alone'}
            </span>
          }
          actions={
            (status || partitions) &&
            !asset.isExternal && (
              <Button icon={Play} onClick={() => openMake(makeOf(asset.asset, status, partitions))}>
                Materialize these…
              </Button>
            )
          }
        >
          <PagedTable
            label={`Partitions of ${asset.asset}`}
            pages={pages}
            rows={pages.items}
            columns={columns}
            keyOf={(row) => row.key}
            rowHeight={34}
            isHere={(row) => row.key === key}
            onOpen={(row) =>
              void navigate({ ...name, search: { ...address, key: keyInAddress(row.key) }, replace: true })
            }
            empty={
              <Empty icon={Grid3x3} title={status || partitions ? 'No partition is like that' : 'No partitions yet'}>
                {status || partitions
                  ? 'Take a filter away to see the others.'
                  : 'They come to be as time goes on, or as keys are added.'}
              </Empty>
            }
          />
        </Panel>
      </div>
      {key !== undefined && <PartitionPanel asset={asset} partition={key} onClose={() => change({ key: undefined })} />}
    </div>
  )
}

function Narrowed({ text, onClear }: { readonly text: string; readonly onClear: () => void }) {
  return (
    <span className="inline-flex max-w-96 items-center gap-1 rounded-full border border-accent-fill bg-accent-soft py-px pr-1 pl-2 text-accent">
      <span className="truncate" title={text}>
        {text}
      </span>
      <button
        type="button"
        aria-label={`All, not only ${text}`}
        onClick={onClear}
        className="grid size-4 place-items-center rounded-full hover:bg-surface"
      >
        <X size={11} aria-hidden />
      </button>
    </span>
  )
}

function makeOf(asset: string, status: PartitionStatus | undefined, partitions: string | undefined) {
  const modes = { missing: 'missing', failed: 'failed', rejected: 'failed', stale: 'stale' } as const
  const mode = status && status in modes ? modes[status as keyof typeof modes] : undefined
  return { selection: asset, ...(partitions && { partitions }), ...(mode && { mode }) }
}

/** What of the map is in sight; the address learns it once it stands still. */
function useSight(): readonly [Sight, (sight: Sight) => void] {
  const [address, change] = useAddress()
  const [sight, setSight] = useState<Sight>(() => ({
    columns: stretchOf(address.from, address.to),
    rows: stretchOf(address.rowsFrom, address.rowsTo),
  }))
  const settled = useSettled(sight, 400)
  const isFirst = useRef(true)
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false
      return
    }
    const text = (place: number | undefined) => (place === undefined ? undefined : String(Math.round(place)))
    change({
      from: text(settled.columns?.from),
      to: text(settled.columns?.to),
      rowsFrom: text(settled.rows?.from),
      rowsTo: text(settled.rows?.to),
    })
  }, [settled, change])
  return [sight, setSight]
}

function stretchOf(from: string | undefined, to: string | undefined): Stretch | undefined {
  const [start, end] = [Number(from), Number(to)]
  return from !== undefined && to !== undefined && end > start ? { from: start, to: end } : undefined
}
