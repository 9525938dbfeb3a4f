/** What an author said about a result: plain values as they are, typed ones as they ask to be shown. */

import type { ReactNode } from 'react'
import { lazy, Suspense } from 'react'
import { CopyButton } from './button.tsx'
import { count, span } from './format.ts'
import { Markdown, SafeLink } from './markdown.tsx'
import { Time } from './time.tsx'

export type Metadata = Readonly<Record<string, unknown>>

export interface Lines {
  readonly x: string
  readonly y: string
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[]
}

const LinesPlot = lazy(() => import('./lines-plot.tsx').then((module) => ({ default: module.LinesPlot })))

export function MetadataList({ values }: { readonly values: Metadata }) {
  const entries = Object.entries(values)
  if (entries.length === 0) return null
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="min-w-0 break-words">
            <MetadataValue value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function MetadataValue({ value }: { readonly value: unknown }): ReactNode {
  if (value === null || value === undefined) return <span className="text-ink-faint">nothing</span>
  if (typeof value === 'number') return <span className="tabular">{numberText(value)}</span>
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return <span className="whitespace-pre-wrap">{value}</span>
  if (typeof value !== 'object') return String(value)
  return typed(value as { readonly '@type'?: unknown; readonly [name: string]: unknown })
}

/** The number that can be drawn over time, if it is one. */
export function numberOf(value: unknown): { readonly value: number; readonly unit: string } | undefined {
  if (typeof value === 'number') return { value, unit: '' }
  if (typeof value !== 'object' || value === null) return undefined
  const said = value as { '@type'?: unknown; value?: unknown; unit?: unknown; ms?: unknown }
  if (said['@type'] === 'quantity' && typeof said.value === 'number')
    return { value: said.value, unit: String(said.unit) }
  if (said['@type'] === 'duration' && typeof said.ms === 'number') return { value: said.ms, unit: 'ms' }
  return undefined
}

// What is written was checked when it was; another version may have written it all the same.
function typed(value: { readonly '@type'?: unknown; readonly [name: string]: unknown }): ReactNode {
  const type = value['@type']
  if (type === 'markdown' && typeof value.text === 'string') return <Markdown text={value.text} />
  if (type === 'url' && typeof value.href === 'string') {
    return <SafeLink href={value.href} label={typeof value.label === 'string' ? value.label : value.href} />
  }
  if (type === 'path' && typeof value.path === 'string') {
    return (
      <span className="inline-flex max-w-full items-center gap-1">
        <span className="truncate font-mono text-xs">{value.path}</span>
        <CopyButton text={value.path} label="Copy the path" />
      </span>
    )
  }
  if (type === 'timestamp' && typeof value.at === 'number') return <Time at={value.at} as="utc" />
  if (type === 'duration' && typeof value.ms === 'number') return <span className="tabular">{span(value.ms)}</span>
  if (type === 'quantity' && typeof value.value === 'number') {
    return (
      <span className="tabular">
        {numberText(value.value)} {String(value.unit)}
      </span>
    )
  }
  if (type === 'json') return <Json value={value.value} />
  if (type === 'table' && Array.isArray(value.columns) && Array.isArray(value.rows)) {
    return (
      <SmallTable
        columns={value.columns as string[]}
        rows={value.rows as unknown[][]}
        omitted={Number(value.omitted) || 0}
      />
    )
  }
  if (type === 'schema' && Array.isArray(value.columns)) {
    const rows = (value.columns as Record<string, unknown>[]).map((one) => [
      one.name,
      `${one.type}${one.nullable ? ', may be null' : ''}`,
      one.unit ?? '',
      one.description ?? '',
    ])
    return <SmallTable columns={['column', 'type', 'unit', 'about']} rows={rows} omitted={0} />
  }
  if (type === 'plot' && Array.isArray(value.series)) {
    return (
      <Suspense fallback={<span className="text-ink-faint">Drawing…</span>}>
        <LinesPlot lines={value as unknown as Lines} />
      </Suspense>
    )
  }
  return <Json value={value} />
}

function Json({ value }: { readonly value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <pre tabIndex={0} className="max-h-64 overflow-auto rounded border border-line bg-sunken p-2 font-mono text-xs">
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}

/** More than this belongs into a query. */
const mostRows = 50

function SmallTable({
  columns,
  rows,
  omitted,
}: {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly omitted: number
}) {
  const hidden = omitted + Math.max(0, rows.length - mostRows)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <div tabIndex={0} className="max-h-72 overflow-auto rounded border border-line">
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-sunken text-left text-ink-faint">
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className="px-2 py-1 font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostRows).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places
            <tr key={index} className="border-t border-line/70">
              {row.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: so do their cells
                <td key={at} className={`px-2 py-1 ${typeof cell === 'number' ? 'text-right' : ''}`}>
                  {cell === null ? (
                    <span className="text-ink-faint">–</span>
                  ) : typeof cell === 'number' ? (
                    numberText(cell)
                  ) : (
                    String(cell)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {hidden > 0 && (
        <p className="border-t border-line px-2 py-1 text-xs text-ink-faint">and {count(hidden)} more rows</p>
      )}
    </div>
  )
}

const precise = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 8 })
const numberText = (value: number): string => precise.format(value)
