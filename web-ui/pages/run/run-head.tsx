import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CopyButton } from '../../kit/button.tsx'
import { count, percent } from '../../kit/format.ts'
import { Chip } from '../../kit/page.tsx'
import type { End } from '../../kit/run-bar.tsx'
import { endedOf, ends, Pace, RunBar } from '../../kit/run-bar.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import { Span, Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { Run } from './run-page.tsx'

/** Who asked, when, for how long; and how far it is. */
export function RunHead({ run }: { readonly run: Run }) {
  const isOver = run.finishedAt !== null
  return (
    <div className="w-[min(48rem,58vw)]">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="inline-flex items-center gap-1 font-mono text-xs">
          {run.run}
          <CopyButton text={run.run} label="Copy the id" />
        </span>
        <Said name="Created">
          <Time at={run.createdAt} />
        </Said>
        {run.startedAt !== null && (
          <Said name={isOver ? 'Took' : 'Runs for'}>
            <Span from={run.startedAt} to={run.finishedAt} />
          </Said>
        )}
        {!isOver && (
          <span className="text-ink-soft">
            <Pace run={run} remainingMs={run.remainingMs} />
          </span>
        )}
        {run.rerunOf !== null && (
          <Said name="Retry of">
            <RunLink run={run.rerunOf} />
          </Said>
        )}
        {run.reruns.length > 0 && (
          <Said name="Retried as">
            {run.reruns.slice(0, 3).map((again, index) => (
              <span key={again.run} className="inline-flex items-center gap-1">
                {index > 0 && ', '}
                <StatusIcon status={again.status} size={12} /> <RunLink run={again.run} />
              </span>
            ))}
          </Said>
        )}
        {Object.entries(run.tags).map(([name, value]) => (
          <Chip key={name}>
            {name}={value}
          </Chip>
        ))}
      </div>
      <div className="mt-2.5 flex items-center gap-3">
        <RunBar counts={run.counts} className="h-2.5" />
        <span className="tabular shrink-0 text-sm font-medium text-ink">
          {percent(endedOf(run.counts), run.counts.planned)}
        </span>
      </div>
      <Ends run={run} />
      {run.stoppedBecause !== null && <p className="mt-1.5 text-sm text-failed">{run.stoppedBecause}</p>}
    </div>
  )
}

/** The counts by end; each leads to its steps. */
function Ends({ run }: { readonly run: Run }) {
  const [, change] = useAddress()
  const left = run.counts.planned - endedOf(run.counts)
  const open = (end: End) => change({ tab: 'steps', end: end === 'blocked' ? undefined : end, asset: undefined })
  return (
    <div className="tabular mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-ink-soft">
      <span className="text-ink-faint">
        {count(endedOf(run.counts))} of {count(run.counts.planned)}
      </span>
      {ends
        .filter((end) => run.counts[end] > 0)
        .map((end) => (
          <button
            key={end}
            type="button"
            onClick={() => open(end)}
            className="inline-flex items-center gap-1 hover:text-ink hover:underline"
          >
            <StatusIcon status={end} size={12} /> {count(run.counts[end])} {end}
          </button>
        ))}
      {left > 0 && run.finishedAt === null && <span>{count(left)} to go</span>}
    </div>
  )
}

const Said = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
    {name} <span className="text-ink-soft">{children}</span>
  </span>
)

const RunLink = ({ run }: { readonly run: string }) => (
  <Link to="/runs/$run" params={{ run }} className="font-mono text-xs text-accent hover:underline">
    {run.slice(0, 12)}
  </Link>
)
