import { Link } from '@tanstack/react-router'
import { ShieldCheck } from 'lucide-react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { count, counted, utc } from '../../kit/format.ts'
import { Answered, Chip, Empty, Panel } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { keyInAddress, PartitionKey } from './partition-key.tsx'

type Check = Answer<'checks'>['items'][number]

const mostMarks = 60
const mostFailures = 20

/** Each check: its newest outcome, where it fails, and how it went before. */
export function ChecksTab({ asset }: { readonly asset: AssetDetails }) {
  const answer = useAnswer('checks', { asset: asset.asset })
  return (
    <Answered query={answer}>
      {({ items, looked }) =>
        items.length === 0 ? (
          <Empty icon={ShieldCheck} title="It has no checks">
            A check says what must be true of what is made: list some in <code className="font-mono">checks</code> of
            the asset.
          </Empty>
        ) : (
          <div className="flex flex-col gap-3">
            <p className="text-xs text-ink-faint">Of the newest {counted(looked, 'version')}.</p>
            {items.map((check) => (
              <CheckPanel key={check.name} asset={asset.asset} check={check} />
            ))}
          </div>
        )
      }
    </Answered>
  )
}

function CheckPanel({ asset, check }: { readonly asset: string; readonly check: Check }) {
  const newest = check.history[0]
  const failures = check.history.filter(({ passed }) => !passed)
  return (
    <Panel
      title={check.name}
      note={
        <span className="inline-flex items-center gap-1.5">
          {check.blocking && <Chip title="What fails it is not published">blocking</Chip>}
          {check.severity === 'warning' && <Chip>warning only</Chip>}
        </span>
      }
      actions={
        newest ? (
          <span className="flex items-center gap-2 text-xs text-ink-faint">
            <StatusBadge status={newest.passed ? 'passed' : 'failed'} />
            <Time at={newest.at} />
          </span>
        ) : (
          <StatusBadge status="unmade">not run yet</StatusBadge>
        )
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2 text-sm">
          <span className="tabular">
            {check.failing > 0 ? (
              <span className="font-medium text-failed">fails on {counted(check.failing, 'published partition')}</span>
            ) : (
              'fails on no published partition'
            )}
            <span className="text-ink-faint">, passes on {count(check.passing)}</span>
          </span>
          <Marks check={check} />
        </div>
        {failures.length > 0 && (
          <ul className="flex flex-col text-sm">
            {failures.slice(0, mostFailures).map(({ at, key, why }) => (
              <li key={`${at} ${key}`} className="flex gap-3 border-t border-line/70 py-1.5">
                <Link
                  to="/assets/$asset"
                  params={{ asset }}
                  search={{ tab: 'partitions', key: keyInAddress(key) }}
                  className="w-56 shrink-0 truncate text-accent hover:underline"
                >
                  <PartitionKey of={key} />
                </Link>
                <span className="min-w-0 flex-1 text-xs break-words text-ink-soft">{why}</span>
                <span className="shrink-0 text-xs text-ink-faint">
                  <Time at={at} />
                </span>
              </li>
            ))}
            {failures.length > mostFailures && (
              <li className="pt-1 text-xs text-ink-faint">and {failures.length - mostFailures} more</li>
            )}
          </ul>
        )}
      </div>
    </Panel>
  )
}

/** The outcomes so far, oldest first: a low mark passed, a high one failed. */
function Marks({ check }: { readonly check: Check }) {
  const shown = check.history.slice(0, mostMarks).toReversed()
  if (shown.length === 0) return null
  const failed = shown.filter(({ passed }) => !passed).length
  return (
    <span role="img" aria-label={`${failed} of the last ${shown.length} failed`} className="flex h-4 items-end gap-px">
      {shown.map(({ at, key, passed }) => (
        <span
          key={`${at} ${key}`}
          title={`${utc(at)} ${key}: ${passed ? 'passed' : 'failed'}`}
          className={`w-1 rounded-[1px] ${passed ? 'h-2 bg-fresh-fill' : 'h-4 bg-failed-fill'}`}
        />
      ))}
    </span>
  )
}
