import { useCallback, useMemo } from 'react'
import type { AlignedData, Options } from 'uplot'
import { colour } from '../shell/theme.ts'
import type { Lines } from './metadata.tsx'
import { Plot } from './plot.tsx'

const strokes = ['--accent-fill', '--running-fill', '--fresh-fill', '--rejected-fill', '--failed-fill', '--ink-faint']

/** The lines that an author wants to be drawn. */
export function LinesPlot({ lines }: { readonly lines: Lines }) {
  const data = useMemo(() => aligned(lines), [lines])
  const options = useCallback((): Omit<Options, 'width' | 'height'> => {
    const axis = {
      stroke: colour('--ink-faint'),
      grid: { stroke: colour('--line'), width: 1 },
      font: '11px "Inter Variable", sans-serif',
    }
    return {
      scales: { x: { time: false } },
      legend: { show: lines.series.length > 1 },
      axes: [
        { ...axis, label: lines.x, labelSize: 18, labelFont: axis.font },
        { ...axis, label: lines.y, labelSize: 18, labelFont: axis.font, size: 56 },
      ],
      series: [
        { label: lines.x },
        ...lines.series.map(({ name }, index) => ({
          label: name,
          stroke: colour(strokes[index % strokes.length]!),
          width: 1.5,
          spanGaps: true,
        })),
      ],
    }
  }, [lines])
  return <Plot label={`${lines.y} by ${lines.x}`} data={data} options={options} height={180} />
}

/** All points on one axis, as the drawing needs them. */
function aligned({ series }: Lines): AlignedData {
  const places = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b)
  const values = series.map(({ points }) => {
    const byPlace = new Map(points)
    return places.map((place) => byPlace.get(place) ?? null)
  })
  return [places, ...values]
}
