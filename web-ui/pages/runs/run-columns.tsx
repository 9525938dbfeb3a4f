import { Link } from '@tanstack/react-router'
import { RotateCcw } from 'lucide-react'
import type { RunRow } from '../../kit/run-bar.tsx'
import { RunProgress, runStatus } from '../../kit/run-bar.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Span, Time } from '../../kit/time.tsx'

export const runColumns: readonly Column<RunRow>[] = [
  { title: 'Status', width: '6.5rem', cell: (run) => <StatusBadge status={runStatus(run)} /> },
  {
    title: 'Run',
    width: 'minmax(12rem,1.3fr)',
    cell: (run) => (
      <span className="block leading-tight">
        <span className="flex items-center gap-1.5">
          <Link
            to="/runs/$run"
            params={{ run: run.run }}
            tabIndex={-1}
            className="truncate font-medium hover:underline"
          >
            {run.reason}
          </Link>
          {run.rerunOf !== null && (
            <RotateCcw size={12} role="img" aria-label="a retry of another run" className="shrink-0 text-ink-faint" />
          )}
        </span>
        <span className="block truncate font-mono text-xs text-ink-faint">{run.run}</span>
      </span>
    ),
  },
  {
    title: 'Assets',
    width: 'minmax(8rem,1fr)',
    cell: (run) => (
      <span title={run.assets.join('\n')}>
        {run.assets[0] ?? '–'}
        {run.assetCount > 1 && <span className="text-ink-faint"> and {run.assetCount - 1} more</span>}
      </span>
    ),
  },
  { title: 'Partitions', width: 'minmax(11rem,1fr)', cell: (run) => <RunProgress counts={run.counts} /> },
  { title: 'Created', width: '5.5rem', align: 'right', cell: (run) => <Time at={run.createdAt} /> },
  {
    title: 'Took',
    width: '5.5rem',
    align: 'right',
    cell: (run) => <Span from={run.startedAt} to={run.finishedAt} />,
  },
]
