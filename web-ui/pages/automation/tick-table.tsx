import { Link } from '@tanstack/react-router'
import { Clock } from 'lucide-react'
import type { ComponentProps } from 'react'
import { useState } from 'react'
import { Choice } from '../../kit/fields.tsx'
import { counted } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import type { TickRow } from './automated-page.tsx'
import { TickDialog } from './tick-dialog.tsx'

const options = [
  ['all', 'All'],
  ['succeeded', 'Succeeded'],
  ['skipped', 'Skipped'],
  ['failed', 'Failed'],
] as const

/** The ticks of a schedule or sensor, newest first, and what came of each. */
export function TickTable({
  pages,
  rows,
  isSensor,
  chosen,
  onChoose,
  status,
  onStatus,
}: {
  readonly pages: ComponentProps<typeof PagedTable<TickRow>>['pages']
  readonly rows: readonly TickRow[]
  readonly isSensor: boolean
  readonly chosen: number | undefined
  readonly onChoose: (tick: TickRow | undefined) => void
  readonly status: TickRow['status'] | undefined
  readonly onStatus: (status: TickRow['status'] | undefined) => void
}) {
  const [open, setOpen] = useState<TickRow>()
  const choose = (tick: TickRow): void => {
    onChoose(tick)
    setOpen(tick)
  }
  return (
    <Panel
      title="Ticks"
      flush
      className="min-h-56 flex-1 overflow-hidden"
      actions={
        <Choice
          label="Status"
          value={status ?? 'all'}
          options={options}
          onChange={(one) => onStatus(one === 'all' ? undefined : one)}
        />
      }
    >
      <PagedTable
        label="Ticks"
        pages={pages}
        rows={rows}
        columns={columns}
        keyOf={keyOf}
        onOpen={choose}
        isHere={(tick) => tick.scheduledAt === chosen}
        rowHeight={38}
        empty={
          <Empty
            icon={Clock}
            title={status ? `No tick ${status === 'failed' ? 'has failed' : `was ${status}`}` : 'It has not ticked yet'}
          >
            {!status &&
              (isSensor ? 'Each look of it appears here.' : 'Each of its times appears here, once it has come.')}
          </Empty>
        }
      />
      {open && <TickDialog tick={open} onClose={() => setOpen(undefined)} />}
    </Panel>
  )
}

const keyOf = ({ scheduledAt }: TickRow): string => String(scheduledAt)

const columns: readonly Column<TickRow>[] = [
  { title: 'Status', width: '6.5rem', cell: ({ status }) => <StatusBadge status={status} /> },
  { title: 'For', width: '9.5rem', cell: ({ scheduledAt }) => <Time at={scheduledAt} as="utc" /> },
  { title: 'Runs', width: 'minmax(8rem,1fr)', cell: ({ runs }) => <Runs runs={runs} /> },
  {
    title: 'Note',
    width: 'minmax(8rem,1.6fr)',
    cell: ({ note, failures }) => (
      <span className="text-ink-soft" title={note ?? undefined}>
        {failures > 1 && <span className="text-failed">{counted(failures, 'failure')} in a row · </span>}
        {note?.split('\n')[0]}
      </span>
    ),
  },
]

function Runs({ runs }: { readonly runs: readonly string[] }) {
  if (runs.length === 0) return <span className="text-ink-faint">none</span>
  return (
    <span className="flex gap-2">
      {runs.slice(0, 2).map((run) => (
        <Link
          key={run}
          to="/runs/$run"
          params={{ run }}
          className="truncate font-mono text-xs text-accent hover:underline"
        >
          {run}
        </Link>
      ))}
      {runs.length > 2 && <span className="shrink-0 text-xs text-ink-faint">and {runs.length - 2} more</span>}
    </span>
  )
}
