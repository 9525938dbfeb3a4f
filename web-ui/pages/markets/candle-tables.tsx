/** What the chart shows, in words: gaps, newest candles, partitions. */

import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { count, counted, shortKey, span, utcMinute } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import type { Candle, Candles, Gap, Version } from './use-candles.ts'

const newestShown = 200

export function CandleTables({
  data,
  asset,
  held,
  onHold,
}: {
  readonly data: Candles
  readonly asset: string
  readonly held: number | undefined
  readonly onHold: (at: number) => void
}) {
  const newest = useMemo(() => data.candles.slice(-newestShown).toReversed(), [data])
  const gaps = useMemo(() => data.gaps.toReversed(), [data])
  const versions = useMemo(() => data.versions.toReversed(), [data])
  const missing = gaps.reduce((sum, { candles }) => sum + candles, 0)
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Panel
        title="Gaps"
        note={gaps.length === 0 ? 'none in what is loaded' : `${counted(missing, 'candle')} missing`}
        flush
      >
        <Table
          label="Gaps"
          rows={gaps}
          columns={gapColumns(data.intervalMs)}
          keyOf={({ from }) => String(from)}
          onOpen={({ from }) => onHold(before(data, from))}
          rowHeight={32}
          maxHeight="20rem"
          empty={<Empty title="No gap">Every candle of what is loaded is there.</Empty>}
        />
      </Panel>
      <Panel title="Partitions" note={`${count(versions.length)} in what is loaded`} flush>
        <Table
          label="Partitions"
          rows={versions}
          columns={versionColumns(asset)}
          keyOf={({ materialization }) => materialization}
          rowHeight={32}
          maxHeight="20rem"
        />
      </Panel>
      <Panel
        title="Newest candles"
        note={`of ${count(data.candles.length)} that are loaded`}
        flush
        className="xl:col-span-2"
      >
        <Table
          label="Newest candles"
          rows={newest}
          columns={candleColumns}
          keyOf={({ at }) => String(at)}
          onOpen={({ at }) => onHold(at)}
          isHere={({ at }) => at === held}
          rowHeight={30}
          maxHeight="22rem"
        />
      </Panel>
    </div>
  )
}

/** The candle that a gap follows. */
const before = ({ candles }: Candles, from: number): number => candles.findLast(({ at }) => at < from)?.at ?? from

const gapColumns = (intervalMs: number): readonly Column<Gap>[] => [
  { title: 'From', width: '9.5rem', cell: ({ from }) => <Time at={from} as="minute" />, sort: ({ from }) => from },
  { title: 'To, not included', width: '9.5rem', cell: ({ to }) => <Time at={to} as="minute" /> },
  {
    title: 'Missing',
    width: 'minmax(5rem,1fr)',
    align: 'right',
    cell: ({ candles }) => count(candles),
    sort: ({ candles }) => candles,
  },
  { title: 'Long', width: '5.5rem', align: 'right', cell: ({ candles }) => span(candles * intervalMs) },
]

const versionColumns = (asset: string): readonly Column<Version>[] => [
  {
    title: 'Partition',
    width: 'minmax(11rem,1fr)',
    cell: ({ key }) => (
      <Link
        to="/assets/$asset"
        params={{ asset }}
        search={{ tab: 'partitions', key }}
        title={key}
        className="hover:text-accent hover:underline"
      >
        {shortKey(key)}
      </Link>
    ),
    sort: ({ key }) => key,
  },
  {
    title: 'Version',
    width: '5rem',
    align: 'right',
    cell: ({ revision }) => revision + 1,
    sort: ({ revision }) => revision,
  },
  {
    title: 'Checks',
    width: '8rem',
    cell: ({ failedChecks }) =>
      failedChecks.length === 0 ? (
        <StatusBadge status="passed" />
      ) : (
        <span title={failedChecks.join('\n')}>
          <StatusBadge status="failed">{counted(failedChecks.length, 'failed', 'failed')}</StatusBadge>
        </span>
      ),
    sort: ({ failedChecks }) => failedChecks.length,
  },
  { title: 'Published', width: '6rem', cell: ({ at }) => <Time at={at} />, sort: ({ at }) => at },
]

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 8 })

const candleColumns: readonly Column<Candle>[] = [
  { title: 'Open time, UTC', width: '9.5rem', cell: ({ at }) => <span className="tabular">{utcMinute(at)}</span> },
  ...(['open', 'high', 'low', 'close', 'volume'] as const).map(
    (name): Column<Candle> => ({
      title: `${name[0]!.toUpperCase()}${name.slice(1)}`,
      width: 'minmax(5.5rem,1fr)',
      align: 'right',
      cell: (candle) => number(candle[name]),
      sort: (candle) => candle[name],
    }),
  ),
  {
    title: 'Complete',
    width: '8rem',
    cell: ({ isComplete }) =>
      isComplete ? <span className="text-ink-faint">yes</span> : <StatusBadge status="incomplete" />,
  },
]
