import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { MoreLink } from '../../kit/button.tsx'
import { count, counted } from '../../kit/format.ts'
import { Panel } from '../../kit/page.tsx'
import type { RunRow } from '../../kit/run-bar.tsx'
import { endedOf, Pace, RunBar, runStatus } from '../../kit/run-bar.tsx'
import { StatusIcon } from '../../kit/status.tsx'

/** Shown here; the list has them all. */
const most = 6

export const RunningNow = memo(function RunningNow({ runs }: { readonly runs: readonly RunRow[] }) {
  return (
    <Panel
      title="Running now"
      note={runs.length > 0 ? runs.length : undefined}
      flush
      actions={
        runs.length > most && (
          <MoreLink to="/runs" search={{ status: 'running' }}>
            All of them
          </MoreLink>
        )
      }
    >
      {runs.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-faint">Nothing is being made.</p>
      ) : (
        <ul className="divide-y divide-line/70">
          {runs.slice(0, most).map((run) => (
            <Going key={run.run} run={run} />
          ))}
        </ul>
      )}
    </Panel>
  )
})

const Going = memo(function Going({ run }: { readonly run: RunRow }) {
  const bad = run.counts.failed + run.counts.rejected
  return (
    <li className="px-4 py-2.5">
      <div className="flex items-center gap-2">
        <StatusIcon status={runStatus(run)} size={14} />
        <Link
          to="/runs/$run"
          params={{ run: run.run }}
          className="min-w-0 flex-1 truncate text-sm font-medium hover:underline"
        >
          {run.reason}
        </Link>
        {bad > 0 && <span className="tabular text-xs font-medium text-failed">{counted(bad, 'failure')}</span>}
      </div>
      <div className="mt-1.5 mb-1">
        <RunBar counts={run.counts} className="h-2" />
      </div>
      <div className="tabular flex justify-between gap-3 text-xs text-ink-faint">
        <span>
          {count(endedOf(run.counts))} of {count(run.counts.planned)}
        </span>
        <Pace run={run} />
      </div>
    </li>
  )
})
