import { Link } from '@tanstack/react-router'
import { Dialog } from '../../kit/dialog.tsx'
import { span } from '../../kit/format.ts'
import { Facts } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { TickRow } from './automated-page.tsx'

/** All that is known of one tick. */
export function TickDialog({ tick, onClose }: { readonly tick: TickRow; readonly onClose: () => void }) {
  const { status, scheduledAt, decidedAt, runs, note, failures, cursorBefore, cursorAfter } = tick
  return (
    <Dialog title="Tick" open onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div>
          <StatusBadge status={status} />
        </div>
        {note !== null && (
          <pre className="max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap">
            {note}
          </pre>
        )}
        <Facts
          items={[
            ['For', <Time key="for" at={scheduledAt} as="utc" />],
            [
              'Decided',
              <span key="decided">
                <Time at={decidedAt} as="utc" />, {span(decidedAt - scheduledAt)} later
              </span>,
            ],
            ['Failures before', failures],
            ['Cursor before', <Cursor key="before" text={cursorBefore} />],
            ['Cursor after', <Cursor key="after" text={cursorAfter} />],
            [
              'Runs',
              runs.length === 0 ? (
                'none'
              ) : (
                <ul key="runs" className="flex flex-col gap-1">
                  {runs.map((run) => (
                    <li key={run}>
                      <Link
                        to="/runs/$run"
                        params={{ run }}
                        className="font-mono text-xs break-all text-accent hover:underline"
                      >
                        {run}
                      </Link>
                    </li>
                  ))}
                </ul>
              ),
            ],
          ]}
        />
      </div>
    </Dialog>
  )
}

const Cursor = ({ text }: { readonly text: string | null }) =>
  text === null ? (
    <span className="text-ink-faint">none</span>
  ) : (
    <code className="font-mono text-xs break-all">{text}</code>
  )
