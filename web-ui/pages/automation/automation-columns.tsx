import { Link } from '@tanstack/react-router'
import type { Answer } from '../../../server/contract/contract.ts'
import { StatusIcon } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { OnOff } from './on-off.tsx'
import { TickMarks } from './tick-marks.tsx'

export type Automation = Answer<'automations'>['items'][number]

export const automationColumns: readonly Column<Automation>[] = [
  {
    title: 'On',
    width: '3rem',
    cell: (one) => (
      <span className="flex">
        <OnOff automation={one} />
      </span>
    ),
  },
  {
    title: 'Name',
    width: 'minmax(11rem,1.1fr)',
    sort: ({ name }) => name,
    cell: ({ name, kind, description }) => (
      <span className="block leading-tight">
        <Link
          to="/automation/$name"
          params={{ name }}
          tabIndex={-1}
          className="block truncate font-medium hover:underline"
        >
          {name}
        </Link>
        <span className="block truncate text-xs text-ink-faint" title={description ?? undefined}>
          {kind}
          {description !== null && ` · ${description}`}
        </span>
      </span>
    ),
  },
  {
    title: 'When',
    width: 'minmax(9rem,1fr)',
    cell: ({ when, makes }) => (
      <span className="block leading-tight">
        <span className="block truncate" title={when}>
          {when}
        </span>
        {makes.length > 0 && (
          <span className="block truncate text-xs text-ink-faint" title={makes.join('\n')}>
            makes {makes[0]}
            {makes.length > 1 && ` and ${makes.length - 1} more`}
          </span>
        )}
      </span>
    ),
  },
  {
    title: 'Last ticks',
    width: '15.5rem',
    cell: ({ name, recent }) => <TickMarks name={name} ticks={recent} />,
  },
  {
    title: 'Last',
    width: '6.5rem',
    sort: ({ lastTick }) => lastTick?.decidedAt ?? null,
    cell: ({ lastTick }) =>
      lastTick === null ? (
        <span className="text-ink-faint">never</span>
      ) : (
        <span className="flex items-center gap-1.5" title={lastTick.note ?? undefined}>
          <StatusIcon status={lastTick.status} size={13} />
          <Time at={lastTick.decidedAt} />
        </span>
      ),
  },
  {
    title: 'Next',
    width: '5.5rem',
    align: 'right',
    sort: ({ nextTick, isOn }) => (isOn ? nextTick : null),
    cell: ({ nextTick, isOn }) => (isOn ? <Time at={nextTick} /> : <span className="text-ink-faint">off</span>),
  },
]
