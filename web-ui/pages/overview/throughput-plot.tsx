import { useCallback, useMemo, useState } from 'react'
import UPlot from 'uplot'
import type { Answer } from '../../../server/contract/contract.ts'
import { count, shortCount, utc, utcMinute } from '../../kit/format.ts'
import { Plot } from '../../kit/plot.tsx'
import { colour } from '../../shell/theme.ts'

type Throughput = Answer<'throughput'>

/** A bar a stretch of time: what was made, and on top what failed. */
export function ThroughputPlot({ throughput: { buckets, bucketMs } }: { readonly throughput: Throughput }) {
  const [here, setHere] = useState<number | null>(null)
  const data = useMemo(
    () =>
      [
        buckets.map(({ at }) => at + bucketMs / 2),
        // The longer bars are behind, and stand out by what failed.
        buckets.map(({ made, failed }) => made + failed),
        buckets.map(({ made }) => made),
      ] as UPlot.AlignedData,
    [buckets, bucketMs],
  )
  const options = useCallback(() => optionsOf(setHere), [])
  const total = sumOf(buckets)
  const shown = here === null ? undefined : buckets[here]
  return (
    <div>
      <p className="tabular mb-1 flex flex-wrap gap-x-4 text-xs text-ink-faint" aria-hidden={here !== null}>
        <span className="min-w-44 font-medium text-ink-soft">
          {shown ? `${utcMinute(shown.at)} – ${utcMinute(shown.at + bucketMs).slice(11)} UTC` : 'All of it'}
        </span>
        <Key tone="bg-fresh-fill">{count((shown ?? total).made)} made</Key>
        <Key tone="bg-failed-fill">{count((shown ?? total).failed)} failed</Key>
        <span>{shortCount((shown ?? total).rows)} rows</span>
      </p>
      <Plot
        label={`Partitions over time: ${count(total.made)} made, ${count(total.failed)} failed`}
        data={data}
        options={options}
        height={170}
      />
    </div>
  )
}

function Key({ tone, children }: { readonly tone: string; readonly children: React.ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={`size-2 rounded-xs ${tone}`} />
      {children}
    </span>
  )
}

const sumOf = (buckets: Throughput['buckets']) =>
  buckets.reduce(
    (sum, { made, failed, rows }) => ({ made: sum.made + made, failed: sum.failed + failed, rows: sum.rows + rows }),
    { made: 0, failed: 0, rows: 0 },
  )

function optionsOf(onHere: (index: number | null) => void): Omit<UPlot.Options, 'width' | 'height'> {
  const bars = UPlot.paths.bars!({ size: [0.78, 40], radius: 0.15 })
  const axis = {
    stroke: colour('--ink-faint'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px "Inter Variable", sans-serif',
  }
  return {
    ms: 1,
    tzDate: (at) => UPlot.tzDate(new Date(at), 'Etc/UTC'),
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        values: (_, instants) => instants.map((at) => utc(at).slice(...(at % 86_400_000 === 0 ? [5, 10] : [11, 16]))),
      },
      {
        ...axis,
        size: 44,
        values: (_, values) => values.map((value) => (Number.isInteger(value) ? shortCount(value) : '')),
      },
    ],
    series: [
      {},
      { label: 'failed', paths: bars, points: { show: false }, fill: colour('--failed-fill'), width: 0 },
      { label: 'made', paths: bars, points: { show: false }, fill: colour('--fresh-fill'), width: 0 },
    ],
    hooks: { setCursor: [(plot) => onHere(plot.cursor.idx ?? null)] },
  }
}
