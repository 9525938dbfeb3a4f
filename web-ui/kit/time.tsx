import { useSyncExternalStore } from 'react'
import { local, relative, span, utc, utcMinute } from './format.ts'
import { Tip } from './tip.tsx'

/** The clock of the screen. Whoever looks at it every so often is told in one moment, so that it is drawn once. */
export function useNow(everyMs = 1_000): number {
  const clock = clockOf(everyMs)
  return useSyncExternalStore(clock.subscribe, clock.now)
}

interface Clock {
  now(): number
  subscribe(listener: () => void): () => void
}

const clocks = new Map<number, Clock>()

function clockOf(everyMs: number): Clock {
  const known = clocks.get(everyMs)
  if (known) return known
  const listeners = new Set<() => void>()
  let now = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = (): void => {
    now = Date.now()
    for (const listener of listeners) listener()
  }
  const clock: Clock = {
    now: () => now,
    subscribe(listener) {
      listeners.add(listener)
      if (listeners.size === 1) {
        now = Date.now()
        timer = setInterval(tick, everyMs)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) clearInterval(timer)
      }
    },
  }
  clocks.set(everyMs, clock)
  return clock
}

/** An instant: in UTC or as how long ago, with the other and local time on hover. */
export function Time({
  at,
  as = 'relative',
}: {
  readonly at: number | null
  readonly as?: 'relative' | 'utc' | 'minute'
}) {
  const now = useNow(as === 'relative' ? 1_000 : 60_000)
  if (at === null) return <span className="text-ink-faint">–</span>
  const text = as === 'relative' ? relative(at, now) : as === 'utc' ? utc(at) : utcMinute(at)
  return (
    <Tip text={`${utc(at)} UTC\n${local(at)} here${as === 'relative' ? '' : `\n${relative(at, now)}`}`}>
      <time dateTime={new Date(at).toISOString()} className="tabular whitespace-nowrap">
        {text}
      </time>
    </Tip>
  )
}

/** How long something took, or takes so far. */
export function Span({ from, to }: { readonly from: number | null; readonly to: number | null }) {
  const now = useNow(to === null ? 1_000 : 3_600_000)
  if (from === null) return <span className="text-ink-faint">–</span>
  return <span className="tabular whitespace-nowrap">{span((to ?? now) - from)}</span>
}
