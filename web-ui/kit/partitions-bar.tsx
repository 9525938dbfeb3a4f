import type { Answer } from '../../server/contract/contract.ts'
import { count, counted, percent, shortCount } from './format.ts'
import type { Tone } from './status.tsx'
import { StatusBar } from './status.tsx'

export type PartitionCounts = Answer<'assets'>['items'][number]['partitions']

/** Parts of the whole, the good ones first. What is being made is counted with what is published or missing too. */
export function tonesOf(counts: PartitionCounts): readonly (readonly [Tone, number])[] {
  const stale = counts.stale ?? 0
  return [
    ['fresh', Math.max(0, counts.published - stale)],
    ['stale', stale],
    ['running', counts.running],
    ['rejected', counts.rejected],
    ['failed', counts.failed],
  ]
}

export function countsInWords({
  total,
  published,
  missing,
  failed,
  rejected,
  running,
  stale,
}: PartitionCounts): string {
  if (total === 0) return 'no partitions yet'
  const rest = [
    [stale ?? 0, 'stale'],
    [running, 'running'],
    [rejected, 'rejected'],
    [failed, 'failed'],
    [missing, 'missing'],
  ] as const
  const said = rest.filter(([value]) => value > 0).map(([value, word]) => `${count(value)} ${word}`)
  return [`${count(published)} of ${counted(total, 'partition')} published`, ...said].join(', ')
}

/** How far an asset is with its partitions: the bar, and the numbers where there is room. */
export function PartitionsBar({
  counts,
  hasNumbers = true,
}: {
  readonly counts: PartitionCounts
  readonly hasNumbers?: boolean
}) {
  return (
    <span className="flex w-full items-center gap-2.5">
      <span className="min-w-12 flex-1">
        <StatusBar counts={tonesOf(counts)} total={counts.total} label={countsInWords(counts)} />
      </span>
      {hasNumbers && (
        <span className="tabular w-24 shrink-0 text-right text-xs text-ink-soft" title={countsInWords(counts)}>
          {counts.published === counts.total
            ? shortCount(counts.total)
            : `${percent(counts.published, counts.total)} of ${shortCount(counts.total)}`}
        </span>
      )}
    </span>
  )
}
