import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { MoreLink } from '../../kit/button.tsx'
import { Panel } from '../../kit/page.tsx'
import type { RunRow } from '../../kit/run-bar.tsx'
import { RunProgress, runStatus } from '../../kit/run-bar.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import { Span, Time } from '../../kit/time.tsx'

export const NewestRuns = memo(function NewestRuns({ runs }: { readonly runs: readonly RunRow[] }) {
  return (
    <Panel title="Newest runs" note="that have ended" flush actions={<MoreLink to="/runs">All runs</MoreLink>}>
      {runs.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-faint">None has ended yet.</p>
      ) : (
        <ul className="divide-y divide-line/70">
          {runs.map((run) => (
            <li
              key={run.run}
              className="grid grid-cols-[1rem_minmax(0,1fr)_minmax(9rem,0.7fr)_4.5rem_4.5rem] items-center gap-3 px-4 py-2 text-sm hover:bg-sunken"
            >
              <StatusIcon status={runStatus(run)} />
              <span className="flex min-w-0 items-baseline gap-2">
                <Link
                  to="/runs/$run"
                  params={{ run: run.run }}
                  className="max-w-full shrink-0 truncate font-medium hover:underline"
                >
                  {run.reason}
                </Link>
                <span className="truncate text-xs text-ink-faint max-xl:hidden">{run.assets.join(', ')}</span>
              </span>
              <RunProgress counts={run.counts} />
              <span className="text-right text-ink-soft">
                <Span from={run.startedAt} to={run.finishedAt} />
              </span>
              <span className="text-right text-ink-faint">
                <Time at={run.finishedAt ?? run.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
})
