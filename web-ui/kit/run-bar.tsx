/** How far a run is: by how its partitions ended. */

import type { Answer } from '../../server/contract/contract.ts'
import { count, percent, shortCount, span } from './format.ts'
import type { Status, Tone } from './status.tsx'
import { StatusBar } from './status.tsx'
import { useNow } from './time.tsx'

export type RunRow = Answer<'runs'>['items'][number]
export type Counts = RunRow['counts']

export const ends = ['published', 'unchanged', 'skipped', 'rejected', 'failed', 'blocked', 'canceled'] as const
export type End = (typeof ends)[number]

export const endTone = {
  published: 'fresh',
  unchanged: 'fresh',
  skipped: 'missing',
  rejected: 'rejected',
  failed: 'failed',
  blocked: 'stale',
  canceled: 'missing',
} as const satisfies Record<End, Tone>

export const endedOf = (counts: Counts): number => ends.reduce((sum, end) => sum + counts[end], 0)

/** In the order of a bar: good first, bad last, so that what failed is at the end of what is done. */
const barOrder = ['fresh', 'missing', 'stale', 'rejected', 'failed'] as const satisfies readonly Tone[]

const byTone = (counts: Counts): readonly (readonly [Tone, number])[] =>
  barOrder.map((tone) => [tone, ends.filter((end) => endTone[end] === tone).reduce((sum, end) => sum + counts[end], 0)])

/** The counts in words: 1,200 published, 3 failed. */
export const inWords = (counts: Counts): string =>
  ends
    .filter((end) => counts[end] > 0)
    .map((end) => `${count(counts[end])} ${end}`)
    .join(', ')

export const runStatus = ({ status, isCanceling }: Pick<RunRow, 'status' | 'isCanceling'>): Status =>
  isCanceling ? 'canceling' : status

export function RunBar({ counts, className }: { readonly counts: Counts; readonly className?: string }) {
  const label = `${count(endedOf(counts))} of ${count(counts.planned)} ended${endedOf(counts) > 0 ? `: ${inWords(counts)}` : ''}`
  return <StatusBar counts={byTone(counts)} total={counts.planned} label={label} {...(className && { className })} />
}

/** The bar with its numbers beside it, for rows of lists. */
export function RunProgress({ counts }: { readonly counts: Counts }) {
  const bad = counts.failed + counts.rejected
  if (counts.planned === 0) return <span className="text-xs text-ink-faint">nothing to make</span>
  return (
    <span className="flex items-center gap-2.5">
      <span className="min-w-16 flex-1">
        <RunBar counts={counts} />
      </span>
      <span className="tabular w-24 shrink-0 truncate text-right text-xs text-ink-soft">
        {bad > 0 && <span className="text-failed">{shortCount(bad)} bad · </span>}
        {endedOf(counts) === counts.planned
          ? shortCount(counts.planned)
          : `${percent(endedOf(counts), counts.planned)}`}
      </span>
    </span>
  )
}

/** How fast a running run is, and how long it may take still if it stays so. */
export function Pace({ run, remainingMs }: { readonly run: RunRow; readonly remainingMs?: number | null }) {
  const now = useNow()
  const ended = endedOf(run.counts)
  if (run.startedAt === null) return <>waits for its turn</>
  const perSecond = ended / Math.max(1, (now - run.startedAt) / 1_000)
  const left = run.counts.planned - ended
  const leftMs = remainingMs ?? (perSecond > 0 ? (left / perSecond) * 1_000 : null)
  return (
    <span className="tabular">
      {perSecond > 0 && `${pace(perSecond)} · `}
      {left === 0 ? 'finishing' : leftMs === null ? 'no estimate yet' : `about ${span(leftMs)} left`}
    </span>
  )
}

function pace(perSecond: number): string {
  if (perSecond >= 10) return `${count(Math.round(perSecond))} a second`
  if (perSecond >= 1) return `${perSecond.toFixed(1)} a second`
  if (perSecond * 60 >= 1) return `${count(Math.round(perSecond * 60))} a minute`
  return `${(perSecond * 3_600).toFixed(1)} an hour`
}
