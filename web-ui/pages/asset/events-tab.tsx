import { CalendarClock } from 'lucide-react'
import { eventTypes } from '../../../server/contract/words.ts'
import { usePages } from '../../api/use-answer.ts'
import { Select } from '../../kit/fields.tsx'
import { span } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { AssetDetails } from './grid-cells.ts'
import { keyInAddress, PartitionKey } from './partition-key.tsx'
import { EventIcon, RunLink } from './partition-panel.tsx'

type Row = ReturnType<typeof usePages<'assetEvents'>>['items'][number]

const columns: readonly Column<Row>[] = [
  { title: 'At', width: '9.5rem', cell: ({ at }) => <Time at={at} as="utc" /> },
  {
    title: 'What',
    width: '7rem',
    cell: ({ type }) => (
      <span className="flex items-center gap-1.5">
        <EventIcon type={type} />
        {type}
      </span>
    ),
  },
  { title: 'Partition', width: 'minmax(10rem,1fr)', cell: ({ key }) => <PartitionKey of={key} /> },
  {
    title: 'Said',
    width: 'minmax(10rem,2fr)',
    cell: ({ message }) => (
      <span className="text-xs text-ink-soft" title={message ?? undefined}>
        {message}
      </span>
    ),
  },
  { title: 'Took', width: '5rem', align: 'right', cell: ({ tookMs }) => (tookMs === null ? '' : span(tookMs)) },
  { title: 'Run', width: 'minmax(8rem,0.8fr)', cell: ({ run }) => run !== null && <RunLink run={run} /> },
]

/** What happened to the asset, of whatever kind. */
export function EventsTab({ asset }: { readonly asset: AssetDetails }) {
  const [address, change] = useAddress()
  const type = eventTypes.find((one) => one === address.type)
  const pages = usePages('assetEvents', { asset: asset.asset, ...(type && { type }) }, { keep: true })
  return (
    <Panel
      flush
      title="Events"
      note="newest first"
      className="min-h-72 flex-1 overflow-hidden"
      actions={
        <Select
          aria-label="Kind of event"
          value={type ?? ''}
          onChange={(event) => change({ type: event.target.value || undefined })}
        >
          <option value="">of any kind</option>
          {eventTypes.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      }
    >
      <PagedTable
        label={`Events of ${asset.asset}`}
        pages={pages}
        rows={pages.items}
        columns={columns}
        keyOf={({ id }) => String(id)}
        rowHeight={34}
        onOpen={({ key }) => change({ tab: 'partitions', key: keyInAddress(key), type: undefined })}
        empty={<Empty icon={CalendarClock} title={type ? `Nothing was ${type}` : 'Nothing happened yet'} />}
      />
    </Panel>
  )
}
