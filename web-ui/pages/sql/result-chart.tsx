import { useCallback, useMemo, useState } from 'react'
import type { AlignedData, Options } from 'uplot'
import uPlot from 'uplot'
import { Choice, Select, Tick } from '../../kit/fields.tsx'
import { Empty } from '../../kit/page.tsx'
import { Plot } from '../../kit/plot.tsx'
import { colour } from '../../shell/theme.ts'
import type { Result } from './values.ts'
import { instantOf, isNumeric, isTemporal, numberOf, textOf } from './values.ts'

/** Told apart in both themes. */
const palette = ['--running', '--accent-fill', '--fresh-fill', '--rejected-fill', '--failed-fill', '--silver'] as const
const swatches = [
  'bg-running',
  'bg-accent-fill',
  'bg-fresh-fill',
  'bg-rejected-fill',
  'bg-failed-fill',
  'bg-silver',
] as const

/** Columns over one of them. */
export function ResultChart({ result }: { readonly result: Result }) {
  const { columns } = result
  const numeric = columns.map((_, index) => index).filter((index) => isNumeric(columns[index]!.type))
  const usual = Math.max(
    0,
    columns.findIndex(({ type }) => isTemporal(type)),
  )
  const [x, setX] = useState(usual)
  const [picked, setPicked] = useState<readonly number[]>()
  const [form, setForm] = useState<'line' | 'bar'>(columns.some(({ type }) => isTemporal(type)) ? 'line' : 'bar')
  const [isFromZero, setFromZero] = useState(false)
  const parts = useMemo(() => splitsOf(result), [result])
  const [splitBy, setSplitBy] = useState<number | null>()
  // Several rows of the same place are told apart by themselves, if a column tells which is which.
  const usualSplit = useMemo(
    () => (hasSame(result, x) ? (parts.keys().next().value ?? null) : null),
    [result, x, parts],
  )
  const split = splitBy === undefined ? usualSplit : splitBy
  const offered = numeric.filter((index) => index !== x)
  const ys = useMemo(
    () => (picked ?? offered.slice(0, 1)).filter((index) => index !== x).slice(0, split === null ? palette.length : 1),
    [picked, offered, x, split],
  )
  const key = ys.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same columns are the same
  const drawn = useMemo(() => dataOf(result, x, linesOf(result, ys, split, parts)), [result, x, key, split, parts])
  const { kind, labels, names } = drawn
  const zero = isFromZero || form === 'bar'
  const options = useCallback(() => optionsOf({ names, form, kind, labels, zero }), [names, form, kind, labels, zero])
  if (offered.length === 0) {
    return (
      <Empty title="There is nothing to draw">
        A chart needs a column of numbers beside the one that it is drawn over; this result has none.
      </Empty>
    )
  }
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 overflow-y-auto p-4 [&_.u-legend]:text-xs [&_.uplot]:font-sans!">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-sm">
        <span className="inline-flex items-center gap-2">
          <span aria-hidden className="text-xs text-ink-faint">
            Over
          </span>
          <Select
            aria-label="Over"
            value={x}
            onChange={(event) => setX(Number(event.target.value))}
            className="max-w-48"
          >
            {columns.map(({ name }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names may be the same, places are not
              <option key={index} value={index}>
                {name}
              </option>
            ))}
          </Select>
        </span>
        <div role="group" aria-label="What is drawn" className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {offered.map((index) => {
            const place = ys.indexOf(index)
            return (
              <span key={index} className="inline-flex items-center gap-1.5">
                <Tick
                  checked={place >= 0}
                  onChange={(isOn) =>
                    setPicked(isOn ? (split === null ? [...ys, index] : [index]) : ys.filter((one) => one !== index))
                  }
                >
                  {columns[index]!.name}
                </Tick>
                {place >= 0 && split === null && (
                  <span aria-hidden className={`h-0.5 w-3 rounded ${swatches[place]}`} />
                )}
              </span>
            )
          })}
        </div>
        {parts.size > 0 && (
          <span className="inline-flex items-center gap-2">
            <span aria-hidden className="text-xs text-ink-faint">
              A line for each
            </span>
            <Select
              aria-label="A line for each"
              value={split ?? ''}
              onChange={(event) => setSplitBy(event.target.value === '' ? null : Number(event.target.value))}
              className="max-w-40"
            >
              <option value="">column</option>
              {[...parts.keys()].map((index) => (
                <option key={index} value={index}>
                  {columns[index]!.name}
                </option>
              ))}
            </Select>
          </span>
        )}
        <div className="ml-auto flex items-center gap-4">
          {form === 'line' && (
            <Tick checked={isFromZero} onChange={setFromZero}>
              From zero
            </Tick>
          )}
          <Choice
            label="Form"
            value={form}
            onChange={setForm}
            options={[
              ['line', 'Line'],
              ['bar', 'Bars'],
            ]}
          />
        </div>
      </div>
      <Plot
        label={`${names.join(', ')} over ${columns[x]!.name}, ${result.rows.length} points`}
        data={drawn.data}
        options={options}
        height={340}
      />
    </div>
  )
}

interface Line {
  readonly name: string
  readonly y: number
  readonly takes: (row: Result['rows'][number]) => boolean
}

/** The columns of text that tell a few lines apart, with their values. */
function splitsOf({ columns, rows }: Result): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>()
  for (const [index, { type }] of columns.entries()) {
    if (!/^(VARCHAR|ENUM)/i.test(type)) continue
    const values = new Set<string>()
    for (const row of rows) {
      values.add(textOf(row[index] ?? null))
      if (values.size > palette.length) break
    }
    if (values.size > 1 && values.size <= palette.length) found.set(index, [...values].toSorted())
  }
  return found
}

function hasSame({ rows }: Result, x: number): boolean {
  const seen = new Set(rows.map((row) => textOf(row[x] ?? null)))
  return seen.size < rows.length
}

function linesOf(
  { columns }: Result,
  ys: readonly number[],
  split: number | null,
  parts: ReadonlyMap<number, readonly string[]>,
): readonly Line[] {
  const values = split === null ? undefined : parts.get(split)
  if (split === null || !values) return ys.map((y) => ({ name: columns[y]!.name, y, takes: () => true }))
  return ys.flatMap((y) => values.map((name) => ({ name, y, takes: (row) => textOf(row[split] ?? null) === name })))
}

interface Drawn {
  readonly kind: 'time' | 'number' | 'text'
  readonly names: readonly string[]
  /** Of places that are text. */
  readonly labels: readonly string[]
  readonly data: AlignedData
}

/** In order of x; uPlot wants seconds for time. */
function dataOf({ columns, rows }: Result, x: number, lines: readonly Line[]): Drawn {
  const type = columns[x]!.type
  const kind = isTemporal(type) ? 'time' : isNumeric(type) ? 'number' : 'text'
  const isSplit = lines.length > 1 && lines[0]!.y === lines[1]!.y
  const labels = kind === 'text' ? labelsOf(rows, x, isSplit) : []
  const places = new Map(labels.map((label, index) => [label, index]))
  const placeOf = (row: Result['rows'][number], index: number): number | null => {
    const value = row[x] ?? null
    if (kind === 'text') return isSplit ? places.get(textOf(value))! : index
    if (kind === 'number') return numberOf(value)
    const ms = instantOf(value)
    return ms === null ? null : ms / 1_000
  }
  const placed = rows
    .map((row, index) => ({ at: placeOf(row, index), row }))
    .filter((one): one is { at: number; row: Result['rows'][number] } => one.at !== null)
    .toSorted((a, b) => a.at - b.at)
  const names = lines.map(({ name }) => name)
  if (!isSplit) {
    const data: AlignedData = [
      placed.map(({ at }) => at),
      ...lines.map(({ y }) => placed.map(({ row }) => numberOf(row[y] ?? null))),
    ]
    return { kind, names, labels, data }
  }
  const ats = [...new Set(placed.map(({ at }) => at))]
  const series = lines.map(({ y, takes }) => {
    const byPlace = new Map(placed.filter(({ row }) => takes(row)).map(({ at, row }) => [at, numberOf(row[y] ?? null)]))
    // Where another line has a point and this one does not, it goes on.
    return ats.map((at) => byPlace.get(at))
  })
  return { kind, names, labels, data: [ats, ...series] }
}

function labelsOf(rows: Result['rows'], x: number, isSplit: boolean): readonly string[] {
  const all = rows.map((row) => textOf(row[x] ?? null))
  return isSplit ? [...new Set(all)] : all
}

function optionsOf({
  names,
  form,
  kind,
  labels,
  zero,
}: {
  readonly names: readonly string[]
  readonly form: 'line' | 'bar'
  readonly kind: Drawn['kind']
  readonly labels: readonly string[]
  readonly zero: boolean
}): Omit<Options, 'width' | 'height'> {
  const axis = {
    stroke: colour('--ink-faint'),
    font: '11px "Inter Variable", sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  }
  const bars = uPlot.paths.bars!({ size: [0.7, 60], align: 0 })
  return {
    // The answer is in UTC, and so is the axis.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    legend: { show: true, live: true },
    cursor: { points: { size: 6 } },
    scales: {
      x: { time: kind === 'time', ...(form === 'bar' && { range: (_, min, max) => padded(min, max) }) },
      y: zero ? { range: (_, min, max) => [Math.min(0, min), Math.max(0, max) * 1.05 || 1] } : {},
    },
    axes: [
      {
        ...axis,
        ...(kind === 'time' && { values: timeMarks }),
        ...(kind === 'text' && {
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000],
          values: (_: uPlot, splits: number[]) => splits.map((at) => (labels[at] ?? '').slice(0, 16)),
        }),
      },
      { ...axis, size: 70 },
    ],
    series: [
      kind === 'text'
        ? { value: (_, at) => labels[at] ?? '' }
        : kind === 'time'
          ? { value: '{YYYY}-{MM}-{DD} {HH}:{mm}' }
          : {},
      ...names.map((label, index) => {
        const stroke = colour(palette[index]!)
        return {
          label,
          stroke,
          width: 1.5,
          points: { show: false },
          ...(form === 'bar' && { paths: bars, fill: stroke, width: 0 }),
        }
      }),
    ],
  }
}

const day = 86_400
/** From what distance of marks on, what a mark says, and what it says more where another year or day begins. */
const timeMarks: (number | string | null)[][] = [
  [day * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [day * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [day, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
]

/** Half a bar more at both ends. */
function padded(min: number, max: number): [number, number] {
  const by = max > min ? (max - min) * 0.03 : 0.5
  return [min - by, max + by]
}
