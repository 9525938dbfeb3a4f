import type { LinkProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Places beside each other, each with an address of its own. */
export function Tabs({
  label,
  tabs,
}: {
  readonly label: string
  readonly tabs: readonly {
    readonly name: ReactNode
    readonly isHere: boolean
    readonly to: LinkProps
    readonly count?: number | undefined
  }[]
}) {
  return (
    <nav aria-label={label} className="-mb-px flex gap-1 overflow-x-auto">
      {tabs.map(({ name, isHere, to, count }, index) => (
        <Link
          // biome-ignore lint/suspicious/noArrayIndexKey: tabs keep their places
          key={index}
          {...to}
          // A tab is the page it says it is, whatever else the address holds.
          activeOptions={{ exact: true, includeSearch: true }}
          {...(isHere && { 'aria-current': 'page' as const })}
          className="inline-flex items-center gap-1.5 border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-ink-faint hover:text-ink aria-[current=page]:border-accent-fill aria-[current=page]:text-ink"
        >
          {name}
          {count !== undefined && count > 0 && (
            <span className="tabular rounded-full bg-sunken px-1.5 text-xs text-ink-faint">{count}</span>
          )}
        </Link>
      ))}
    </nav>
  )
}
