/** A table of any length: only the rows in sight are there. Arrow keys move, Enter opens, Space selects. */

import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { Tick } from './fields.tsx'

export interface Column<Row> {
  readonly title: string
  /** Where titles may be the same. */
  readonly id?: string
  /** A word more about what is in it. */
  readonly note?: string
  /** As in CSS grid: '10rem', 'minmax(8rem,1fr)'. */
  readonly width: string
  readonly align?: 'right'
  readonly cell: (row: Row) => ReactNode
  /** What it is sorted by, where it can be. */
  readonly sort?: (row: Row) => string | number | null
}

export interface Selection {
  readonly chosen: ReadonlySet<string>
  readonly onChange: (chosen: ReadonlySet<string>) => void
}

/** Rows that belong together stand together, below a head that stays in sight. */
export interface Groups<Row> {
  readonly of: (row: Row) => string
  readonly head: (group: string, rows: readonly Row[]) => ReactNode
}

type Line<Row> =
  | { readonly group: string; readonly rows: readonly Row[]; readonly row?: undefined }
  | { readonly row: Row; readonly rows?: undefined; readonly group?: undefined }

export function Table<Row>({
  label,
  rows,
  columns,
  keyOf,
  onOpen,
  isHere,
  selection,
  onEnd,
  rowHeight = 40,
  empty,
  maxHeight,
  groups,
}: {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  readonly onOpen?: (row: Row) => void
  /** The row that is shown elsewhere on the page. */
  readonly isHere?: (row: Row) => boolean
  readonly selection?: Selection
  /** The end came into sight. */
  readonly onEnd?: () => void
  readonly rowHeight?: number
  readonly empty?: ReactNode
  /** Grows with its rows up to this; fills its parent if absent. */
  readonly maxHeight?: string
  readonly groups?: Groups<Row>
}) {
  const box = useRef<HTMLDivElement>(null)
  const [sorted, setSorted] = useState<{ readonly by: number; readonly isDown: boolean }>()
  const [active, setActive] = useState(0)
  const shown = useMemo(() => sortedBy(rows, columns, sorted), [rows, columns, sorted])
  const lines = useMemo(() => linesOf(shown, groups), [shown, groups])
  const head = useRef(-1)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (lines[index]?.group !== undefined ? groupHeight : rowHeight),
    overscan: 12,
    rangeExtractor(range) {
      head.current = lines.findLastIndex((line, index) => line.group !== undefined && index <= range.startIndex)
      const seen = defaultRangeExtractor(range)
      return head.current === -1 || seen.includes(head.current) ? seen : [head.current, ...seen]
    },
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (last >= lines.length - 5 && lines.length > 0) onEnd?.()
  }, [last, lines.length, onEnd])
  const heads = lines.map(({ group }, index) => (group === undefined ? '' : `${index} `)).join('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: heads and rows differ in height, and have changed places
  useEffect(() => virtual.measure(), [virtual, heads])

  const here = lines[Math.min(active, lines.length - 1)]?.group !== undefined ? 1 : Math.min(active, lines.length - 1)
  const minWidth = leastWidth(columns, selection !== undefined)
  const template = `${selection ? '2.25rem ' : ''}${columns.map(({ width }) => width).join(' ')}`
  const move = (to: number): void => {
    const wanted = Math.max(0, Math.min(lines.length - 1, to))
    const index = lines[wanted]?.group !== undefined ? Math.max(1, wanted + (to < active ? -1 : 1)) : wanted
    setActive(index)
    virtual.scrollToIndex(index)
    const focused = () => {
      const row = box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)
      row?.focus()
      return row
    }
    // At once where it can be: the next key may come before the next picture.
    if (!focused()) requestAnimationFrame(focused)
  }
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    if (event.target !== event.currentTarget) return
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: lines.length - 1,
      PageDown: index + 15,
      PageUp: index - 15,
    }[event.key]
    if (to !== undefined) move(to)
    else if (event.key === 'Enter') onOpen?.(lines[index]!.row!)
    else if (event.key === ' ' && selection) toggle(selection, keyOf(lines[index]!.row!))
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={box}
      role="table"
      aria-label={label}
      aria-rowcount={lines.length + 1}
      tabIndex={shown.length === 0 || !onOpen ? 0 : -1}
      className={`relative min-h-0 min-w-0 overflow-auto ${maxHeight === undefined ? 'h-full' : ''}`}
      style={maxHeight === undefined ? undefined : { maxHeight }}
    >
      <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-surface" style={{ minWidth }}>
        <div
          role="row"
          aria-rowindex={1}
          className="grid h-8 items-center gap-3 px-4"
          style={{ gridTemplateColumns: template }}
        >
          {selection && (
            <span role="columnheader" className="flex">
              <Tick
                label="Select all that are loaded"
                checked={allChosen(shown, keyOf, selection)}
                onChange={(isOn) => selection.onChange(new Set(isOn ? shown.map(keyOf) : []))}
              />
            </span>
          )}
          {columns.map(({ title, id, note, sort }, index) => (
            <span
              key={id ?? title}
              role="columnheader"
              aria-sort={sorted?.by === index ? (sorted.isDown ? 'descending' : 'ascending') : undefined}
              className={`truncate text-xs font-medium text-ink-faint ${sideOf(columns, index)}`}
            >
              {sort ? (
                <SortButton
                  title={title}
                  isUp={sorted?.by === index ? !sorted.isDown : undefined}
                  onClick={() => setSorted(nextSort(sorted, index))}
                />
              ) : (
                title
              )}
              {note && <span className="ml-1.5 font-mono text-[0.6875rem] font-normal">{note}</span>}
            </span>
          ))}
        </div>
      </div>
      {shown.length === 0 && empty && (
        <div role="rowgroup">
          <div role="row">
            <div role="cell">{empty}</div>
          </div>
        </div>
      )}
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), minWidth }}>
        {items.map(({ index, start }) => {
          const line = lines[index]
          if (!line) return null
          if (line.group !== undefined) {
            return (
              <div
                key={`group ${line.group}`}
                role="row"
                aria-rowindex={index + 2}
                className={`flex items-center border-b border-line bg-sunken px-4 text-xs font-medium text-ink-soft ${index === head.current ? 'sticky top-8 z-[5]' : 'absolute inset-x-0 top-0'}`}
                style={{
                  height: groupHeight,
                  ...(index !== head.current && { transform: `translateY(${start}px)` }),
                }}
              >
                <span role="cell">{groups!.head(line.group, line.rows)}</span>
              </div>
            )
          }
          const { row } = line
          const key = keyOf(row)
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-index={index}
              {...(onOpen && { tabIndex: index === here ? 0 : -1 })}
              {...(isHere?.(row) && { 'aria-current': 'true' as const })}
              onFocus={() => setActive(index)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClick={(event) => {
                if (!(event.target as HTMLElement).closest('a,button,input,label')) onOpen?.(row)
              }}
              className={`absolute inset-x-0 top-0 grid items-center gap-3 border-b border-line/70 px-4 text-sm hover:bg-sunken focus-visible:-outline-offset-2 aria-[current=true]:bg-accent-soft ${onOpen ? 'cursor-pointer' : ''}`}
              style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${start}px)` }}
            >
              {selection && (
                <span role="cell" className="flex">
                  <Tick
                    label={`Select ${key}`}
                    checked={selection.chosen.has(key)}
                    onChange={() => toggle(selection, key)}
                  />
                </span>
              )}
              <Cells row={row} columns={columns} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Drawn anew only if the row is another: of a long list that is kept up to date few are. */
const Cells = memo(CellsOf) as unknown as typeof CellsOf

function CellsOf<Row>({ row, columns }: { readonly row: Row; readonly columns: readonly Column<Row>[] }) {
  return columns.map(({ title, id, align, cell }, index) => (
    <span
      key={id ?? title}
      role="cell"
      className={`min-w-0 truncate ${align === 'right' ? 'tabular' : ''} ${sideOf(columns, index)}`}
    >
      {cell(row)}
    </span>
  ))
}

function SortButton({
  title,
  isUp,
  onClick,
}: {
  readonly title: string
  readonly isUp: boolean | undefined
  readonly onClick: () => void
}) {
  const Icon = isUp === undefined ? ArrowUpDown : isUp ? ArrowUp : ArrowDown
  return (
    <button type="button" onClick={onClick} className="inline-flex items-center gap-1 font-medium hover:text-ink">
      {title}
      <Icon size={12} aria-hidden className={isUp === undefined ? 'opacity-50' : ''} />
    </button>
  )
}

/** What begins right after where numbers end would be read as one with them. */
function sideOf<Row>(columns: readonly Column<Row>[], index: number): string {
  if (columns[index]!.align === 'right') return 'text-right'
  return columns[index - 1]?.align === 'right' ? 'pl-3' : ''
}

const groupHeight = 30

/** Rows are placed by hand, and so do not widen what holds them: what they need at least is added up. */
function leastWidth<Row>(columns: readonly Column<Row>[], hasTicks: boolean): string {
  const least = columns.map(
    ({ width }) => /^minmax\((.+?),/.exec(width)?.[1] ?? (width.endsWith('fr') ? '6rem' : width),
  )
  const gaps = (columns.length - (hasTicks ? 0 : 1)) * 0.75 + 2
  return `calc(${[...least, hasTicks ? '2.25rem' : '0rem', `${gaps}rem`].join(' + ')})`
}

function linesOf<Row>(rows: readonly Row[], groups: Groups<Row> | undefined): readonly Line<Row>[] {
  if (!groups) return rows.map((row) => ({ row }))
  const byGroup = Map.groupBy(rows, groups.of)
  return [...byGroup].flatMap(([group, rows]): Line<Row>[] => [{ group, rows }, ...rows.map((row) => ({ row }))])
}

/** Up, down, as it came. */
const nextSort = (sorted: { by: number; isDown: boolean } | undefined, by: number) =>
  sorted?.by !== by ? { by, isDown: false } : sorted.isDown ? undefined : { by, isDown: true }

function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorted: { readonly by: number; readonly isDown: boolean } | undefined,
): readonly Row[] {
  const sort = sorted && columns[sorted.by]?.sort
  if (!sort) return rows
  const sign = sorted.isDown ? -1 : 1
  return rows.toSorted((a, b) => {
    const [left, right] = [sort(a), sort(b)]
    // What is unknown comes last either way.
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    return (
      sign *
      (typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right)))
    )
  })
}

function toggle({ chosen, onChange }: Selection, key: string): void {
  const next = new Set(chosen)
  if (!next.delete(key)) next.add(key)
  onChange(next)
}

function allChosen<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  { chosen }: Selection,
): boolean | 'indeterminate' {
  if (chosen.size === 0) return false
  return rows.every((row) => chosen.has(keyOf(row))) ? true : 'indeterminate'
}
