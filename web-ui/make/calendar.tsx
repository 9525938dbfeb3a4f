/** A month of days: drag over them, or hold Shift and move, to choose a span. Each day shows how its partitions are. */

import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useRef, useState } from 'react'
import { IconButton } from '../kit/button.tsx'
import { counted } from '../kit/format.ts'
import { StatusBar } from '../kit/status.tsx'
import { addDays, daysOf, monthName, monthOf, weekday } from './days.ts'
import type { DayStatus } from './use-day-statuses.ts'
import { dayTotal, inWords } from './use-day-statuses.ts'

const names = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su']
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }

export function Calendar({
  month,
  onMonth,
  first,
  last,
  from,
  to,
  onChange,
  statuses,
}: {
  readonly month: string
  readonly onMonth: (month: string) => void
  /** The days there are. */
  readonly first: string
  readonly last: string
  readonly from: string
  readonly to: string
  readonly onChange: (from: string, to: string) => void
  readonly statuses: ReadonlyMap<string, DayStatus>
}) {
  const box = useRef<HTMLDivElement>(null)
  const [anchor, setAnchor] = useState<string>()
  const [isDragging, setDragging] = useState(false)
  const [active, setActive] = useState(to || last)
  const days = daysOf(month)
  const exists = (day: string) => day >= first && day <= last
  const span = (a: string, b: string) => onChange(a < b ? a : b, a < b ? b : a)
  const begin = (day: string): void => {
    setAnchor(day)
    setActive(day)
    span(day, day)
  }
  const focus = (day: string): void => {
    if (monthOf(day) !== month) onMonth(monthOf(day))
    setActive(day)
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus())
  }
  const onKeyDown = (event: KeyboardEvent, day: string): void => {
    const by = steps[event.key]
    if (by !== undefined) {
      const next = addDays(day, by)
      if (!exists(next)) return
      focus(next)
      if (event.shiftKey) span(anchor ?? day, next)
      if (event.shiftKey && anchor === undefined) setAnchor(day)
    } else if (event.key === 'PageUp' || event.key === 'PageDown') {
      onMonth(monthOf(month, event.key === 'PageUp' ? -1 : 1))
    } else if (event.key === ' ' || event.key === 'Enter') begin(day)
    else return
    event.preventDefault()
  }
  const reachable = days.includes(active) && exists(active) ? active : days.find(exists)
  return (
    <div className="select-none">
      <div className="mb-1 flex items-center justify-between">
        <IconButton
          label="The month before"
          icon={ChevronLeft}
          disabled={month <= first}
          onClick={() => onMonth(monthOf(month, -1))}
        />
        <span className="text-sm font-medium" aria-live="polite">
          {monthName(month)}
        </span>
        <IconButton
          label="The month after"
          icon={ChevronRight}
          disabled={monthOf(month, 1) > last}
          onClick={() => onMonth(monthOf(month, 1))}
        />
      </div>
      <div className="grid grid-cols-7 pb-1 text-center text-xs text-ink-faint" aria-hidden>
        {names.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <div
        ref={box}
        role="group"
        aria-label={`Days of ${monthName(month)}`}
        className="grid grid-cols-7 gap-y-0.5"
        onPointerUp={() => setDragging(false)}
        onPointerLeave={() => setDragging(false)}
      >
        {days.map((day, index) => (
          <Day
            key={day}
            day={day}
            column={index === 0 ? weekday(day) + 1 : undefined}
            isThere={exists(day)}
            isChosen={from !== '' && day >= from && day <= (to || from)}
            isEdge={day === from || day === to}
            isReachable={day === reachable}
            status={statuses.get(day)}
            onKeyDown={(event) => onKeyDown(event, day)}
            onPointerDown={(isLonger) => {
              setDragging(true)
              if (isLonger && anchor !== undefined) span(anchor, day)
              else begin(day)
            }}
            onPointerEnter={() => isDragging && anchor !== undefined && span(anchor, day)}
          />
        ))}
      </div>
    </div>
  )
}

function Day({
  day,
  column,
  isThere,
  isChosen,
  isEdge,
  isReachable,
  status,
  onKeyDown,
  onPointerDown,
  onPointerEnter,
}: {
  readonly day: string
  readonly column: number | undefined
  readonly isThere: boolean
  readonly isChosen: boolean
  readonly isEdge: boolean
  readonly isReachable: boolean
  readonly status: DayStatus | undefined
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onPointerDown: (isLonger: boolean) => void
  readonly onPointerEnter: () => void
}) {
  const words = status ? inWords(status) : isThere ? 'not looked up yet' : 'no partition'
  const look = isEdge
    ? 'bg-accent-soft text-accent font-semibold'
    : isChosen
      ? 'bg-accent-soft text-accent'
      : 'hover:enabled:bg-sunken'
  return (
    <button
      type="button"
      data-day={day}
      disabled={!isThere}
      tabIndex={isReachable ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={`${Number(day.slice(8))} ${monthName(day)}: ${words}`}
      title={`${day}\n${words}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        // Otherwise a finger keeps all that follows on this day.
        event.currentTarget.releasePointerCapture(event.pointerId)
        onPointerDown(event.shiftKey)
      }}
      onPointerEnter={onPointerEnter}
      className={`flex h-9 flex-col items-center justify-center gap-1 px-1.5 text-xs disabled:text-ink-faint/60 ${look}`}
      style={column === undefined ? undefined : { gridColumnStart: column }}
    >
      {Number(day.slice(8))}
      <span className="h-1 w-full" aria-hidden>
        {status && (
          <StatusBar
            counts={status}
            total={dayTotal(status)}
            label={counted(dayTotal(status), 'partition')}
            className="h-1"
          />
        )}
      </span>
    </button>
  )
}
