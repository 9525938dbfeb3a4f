import { useNavigate } from '@tanstack/react-router'
import { CirclePlay, Play } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { usePages } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Page, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import type { RunRow } from '../../kit/run-bar.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { useOpenMake } from '../../make/open-make.tsx'
import { ChosenRuns } from './chosen-runs.tsx'
import { runColumns } from './run-columns.tsx'
import { askedOf, isFiltered, RunFilters } from './run-filters.tsx'

const none: ReadonlySet<string> = new Set()

export function RunsPage() {
  const [address, change] = useAddress()
  const navigate = useNavigate()
  const openMake = useOpenMake()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(none)
  // "In the last hour" counts from when it was chosen.
  const given = useMemo(() => askedOf(address, Date.now()), [address])
  const pages = usePages('runs', given, { keep: true })
  // A run that went on meanwhile may no longer be of the status that was asked for.
  const rows = useMemo(
    () => pages.items.filter(({ status }) => given.status === undefined || status === given.status),
    [pages.items, given.status],
  )
  const open = useCallback((row: RunRow) => void navigate({ to: '/runs/$run', params: { run: row.run } }), [navigate])
  const clear = () => change({ status: undefined, asset: undefined, q: undefined, since: undefined, to: undefined })
  return (
    <Page
      title="Runs"
      fill
      actions={
        <Button look="primary" icon={Play} onClick={() => openMake({})}>
          Materialize…
        </Button>
      }
    >
      <RunFilters address={address} change={change} />
      <Panel flush className="min-h-0 flex-1 overflow-hidden">
        <PagedTable
          label="Runs"
          pages={pages}
          rows={rows}
          columns={runColumns}
          keyOf={keyOf}
          onOpen={open}
          rowHeight={48}
          selection={{ chosen, onChange: setChosen }}
          empty={
            isFiltered(address) ? (
              <Empty icon={CirclePlay} title="No run is like this">
                <Button onClick={clear}>Show all runs</Button>
              </Empty>
            ) : (
              <Empty icon={CirclePlay} title="No run yet">
                Materialize something, or switch a schedule on: each time partitions are made is a run.
              </Empty>
            )
          }
        />
      </Panel>
      {chosen.size > 0 && (
        <ChosenRuns runs={rows.filter(({ run }) => chosen.has(run))} onDone={() => setChosen(none)} />
      )}
    </Page>
  )
}

const keyOf = ({ run }: RunRow): string => run
