import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { Panel } from '../../kit/page.tsx'
import type { Status } from '../../kit/status.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import { useOpenMake } from '../../make/open-make.tsx'
import type { Overview } from './overview-page.tsx'

/** Shown before "show all" is asked for. */
const few = 8

/** What is wrong, worst first: assets, ticks, checks. */
export function Attention({ overview: { troubled, failedTicks, checks } }: { readonly overview: Overview }) {
  const [isAll, setAll] = useState(false)
  const openMake = useOpenMake()
  const lines: readonly Line[] = [
    ...troubled.map(({ asset, health, why, lastPublishedAt }) => ({
      id: `asset ${asset}`,
      status: health,
      name: (
        <Link to="/assets/$asset" params={{ asset }} className="font-medium hover:underline">
          {asset}
        </Link>
      ),
      why,
      at: lastPublishedAt,
      atWhat: 'last published',
      action: (
        <Button
          look="quiet"
          onClick={() => openMake({ selection: asset, mode: health === 'failing' ? 'failed' : 'needed' })}
        >
          {health === 'failing' ? 'Retry…' : 'Materialize…'}
        </Button>
      ),
    })),
    ...failedTicks.map(({ name, at, note }) => ({
      id: `tick ${name} ${at}`,
      status: 'failed' as const,
      name: (
        <Link to="/automation/$name" params={{ name }} className="font-medium hover:underline">
          {name}
        </Link>
      ),
      why: `a tick failed${note ? `: ${note}` : ''}`,
      at,
      atWhat: 'ticked',
      action: null,
    })),
    ...checks.newestFailed.map(({ asset, key, name, why, at }) => ({
      id: `check ${asset} ${key} ${name}`,
      status: 'rejected' as const,
      name: (
        <Link
          to="/assets/$asset"
          params={{ asset }}
          search={{ tab: 'partitions', key }}
          className="font-medium hover:underline"
        >
          {asset}
        </Link>
      ),
      why: `check ${name} failed on ${key}${why ? `: ${why}` : ''}`,
      at,
      atWhat: 'checked',
      action: null,
    })),
  ]
  const shown = isAll ? lines : lines.slice(0, few)
  return (
    <Panel title="Needs attention" note={lines.length > 0 ? lines.length : undefined} flush>
      {lines.length === 0 ? (
        <p className="flex items-center gap-2 px-4 py-5 text-sm text-ink-soft">
          <CircleCheck size={16} aria-hidden className="text-fresh" /> No asset fails or is late, every tick and check
          went well.
        </p>
      ) : (
        <ul className="divide-y divide-line/70">
          {shown.map(({ id, ...line }) => (
            <Row key={id} {...line} />
          ))}
        </ul>
      )}
      {lines.length > few && (
        <div className="border-t border-line/70 px-2 py-1">
          <Button look="quiet" onClick={() => setAll(!isAll)}>
            {isAll ? 'Show fewer' : `Show all ${lines.length}`}
          </Button>
        </div>
      )}
    </Panel>
  )
}

interface Line {
  readonly id: string
  readonly status: Status
  readonly name: ReactNode
  readonly why: string
  readonly at: number | null
  /** What happened at `at`. */
  readonly atWhat: string
  readonly action: ReactNode
}

function Row({ status, name, why, at, atWhat, action }: Omit<Line, 'id'>) {
  return (
    <li className="flex min-h-12 items-center gap-3 py-1.5 pr-1 pl-4">
      <StatusIcon status={status} size={16} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2 text-sm">
          <span className="truncate">{name}</span>
          {at !== null && (
            <span className="shrink-0 text-xs text-ink-faint">
              {atWhat} <Time at={at} />
            </span>
          )}
        </div>
        <p className="line-clamp-2 text-xs break-words text-ink-soft" title={why}>
          {why}
        </p>
      </div>
      {action}
    </li>
  )
}
