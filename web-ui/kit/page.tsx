import type { LucideIcon } from 'lucide-react'
import { CircleAlert, LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { messageOf } from '../api/use-answer.ts'
import { Button } from './button.tsx'

/** A page: its name, what can be done on it, what is on it. `fill` pages scroll inside of themselves. */
export function Page({
  title,
  head,
  lead,
  actions,
  tabs,
  fill = false,
  children,
}: {
  /** Also the name of the browser's tab. */
  readonly title: string
  /** In place of the title, where it is more than text. */
  readonly head?: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly tabs?: ReactNode
  readonly fill?: boolean
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Bullion`
  }, [title])
  return (
    <div className={`flex min-h-full flex-col ${fill ? 'h-full' : ''}`}>
      <header className="border-b border-line bg-paper px-6 pt-4">
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 pb-3">
          <div className="min-w-0">
            <h1 className="truncate text-xl font-semibold tracking-tight">{head ?? title}</h1>
            {lead && <div className="mt-1 max-w-3xl text-sm text-ink-faint">{lead}</div>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
        {tabs}
      </header>
      <div className={`flex flex-1 flex-col gap-4 px-6 py-4 ${fill ? 'min-h-0' : ''}`}>{children}</div>
    </div>
  )
}

/** A part of a page. */
export function Panel({
  title,
  note,
  actions,
  flush = false,
  className = '',
  children,
}: {
  readonly title?: ReactNode
  readonly note?: ReactNode
  readonly actions?: ReactNode
  /** Without padding, for tables and drawings. */
  readonly flush?: boolean
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <section className={`flex min-w-0 flex-col rounded-lg border border-line bg-surface ${className}`}>
      {(title || actions) && (
        <div className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-1.5">
          <div className="flex min-w-0 items-baseline gap-2">
            <h2 className="text-sm font-semibold">{title}</h2>
            {note && <span className="text-xs text-ink-faint">{note}</span>}
          </div>
          {actions && <div className="flex items-center gap-1.5">{actions}</div>}
        </div>
      )}
      <div className={`min-h-0 min-w-0 flex-1 ${flush ? '' : 'p-4'}`}>{children}</div>
    </section>
  )
}

/** Nothing is there, and what to do about it. */
export function Empty({
  icon: Icon,
  title,
  children,
}: {
  readonly icon?: LucideIcon
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center justify-center gap-2 px-6 py-10 text-center">
      {Icon && <Icon size={26} aria-hidden className="text-ink-faint" />}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-sm text-ink-faint">{children}</div>}
    </div>
  )
}

/** What went wrong, in the words of the server, and a way on. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-lg border border-failed/40 bg-failed-soft px-4 py-3 text-sm"
    >
      <CircleAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-failed" />
      <p className="min-w-0 flex-1 break-words whitespace-pre-wrap">{messageOf(error)}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  )
}

export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <div role="status" className="flex items-center justify-center gap-2 p-10 text-sm text-ink-faint">
      <LoaderCircle size={16} aria-hidden className="animate-spin" /> {what}
    </div>
  )
}

/** The answer, or that it is awaited, or why there is none. */
export function Answered<T>({
  query,
  children,
}: {
  readonly query: { readonly data: T | undefined; readonly error: unknown; readonly refetch: () => unknown }
  readonly children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />
  return <Loading />
}

/** Names and values, one below the other. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1.5 text-sm">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One number that matters. */
export function Figure({
  name,
  value,
  note,
  tone = '',
}: {
  readonly name: string
  readonly value: ReactNode
  readonly note?: ReactNode
  readonly tone?: string
}) {
  return (
    <div className="min-w-0">
      <div className="text-xs text-ink-faint">{name}</div>
      <div className={`tabular mt-0.5 text-xl font-semibold tracking-tight ${tone}`}>{value}</div>
      {note && <div className="truncate text-xs text-ink-faint">{note}</div>}
    </div>
  )
}

export function Chip({ children, title }: { readonly children: ReactNode; readonly title?: string }) {
  return (
    <span
      title={title}
      className="inline-flex items-center gap-1 rounded border border-line bg-sunken px-1.5 py-px text-xs text-ink-soft"
    >
      {children}
    </span>
  )
}

const layerLooks = {
  bronze: 'bg-bronze-soft text-bronze',
  silver: 'bg-silver-soft text-silver',
  gold: 'bg-gold-soft text-gold',
} as const

export function LayerChip({ layer }: { readonly layer: keyof typeof layerLooks | null }) {
  if (layer === null) return null
  return <span className={`rounded px-1.5 py-px text-xs font-medium ${layerLooks[layer]}`}>{layer}</span>
}

export function Keys({ children }: { readonly children: string }) {
  return (
    <kbd className="rounded border border-line bg-sunken px-1 font-mono text-[0.6875rem] text-ink-faint">
      {children}
    </kbd>
  )
}
