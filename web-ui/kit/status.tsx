/** How a status looks: a colour, a shape that tells it without colour, a word. */

import type { LucideIcon } from 'lucide-react'
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleSlash,
  CircleX,
  Clock,
  ExternalLink,
  Hourglass,
  LoaderCircle,
  ShieldX,
} from 'lucide-react'

export type Tone = 'fresh' | 'stale' | 'missing' | 'failed' | 'rejected' | 'running'

interface Look {
  readonly tone: Tone
  readonly icon: LucideIcon
  readonly word: string
}

/** Of partitions, assets, runs, steps and ticks alike: the same word always looks the same. */
export const looks = {
  fresh: { tone: 'fresh', icon: CircleCheck, word: 'fresh' },
  healthy: { tone: 'fresh', icon: CircleCheck, word: 'healthy' },
  succeeded: { tone: 'fresh', icon: CircleCheck, word: 'succeeded' },
  published: { tone: 'fresh', icon: CircleCheck, word: 'published' },
  passed: { tone: 'fresh', icon: CircleCheck, word: 'passed' },
  unchanged: { tone: 'fresh', icon: CircleDot, word: 'unchanged' },
  stale: { tone: 'stale', icon: CircleAlert, word: 'stale' },
  late: { tone: 'stale', icon: Clock, word: 'late' },
  incomplete: { tone: 'stale', icon: CircleDot, word: 'incomplete' },
  blocked: { tone: 'stale', icon: Ban, word: 'blocked' },
  missing: { tone: 'missing', icon: CircleDashed, word: 'missing' },
  unmade: { tone: 'missing', icon: CircleDashed, word: 'never made' },
  external: { tone: 'missing', icon: ExternalLink, word: 'external' },
  skipped: { tone: 'missing', icon: CircleSlash, word: 'skipped' },
  canceled: { tone: 'missing', icon: CircleSlash, word: 'canceled' },
  queued: { tone: 'missing', icon: Hourglass, word: 'queued' },
  failed: { tone: 'failed', icon: CircleX, word: 'failed' },
  failing: { tone: 'failed', icon: CircleX, word: 'failing' },
  rejected: { tone: 'rejected', icon: ShieldX, word: 'rejected' },
  running: { tone: 'running', icon: LoaderCircle, word: 'running' },
  canceling: { tone: 'running', icon: LoaderCircle, word: 'canceling' },
} as const satisfies Readonly<Record<string, Look>>
export type Status = keyof typeof looks

/** Written out, since classes are found in the text of the sources. */
export const textTone = {
  fresh: 'text-fresh',
  stale: 'text-stale',
  missing: 'text-missing',
  failed: 'text-failed',
  rejected: 'text-rejected',
  running: 'text-running',
} as const satisfies Record<Tone, string>

export const fillTone = {
  fresh: 'bg-fresh-fill',
  stale: 'bg-stale-fill',
  missing: 'bg-missing-fill',
  failed: 'bg-failed-fill',
  rejected: 'bg-rejected-fill',
  running: 'bg-running-fill',
} as const satisfies Record<Tone, string>

const softTone = {
  fresh: 'bg-fresh-soft text-fresh',
  stale: 'bg-stale-soft text-stale',
  missing: 'bg-missing-soft text-missing',
  failed: 'bg-failed-soft text-failed',
  rejected: 'bg-rejected-soft text-rejected',
  running: 'bg-running-soft text-running',
} as const satisfies Record<Tone, string>

/** The variable that holds the fill of a tone, for what is drawn on a canvas. */
export const fillVariable = (tone: Tone): string => `--${tone}-fill`

export function StatusIcon({ status, size = 15 }: { readonly status: Status; readonly size?: number }) {
  const { icon: Icon, tone, word } = looks[status]
  const turns = status === 'running' || status === 'canceling' ? 'animate-spin' : ''
  return <Icon size={size} role="img" aria-label={word} className={`shrink-0 ${textTone[tone]} ${turns}`} />
}

export function StatusBadge({ status, children }: { readonly status: Status; readonly children?: React.ReactNode }) {
  const { icon: Icon, tone, word } = looks[status]
  const turns = status === 'running' || status === 'canceling' ? 'animate-spin' : ''
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${softTone[tone]}`}
    >
      <Icon size={12} aria-hidden className={turns} />
      {children ?? word}
    </span>
  )
}

/** Parts of a whole as one bar; what is not told is empty. */
export function StatusBar({
  counts,
  total,
  label,
  className = 'h-1.5',
}: {
  readonly counts: readonly (readonly [Tone, number])[]
  readonly total: number
  readonly label: string
  readonly className?: string
}) {
  return (
    <div
      role="img"
      aria-label={label}
      title={label}
      className={`flex w-full overflow-hidden rounded-full bg-sunken ${className}`}
    >
      {counts
        .filter(([, value]) => value > 0)
        .map(([tone, value]) => (
          // A single failure among a million partitions is seen all the same.
          <span
            key={tone}
            className={`${fillTone[tone]} min-w-[3px]`}
            style={{ flexGrow: value / Math.max(1, total), flexBasis: 0 }}
          />
        ))}
    </div>
  )
}
