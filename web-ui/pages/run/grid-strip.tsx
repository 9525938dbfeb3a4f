import type { PointerEvent } from 'react'
import { useCallback, useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { count } from '../../kit/format.ts'
import { Hover } from '../../kit/hover.tsx'
import type { Tone } from '../../kit/status.tsx'
import { fillTone, fillVariable } from '../../kit/status.tsx'
import { colour } from '../../shell/theme.ts'

type Cell = Answer<'runGrid'>['assets'][number]['cells'][number]

/** In the order of the counts of a cell. */
const parts = [
  ['published', 'fresh'],
  ['skipped', 'missing'],
  ['rejected', 'rejected'],
  ['failed', 'failed'],
  ['blocked', 'stale'],
  ['canceled', 'missing'],
  ['not ended', undefined],
] as const satisfies readonly (readonly [string, Tone | undefined])[]
/** What is bad is at the foot of a cell, and seen even if it is one of thousands. */
const fromTheFoot = [3, 2, 4, 0, 1, 5] as const

/** The partitions of one asset in a run: a cell for one or for many neighbours, filled by how they ended. */
export function GridStrip({ asset, cells }: { readonly asset: string; readonly cells: readonly Cell[] }) {
  const [here, setHere] = useState<{ readonly index: number; readonly x: number; readonly y: number }>()
  const draw = useCallback<Draw>((context, width, height) => drawStrip(context, cells, width, height), [cells])
  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { left, top, width } = event.currentTarget.getBoundingClientRect()
    const index = Math.floor(((event.clientX - left) / width) * cells.length)
    setHere(index < 0 || index >= cells.length ? undefined : { index, x: event.clientX, y: top })
  }
  const shown = here && cells[here.index]
  return (
    <>
      <Canvas
        label={`What became of the partitions of ${asset}: ${inWords(sumOf(cells))}`}
        draw={draw}
        onPointerMove={onMove}
        onPointerLeave={() => setHere(undefined)}
        className="h-5 rounded-sm bg-sunken"
      />
      {shown && (
        <Hover x={here.x} y={here.y}>
          <p className="font-mono">{shown.first === shown.last ? shown.first : `${shown.first} … ${shown.last}`}</p>
          <p className="text-ink-soft">{inWords(shown.counts)}</p>
        </Hover>
      )}
    </>
  )
}

function drawStrip(context: CanvasRenderingContext2D, cells: readonly Cell[], width: number, height: number): void {
  const cellWidth = width / Math.max(1, cells.length)
  const gap = cellWidth > 6 ? 1 : 0
  const colours = parts.map(([, tone]) => tone && colour(fillVariable(tone)))
  cells.forEach(({ counts }, index) => {
    const total = counts.reduce((sum, value) => sum + value, 0)
    let foot = height
    for (const part of fromTheFoot) {
      const value = counts[part]!
      if (value === 0) continue
      const part_height = Math.max(part === 0 || part === 1 || part === 5 ? 0 : 4, (value / total) * height)
      context.fillStyle = colours[part]!
      context.fillRect(index * cellWidth, Math.max(0, foot - part_height), cellWidth - gap, Math.min(foot, part_height))
      foot -= part_height
    }
  })
}

const sumOf = (cells: readonly Cell[]): readonly number[] =>
  parts.map((_, part) => cells.reduce((sum, { counts }) => sum + counts[part]!, 0))

const inWords = (counts: readonly number[]): string =>
  parts
    .map(([name], part) => [name, counts[part]!] as const)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${count(value)} ${name}`)
    .join(', ')

export function StripLegend() {
  const shown = [
    ['published', 'fresh'],
    ['skipped or canceled', 'missing'],
    ['blocked', 'stale'],
    ['rejected', 'rejected'],
    ['failed', 'failed'],
  ] as const
  return (
    <ul className="hidden gap-3 text-xs text-ink-faint lg:flex" aria-label="Colours">
      {shown.map(([word, tone]) => (
        <li key={word} className="inline-flex items-center gap-1.5">
          <span aria-hidden className={`size-2 rounded-xs ${fillTone[tone]}`} />
          {word}
        </li>
      ))}
      <li className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-2 rounded-xs border border-line-strong bg-sunken" />
        not ended
      </li>
    </ul>
  )
}
