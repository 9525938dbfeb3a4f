import { useEffect, useState } from 'react'
import { local, relative, span, utc, utcMinute } from './format.ts'
import { Tip } from './tip.tsx'

/** The clock of the screen, which moves once a second. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
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
