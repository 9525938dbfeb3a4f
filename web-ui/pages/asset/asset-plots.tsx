import { useCallback, useMemo } from 'react'
import type { AlignedData, Options } from 'uplot'
import UPlot from 'uplot'
import { useAnswer } from '../../api/use-answer.ts'
import { bytes, shortCount, span, utc } from '../../kit/format.ts'
import { numberOf } from '../../kit/metadata.tsx'
import { Panel } from '../../kit/page.tsx'
import { Plot } from '../../kit/plot.tsx'
import { colour } from '../../shell/theme.ts'
import type { Version } from './version-card.tsx'

interface Series {
  readonly name: string
  /** Pairs of s since 1970 and the value, as the drawing takes them. */
  readonly points: readonly (readonly [number, number])[]
  readonly text: (value: number) => string
}

/** Numbers that are drawn besides rows, size and time. */
const mostMetadata = 9

/** How much was made, how long that took, and each number that was said of it, by when it was made. */
export function AssetPlots({ asset }: { readonly asset: string }) {
  const versions = useAnswer('materializations', { asset, limit: 500 })
  const events = useAnswer('assetEvents', { asset, type: 'published', limit: 500 })
  const series = useMemo(() => {
    const items = versions.data?.items ?? []
    const took = (events.data?.items ?? []).flatMap(({ at, tookMs }) =>
      tookMs === null ? [] : [[at / 1_000, tookMs] as const],
    )
    const all: Series[] = [
      { name: 'Rows', points: pointsOf(items, ({ rows }) => rows), text: shortCount },
      { name: 'Size', points: pointsOf(items, (one) => one.bytes), text: bytes },
      { name: 'Took', points: took.toSorted(([a], [b]) => a - b), text: span },
      ...ofMetadata(items),
    ]
    return all.filter(({ points }) => points.length > 0)
  }, [versions.data, events.data])
  if (series.length === 0) return null
  return (
    <div className="grid grid-cols-3 gap-3">
      {series.map((one) => (
        <Panel key={one.name} title={one.name} note={<Newest series={one} />}>
          <Points series={one} />
        </Panel>
      ))}
    </div>
  )
}

function Newest({ series: { points, text } }: { readonly series: Series }) {
  return <span className="tabular">newest {text(points.at(-1)![1])}</span>
}

function Points({ series }: { readonly series: Series }) {
  const data = useMemo(
    (): AlignedData => [series.points.map(([at]) => at), series.points.map(([, value]) => value)],
    [series],
  )
  const { name, text } = series
  const options = useCallback((): Omit<Options, 'width' | 'height'> => {
    const axis = {
      stroke: colour('--ink-faint'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '11px "Inter Variable", sans-serif',
    }
    return {
      tzDate: (at) => UPlot.tzDate(new Date(at * 1_000), 'Etc/UTC'),
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...axis, size: 24, space: 72, values: (_, at) => timesOf(at) },
        { ...axis, size: 62, space: 26, values: (_, values) => distinct(values.map((value) => text(value))) },
      ],
      series: [
        {},
        {
          label: name,
          stroke: colour('--accent-fill'),
          width: 1,
          points: { show: true, size: 4, fill: colour('--accent-fill'), stroke: colour('--accent-fill') },
          paths: () => null,
        },
      ],
    }
  }, [name, text])
  return <Plot label={`${name} of each materialization over time`} data={data} options={options} height={120} />
}

/** As short as tells them apart. */
function timesOf(at: readonly number[]): string[] {
  const [first = 0, last = 0] = [at[0], at.at(-1)]
  const step = at.length > 1 ? (last - first) / (at.length - 1) : 86_400
  const isLong = last - first > 300 * 86_400
  const [from, to] =
    step >= 86_400 ? [isLong ? 0 : 5, 10] : step >= 60 ? [last - first > 86_400 ? 5 : 11, 16] : [11, 19]
  return distinct(at.map((one) => utc(one * 1_000).slice(from, to)))
}

/** The same text twice would look like a mistake. */
const distinct = (texts: readonly string[]): string[] =>
  texts.map((text, index) => (text === texts[index - 1] ? '' : text))

const pointsOf = (versions: readonly Version[], value: (version: Version) => number | undefined) =>
  versions
    .flatMap((version) => {
      const found = value(version)
      return found === undefined ? [] : [[version.at / 1_000, found] as const]
    })
    .toSorted(([a], [b]) => a - b)

function ofMetadata(versions: readonly Version[]): readonly Series[] {
  const units = new Map<string, string>()
  for (const { metadata } of versions) {
    for (const [name, value] of Object.entries(metadata)) {
      const number = numberOf(value)
      if (number && !units.has(name)) units.set(name, number.unit)
    }
  }
  return [...units].slice(0, mostMetadata).map(([name, unit]) => ({
    name,
    points: pointsOf(versions, ({ metadata }) => numberOf(metadata[name])?.value),
    text:
      unit === 'ms'
        ? span
        : (value) => `${shortCount(Math.abs(value) < 100 ? Number(value.toPrecision(3)) : value)}${unit && ` ${unit}`}`,
  }))
}
