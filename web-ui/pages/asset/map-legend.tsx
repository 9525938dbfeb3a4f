import { shortCount } from '../../kit/format.ts'
import { fillTone } from '../../kit/status.tsx'
import { Tip } from '../../kit/tip.tsx'
import type { Grid, PartitionStatus } from './grid-cells.ts'
import { cellStatuses, sumOf } from './grid-cells.ts'

/** What the colours mean, how many there are of each, and which alone is to be seen. */
export function MapLegend({
  grid,
  status,
  onStatus,
  isPart,
}: {
  readonly grid: Grid
  readonly status: PartitionStatus | undefined
  readonly onStatus: (status: PartitionStatus | undefined) => void
  readonly isPart: boolean
}) {
  const counts = sumOf(grid.cells.flat())
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {cellStatuses.map((one, index) => (
        <button
          key={one}
          type="button"
          aria-pressed={status === one}
          disabled={counts[index] === 0 && status !== one}
          onClick={() => onStatus(status === one ? undefined : one)}
          className="inline-flex h-7 items-center gap-1.5 rounded-full border border-line px-2.5 text-xs text-ink-soft hover:bg-sunken disabled:text-ink-faint aria-pressed:border-accent-fill aria-pressed:bg-accent-soft aria-pressed:text-accent"
        >
          <span aria-hidden className={`size-2.5 rounded-sm ${fillTone[one]}`} />
          {one}
          <span className="tabular font-semibold">{shortCount(counts[index]!)}</span>
        </button>
      ))}
      {isPart && <span className="text-xs text-ink-faint">in sight</span>}
      {!grid.isStaleKnown && (
        <Tip text="There are too many partitions to compare each with what it was made from; the table below compares those that it shows.">
          <button type="button" className="text-xs text-ink-faint underline decoration-dotted">
            stale not told apart
          </button>
        </Tip>
      )}
    </div>
  )
}
