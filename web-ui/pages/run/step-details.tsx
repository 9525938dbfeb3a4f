import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { IconButton } from '../../kit/button.tsx'
import { span } from '../../kit/format.ts'
import { Facts } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { Step } from './run-steps.tsx'

/** One attempt, beside the list or the drawing it was chosen in. */
export function StepDetails({
  run,
  step,
  onClose,
}: {
  readonly run: string
  readonly step: Step
  readonly onClose: () => void
}) {
  const { asset, key, end, message, startedAt, endedAt } = step
  const link = 'text-accent hover:underline'
  return (
    <aside
      aria-label="The step"
      className="flex w-80 shrink-0 flex-col gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-4 xl:w-96"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="font-semibold break-words">{asset}</h2>
          <p className="font-mono text-xs break-words text-ink-soft">{key}</p>
        </div>
        <IconButton label="Close" icon={X} onClick={onClose} className="-mt-1 -mr-1" />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <StatusBadge status={end} />
        {step.isRetried && <span className="text-xs text-stale">was tried again later</span>}
      </div>
      {message !== null && (
        <pre className="max-h-80 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap">
          {message}
        </pre>
      )}
      <Facts
        items={[
          ['Attempt', step.attempt ?? '–'],
          ['Started', <Time key="started" at={startedAt} as="utc" />],
          ['Ended', <Time key="ended" at={endedAt} as="utc" />],
          ['Took', startedAt === null ? '–' : span(endedAt - startedAt)],
          [
            'Worker',
            <span key="worker" className="font-mono text-xs break-all">
              {step.worker ?? '–'}
            </span>,
          ],
        ]}
      />
      <div className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <Link to="/runs/$run" params={{ run }} search={{ tab: 'log', asset, key }} className={link}>
          Its log
        </Link>
        <Link to="/assets/$asset" params={{ asset }} search={{ tab: 'partitions', key }} className={link}>
          The partition
        </Link>
        <Link to="/assets/$asset" params={{ asset }} className={link}>
          The asset
        </Link>
      </div>
    </aside>
  )
}
