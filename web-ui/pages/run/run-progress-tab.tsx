import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { count } from '../../kit/format.ts'
import { Empty, Facts, Failure, Panel } from '../../kit/page.tsx'
import { endedOf, RunProgress } from '../../kit/run-bar.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import { GridStrip, StripLegend } from './grid-strip.tsx'
import type { Run } from './run-page.tsx'

interface Row {
  readonly asset: string
  readonly counts: Run['counts']
  readonly cells: ReturnType<typeof cellsOf>
}

/** How far each asset is, and what became of its partitions. */
export function RunProgressTab({ run }: { readonly run: Run }) {
  const grid = useAnswer('runGrid', { run: run.run, width: 200 })
  const navigate = useNavigate()
  const rows = useMemo(
    () => run.byAsset.map(({ asset, ...counts }): Row => ({ asset, counts, cells: cellsOf(grid.data, asset) })),
    [run.byAsset, grid.data],
  )
  const isFew = rows.length <= 8
  const open = ({ asset }: Row): void =>
    void navigate({ to: '/runs/$run', params: { run: run.run }, search: { tab: 'steps', asset } })
  return (
    <>
      <Panel
        title="By asset"
        note={count(run.byAsset.length)}
        actions={<StripLegend />}
        flush
        className={`overflow-hidden ${isFew ? 'shrink-0' : 'min-h-40 flex-1'}`}
      >
        {grid.error && <Failure error={grid.error} retry={() => void grid.refetch()} />}
        <Table
          label="Progress by asset"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          onOpen={open}
          rowHeight={46}
          {...(isFew && { maxHeight: '40rem' })}
          empty={<Empty title="This run has nothing to make" />}
        />
      </Panel>
      <details open={isFew} className="shrink-0 rounded-lg border border-line bg-surface">
        <summary className="cursor-pointer px-4 py-2.5 text-sm font-semibold">What was asked for</summary>
        <div className="border-t border-line p-4">
          <Facts
            items={[
              ['Partitions', run.partitions],
              ['Which of them', run.mode],
              ['Priority', String(run.priority)],
              ['Parameters', Object.keys(run.params).length === 0 ? 'none' : <Json key="params" value={run.params} />],
              ['Led by', run.leader ?? 'nobody now'],
              ['Taken up again', run.resumes === 0 ? 'never' : `${run.resumes} times`],
            ]}
          />
        </div>
      </details>
    </>
  )
}

const Json = ({ value }: { readonly value: unknown }) => (
  <code className="font-mono text-xs">{JSON.stringify(value)}</code>
)

const cellsOf = (grid: Answer<'runGrid'> | undefined, asset: string) =>
  grid?.assets.find((one) => one.asset === asset)?.cells ?? []

const keyOf = ({ asset }: Row): string => asset

const columns: readonly Column<Row>[] = [
  { title: 'Asset', width: 'minmax(10rem,1fr)', cell: ({ asset }) => <span className="font-medium">{asset}</span> },
  {
    title: 'Its partitions, in order',
    width: 'minmax(14rem,2.2fr)',
    cell: ({ asset, cells }) => <GridStrip asset={asset} cells={cells} />,
  },
  {
    title: 'Ended',
    width: 'minmax(11rem,0.9fr)',
    cell: ({ counts }) => <RunProgress counts={counts} />,
    sort: ({ counts }) => endedOf(counts) / Math.max(1, counts.planned),
  },
  {
    title: 'Left',
    width: '5rem',
    align: 'right',
    cell: ({ counts }) => count(counts.planned - endedOf(counts)),
    sort: ({ counts }) => counts.planned - endedOf(counts),
  },
  {
    title: 'Failed',
    width: '5rem',
    align: 'right',
    cell: ({ counts }) => <Bad value={counts.failed + counts.rejected} />,
    sort: ({ counts }) => counts.failed + counts.rejected,
  },
]

const Bad = ({ value }: { readonly value: number }) =>
  value === 0 ? (
    <span className="text-ink-faint">0</span>
  ) : (
    <span className="font-medium text-failed">{count(value)}</span>
  )
