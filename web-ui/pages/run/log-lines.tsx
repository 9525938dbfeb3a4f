import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDownToLine, ScrollText } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { count, shortKey } from '../../kit/format.ts'
import { Empty, Failure, Loading } from '../../kit/page.tsx'
import { LogLineRow } from './log-line-row.tsx'
import type { Run } from './run-page.tsx'
import type { LogFilter, LogLine } from './use-log.ts'
import { useLog } from './use-log.ts'

/** Only the lines in sight are there. At the end it follows what comes, until it is scrolled up. */
export function LogLines({
  run,
  filter,
  from,
  line,
  onLine,
}: {
  readonly run: Run
  readonly filter: LogFilter
  readonly from: Parameters<typeof useLog>[1]
  /** The one that the address speaks of. */
  readonly line: string | undefined
  readonly onLine: (id: string | undefined) => void
}) {
  const { log, error, begin, readOlder, readNewer } = useLog(filter, from)
  const lines = log?.lines ?? []
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(line === undefined ? [] : [line]))
  const [isFollowing, setFollowing] = useState(from === 'end')
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 24,
    getItemKey: useCallback((index: number) => lines[index]!.id, [lines]),
    overscan: 20,
    // What is read of earlier lines does not move those that are looked at.
    anchorTo: 'end',
  })
  const items = virtual.getVirtualItems()
  const widths = useMemo(() => widthsOf(lines), [lines])
  const lastTop = useRef(0)
  // New lines move the end away; only a hand that scrolls up stops the following.
  const onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const isUp = scrollTop < lastTop.current - 2
    lastTop.current = scrollTop
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 30
    setFollowing((isFollowing) => isAtEnd || (isFollowing && !isUp))
  }
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1]
  const isLoaded = log !== undefined

  // Once what it begins with is there: to its end, or to the line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (!isLoaded) return
    if (line !== undefined) {
      const index = lines.findIndex(({ id }) => id === line)
      if (index > 0) virtual.scrollToIndex(index, { align: 'center' })
    }
  }, [isLoaded])
  // What was read may be too little, and be followed by more.
  useEffect(() => {
    if (isLoaded && first < 30 && log.older !== null) readOlder()
  }, [isLoaded, first, log, readOlder])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above, and with each event of the run
  useEffect(() => {
    if (!isLoaded) return
    if (log.isAtEnd ? run.lastEvent > Number(log.newer?.split('.')[0] ?? 0) : last >= lines.length - 30) readNewer()
  }, [isLoaded, last, log, run.lastEvent, readNewer])

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each line that came
  useLayoutEffect(() => {
    if (isFollowing && log?.isAtEnd) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lines.length])

  const toggle = useCallback((id: string) => {
    setOpen((open) => {
      const next = new Set(open)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])
  if (!log) return error ? <Failure error={error} retry={() => void begin()} /> : <Loading />
  const isReading = log.older !== null || !log.isAtEnd
  return (
    <section
      aria-label="Log"
      className="relative flex min-h-0 flex-1 flex-col rounded-lg border border-line bg-surface"
    >
      {lines.length === 0 &&
        (isReading ? (
          <Loading what="Looking through the log" />
        ) : (
          <Empty icon={ScrollText} title="No line is like this">
            {run.finishedAt === null ? 'What its steps say appears here at once.' : 'Widen the filters above.'}
          </Empty>
        ))}
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        tabIndex={0}
        role="log"
        aria-label="Lines"
        aria-live="off"
        onScroll={onScroll}
        onWheel={({ deltaY }) => deltaY < 0 && setFollowing(false)}
        className="min-h-0 flex-1 overflow-auto py-1 font-mono text-xs focus-visible:-outline-offset-2"
      >
        <div className="relative w-full" style={{ height: virtual.getTotalSize(), ...widths }}>
          {items.map(({ index, start, key }) => (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className="absolute inset-x-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogLineRow
                line={lines[index]!}
                isOpen={open.has(lines[index]!.id)}
                isHere={lines[index]!.id === line}
                onToggle={toggle}
                onLine={onLine}
              />
            </div>
          ))}
        </div>
      </div>
      <footer className="flex h-8 shrink-0 items-center justify-between gap-4 border-t border-line px-4 text-xs text-ink-faint">
        <span className="tabular">
          {count(lines.length)} {lines.length === 1 ? 'line' : 'lines'}
          {isReading && ', more as you scroll'}
        </span>
        {error !== undefined && (
          <span className="text-failed">The log could not be read further; it is tried again.</span>
        )}
        {run.finishedAt === null && from === 'end' && isFollowing ? (
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-1.5 rounded-full bg-running-fill breathing" /> follows the newest
          </span>
        ) : (
          !isFollowing &&
          log.isAtEnd && (
            <Button
              look="quiet"
              icon={ArrowDownToLine}
              className="h-6"
              onClick={() => {
                setFollowing(true)
                box.current?.scrollTo({ top: box.current.scrollHeight })
              }}
            >
              To the end
            </Button>
          )
        )}
      </footer>
    </section>
  )
}

/** As wide as the longest name and key of the lines. */
function widthsOf(lines: readonly LogLine[]): Record<string, string> {
  const longest = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 0)
  return {
    '--log-asset': `${longest(lines.map(({ asset }) => asset))}ch`,
    '--log-key': `${longest(lines.map(({ key }) => shortKey(key)))}ch`,
  }
}
