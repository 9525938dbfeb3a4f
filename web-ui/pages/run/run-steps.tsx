import { ListX } from 'lucide-react'
import { useState } from 'react'
import type { Answer, Given } from '../../../server/contract/contract.ts'
import { usePages } from '../../api/use-answer.ts'
import { Choice, Select } from '../../kit/fields.tsx'
import { shortKey, span } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { PagedTable } from '../../kit/paged-table.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { Run } from './run-page.tsx'
import { StepDetails } from './step-details.tsx'

export type Step = Answer<'runSteps'>['items'][number]

const stepEnds = ['published', 'unchanged', 'skipped', 'rejected', 'failed', 'canceled'] as const

/** Each attempt that ended, newest first. */
export function RunSteps({ run }: { readonly run: Run }) {
  const [address, change] = useAddress()
  const [open, setOpen] = useState<Step>()
  const end = stepEnds.find((one) => one === address.end)
  const asset = address.asset
  const given: Given<'runSteps'> = { run: run.run, ...(asset !== undefined && { asset }), ...(end && { end }) }
  const pages = usePages('runSteps', given, { keep: true })
  return (
    <>
      <search aria-label="Which steps" className="flex flex-wrap items-center gap-2">
        <Choice
          label="End"
          value={end ?? 'all'}
          options={[['all', 'All'], ...stepEnds.map((one) => [one, one[0]!.toUpperCase() + one.slice(1)] as const)]}
          onChange={(one) => change({ end: one === 'all' ? undefined : one })}
        />
        <AssetSelect run={run} value={asset} onChange={(one) => change({ asset: one })} />
      </search>
      <div className="flex min-h-0 flex-1 gap-4">
        <Panel flush className="min-w-0 flex-1 overflow-hidden">
          <PagedTable
            label="Steps"
            pages={pages}
            rows={pages.items}
            columns={open ? fewColumns : columns}
            keyOf={keyOf}
            onOpen={setOpen}
            isHere={(step) => step.id === open?.id}
            rowHeight={36}
            empty={
              <Empty icon={ListX} title={end || asset ? 'No step is like this' : 'No step has ended yet'}>
                {end || asset ? 'Choose another end or asset above.' : 'They appear here one by one as they are done.'}
              </Empty>
            }
          />
        </Panel>
        {open && <StepDetails run={run.run} step={open} onClose={() => setOpen(undefined)} />}
      </div>
    </>
  )
}

export function AssetSelect({
  run,
  value,
  onChange,
}: {
  readonly run: Run
  readonly value: string | undefined
  readonly onChange: (asset: string | undefined) => void
}) {
  return (
    <Select
      aria-label="Asset"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="max-w-36 xl:max-w-60"
    >
      <option value="">All assets</option>
      {run.byAsset.map(({ asset }) => (
        <option key={asset} value={asset}>
          {asset}
        </option>
      ))}
    </Select>
  )
}

const keyOf = ({ id }: Step): string => String(id)

const columns: readonly Column<Step>[] = [
  { title: 'End', width: '7rem', cell: ({ end }) => <StatusBadge status={end} /> },
  { title: 'Asset', width: 'minmax(8rem,0.8fr)', cell: ({ asset }) => <span className="font-medium">{asset}</span> },
  {
    title: 'Partition',
    width: 'minmax(10rem,1fr)',
    cell: ({ key }) => (
      <span className="font-mono text-xs" title={key}>
        {shortKey(key)}
      </span>
    ),
  },
  {
    title: 'What it says',
    width: 'minmax(8rem,1.2fr)',
    cell: ({ message, isRetried }) => (
      <span className="text-ink-soft">
        {isRetried && <span className="text-stale">tried again · </span>}
        {message?.split('\n')[0]}
      </span>
    ),
  },
  { title: 'Attempt', width: '4rem', align: 'right', cell: ({ attempt }) => attempt ?? '–' },
  {
    title: 'Took',
    width: '5rem',
    align: 'right',
    cell: ({ startedAt, endedAt }) => (startedAt === null ? '–' : span(endedAt - startedAt)),
  },
  { title: 'Ended', width: '5.5rem', align: 'right', cell: ({ endedAt }) => <Time at={endedAt} /> },
]

/** Beside the details of a step, which say the rest. */
const fewColumns = columns.filter(({ title }) => title !== 'What it says' && title !== 'Attempt')
