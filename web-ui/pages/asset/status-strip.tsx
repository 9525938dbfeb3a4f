import type { PointerEvent } from 'react'
import { useCallback, useState } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { Hover } from '../../kit/hover.tsx'
import { axisHeight, drawMap } from './draw-map.ts'
import type { AssetDetails } from './grid-cells.ts'
import { cellInWords, stretchInWords, sumOf } from './grid-cells.ts'

const height = 36 + axisHeight

/** All partitions as one line; a click goes to that part of the map. */
export function StatusStrip({
  asset,
  onOpen,
}: {
  readonly asset: AssetDetails
  readonly onOpen: (search: Readonly<Record<string, string>>) => void
}) {
  const { data: grid } = useAnswer('grid', { asset: asset.asset, width: 240, height: 1 })
  const [here, setHere] = useState<{ readonly index: number; readonly x: number; readonly y: number }>()
  const draw = useCallback<Draw>(
    (on, width, height) =>
      grid &&
      drawMap(on, width, height, {
        grid,
        columns: { from: 0, to: Math.max(1, grid.columns.size) },
        rows: { from: 0, to: Math.max(1, grid.rows.size) },
        inset: 0,
        status: undefined,
        here: undefined,
      }),
    [grid],
  )
  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { left, top, width } = event.currentTarget.getBoundingClientRect()
    const place = ((event.clientX - left) / width) * (grid?.columns.size ?? 0)
    const index = grid?.columns.stretches.findIndex(({ from, to }) => place >= from && place < to) ?? -1
    setHere(index === -1 ? undefined : { index, x: event.clientX, y: top })
  }
  const shown = here && grid?.columns.stretches[here.index]
  const cell = here && grid?.cells[0]?.[here.index]
  return (
    <>
      <Canvas
        label={grid ? `All partitions: ${cellInWords(sumOf(grid.cells.flat()))}` : 'All partitions'}
        draw={draw}
        onPointerMove={onMove}
        onPointerLeave={() => setHere(undefined)}
        onClick={() => {
          if (!shown || !grid) return
          // With its neighbours, so that it is seen where it is.
          const [from, to] = [Math.max(0, shown.from - 30), Math.min(grid.columns.size, shown.to + 30)]
          onOpen(from === 0 && to === grid.columns.size ? {} : { from: String(from), to: String(to) })
        }}
        className="cursor-pointer rounded-sm"
        style={{ height }}
      />
      {shown && cell && (
        <Hover x={here.x} y={here.y}>
          {grid?.columns.dimension !== null && <p className="font-medium">{stretchInWords(shown)}</p>}
          <p className="tabular text-ink-soft">{cellInWords(cell)}</p>
        </Hover>
      )}
    </>
  )
}
