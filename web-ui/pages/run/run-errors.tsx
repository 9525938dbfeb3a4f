import { Link } from '@tanstack/react-router'
import { CircleCheck, RotateCcw } from 'lucide-react'
import { Button, CopyButton } from '../../kit/button.tsx'
import { counted } from '../../kit/format.ts'
import { Empty, Failure } from '../../kit/page.tsx'
import { useRetry } from './run-actions.tsx'
import type { Run } from './run-page.tsx'

/** What failed for good, like with like. */
export function RunErrors({ run }: { readonly run: Run }) {
  const retry = useRetry(run.run)
  if (run.errors.length === 0) {
    return (
      <Empty icon={CircleCheck} title="Nothing failed">
        {run.finishedAt === null
          ? 'What fails for good is gathered here, like with like.'
          : 'Each partition of this run ended without an error.'}
      </Empty>
    )
  }
  const command = `bullion runs retry ${run.run}`
  return (
    <div className="flex flex-col gap-3">
      <section
        aria-label="How to go on"
        className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-surface px-4 py-2.5 text-sm"
      >
        <p className="min-w-64 flex-1 text-ink-soft">
          {run.finishedAt === null
            ? 'The run goes on with what does not depend on these. Once it is over, it can be retried from where it failed.'
            : 'Mend the cause, then retry: what failed and what waited for it is made, the rest stays.'}
        </p>
        <span className="inline-flex items-center gap-1">
          <code className="font-mono text-xs text-ink-faint">{command}</code>
          <CopyButton text={command} label="Copy the command" />
        </span>
        <Button
          icon={RotateCcw}
          disabled={run.finishedAt === null}
          busy={retry.isPending}
          onClick={() => retry.start('failed')}
        >
          Retry from failure
        </Button>
        {retry.error !== null && <Failure error={retry.error} />}
      </section>
      <ul className="flex flex-col gap-3">
        {run.errors.map((error) => (
          <ErrorGroup key={`${error.asset} ${error.key} ${error.message}`} run={run.run} error={error} />
        ))}
      </ul>
    </div>
  )
}

function ErrorGroup({ run, error }: { readonly run: string; readonly error: Run['errors'][number] }) {
  const { message, asset, key, count } = error
  const link = 'text-accent hover:underline'
  return (
    <li className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-failed-soft px-4 py-2 text-sm">
        <h2 className="font-semibold text-failed">{counted(count, 'partition')}</h2>
        <Link to="/assets/$asset" params={{ asset }} className="font-medium hover:underline">
          {asset}
        </Link>
        <span className="ml-auto flex gap-4 text-xs">
          <Link
            to="/runs/$run"
            params={{ run }}
            search={{ tab: 'log', asset, level: 'error' }}
            className="font-medium text-failed hover:underline"
          >
            All its errors
          </Link>
        </span>
      </div>
      <pre className="max-h-72 overflow-auto px-4 py-3 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap">
        {message}
      </pre>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line/70 px-4 py-2 text-xs text-ink-faint">
        <span>
          For example <code className="font-mono text-ink-soft">{key}</code>
        </span>
        <Link to="/runs/$run" params={{ run }} search={{ tab: 'log', asset, key }} className={link}>
          Its log
        </Link>
        <Link to="/assets/$asset" params={{ asset }} search={{ tab: 'partitions', key }} className={link}>
          Its partition
        </Link>
      </div>
    </li>
  )
}
