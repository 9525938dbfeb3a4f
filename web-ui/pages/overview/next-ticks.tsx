import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { MoreLink } from '../../kit/button.tsx'
import { Panel } from '../../kit/page.tsx'
import { Time } from '../../kit/time.tsx'
import type { Overview } from './overview-page.tsx'

export const NextTicks = memo(function NextTicks({ ticks }: { readonly ticks: Overview['nextTicks'] }) {
  return (
    <Panel title="Next ticks" flush actions={<MoreLink to="/automation">Automation</MoreLink>}>
      {ticks.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-faint">No schedule or sensor is on.</p>
      ) : (
        <ul className="divide-y divide-line/70">
          {ticks.slice(0, 6).map(({ name, at, when }) => (
            <li key={`${name} ${at}`} className="flex items-baseline gap-3 px-4 py-2 text-sm">
              <div className="min-w-0 flex-1">
                <Link to="/automation/$name" params={{ name }} className="block truncate font-medium hover:underline">
                  {name}
                </Link>
                <span className="block truncate text-xs text-ink-faint">{when}</span>
              </div>
              <span className="shrink-0 text-ink-soft">
                <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
})
