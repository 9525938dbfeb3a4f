/** All partitions of an asset at once: time from left to right, keys from top to bottom, down to a single one. */

import { Minus, Plus, Scan } from 'lucide-react'
import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { IconButton } from '../../kit/button.tsx'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { Hover } from '../../kit/hover.tsx'
import { Failure, Loading } from '../../kit/page.tsx'
import type { Stretch } from '../../kit/use-zoom.ts'
import { useZoom } from '../../kit/use-zoom.ts'
import { axisHeight, drawMap, insetFor } from './draw-map.ts'
import type { AssetDetails, AxisStretch, Grid, PartitionStatus } from './grid-cells.ts'
import { cellInWords, stretchInWords } from './grid-cells.ts'
import { MapLegend } from './map-legend.tsx'
import { useGrid } from './use-grid.ts'

export interface Sight {
  readonly columns?: Stretch | undefined
  readonly rows?: Stretch | undefined
}

interface Here {
  readonly column: number
  readonly row: number
}

const rowPixels = 16
const mostRows = 26
const cellPixels = 4

export function PartitionMap({
  asset,
  sight,
  onSight,
  status,
  onStatus,
  onPick,
}: {
  readonly asset: AssetDetails
  readonly sight: Sight
  readonly onSight: (sight: Sight) => void
  readonly status: PartitionStatus | undefined
  readonly onStatus: (status: PartitionStatus | undefined) => void
  readonly onPick: (grid: Grid, column: AxisStretch, row: AxisStretch) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const help = useId()
  const width = useWidth(box)
  const query = useGrid(asset.asset, {
    columns: sight.columns,
    rows: sight.rows,
    width: Math.min(400, Math.floor(width / cellPixels)),
    height: mostRows,
  })
  const grid = query.data
  const [pointer, setPointer] = useState<Here & { readonly x: number; readonly y: number }>()
  const [cursor, setCursor] = useState<Here>()

  const columns = sight.columns ?? { from: 0, to: Math.max(1, grid?.columns.size ?? 1) }
  const rows = sight.rows ?? { from: 0, to: Math.max(1, grid?.rows.size ?? 1) }
  const inset = grid ? insetFor(grid) : 0
  const rowCount = Math.min(mostRows, grid ? grid.rows.size : 1)
  const height = (rowCount === 1 ? 64 : Math.max(64, rowCount * rowPixels)) + axisHeight
  const here = pointer ?? cursor
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what is in them; they are made anew each time
  const draw = useCallback<Draw>(
    (on, width, height) => grid && drawMap(on, width, height, { grid, columns, rows, inset, status, here }),
    [grid, columns.from, columns.to, rows.from, rows.to, inset, status, here?.column, here?.row],
  )
  const whole = { from: 0, to: Math.max(1, grid?.columns.size ?? 1) }
  const show = (columns: Stretch, rowsNow = rows): void => {
    const isAll = columns.from <= 0 && columns.to >= whole.to
    const isAllRows = rowsNow.from <= 0 && rowsNow.to >= (grid?.rows.size ?? 1)
    onSight({ ...(!isAll && { columns }), ...(!isAllRows && { rows: rowsNow }) })
  }
  const zoom = useZoom({
    element: box,
    whole,
    shown: columns,
    least: Math.min(whole.to, 7),
    inset,
    onChange: (columns) => show(columns),
    onScroll: (pixels) => {
      const size = grid?.rows.size ?? 1
      const span = rows.to - rows.from
      const from = Math.max(0, Math.min(size - span, rows.from + (pixels / (height - axisHeight)) * span))
      if (span < size) show(columns, { from, to: from + span })
    },
  })

  const hereAt = (event: PointerEvent | MouseEvent): Here | undefined => {
    if (!grid) return undefined
    const rect = box.current!.getBoundingClientRect()
    const [x, y] = [event.clientX - rect.left - inset, event.clientY - rect.top]
    if (x < 0 || y < 0 || y > height - axisHeight) return undefined
    const place = columns.from + (x / (rect.width - inset)) * (columns.to - columns.from)
    const line = rows.from + (y / (height - axisHeight)) * (rows.to - rows.from)
    const column = grid.columns.stretches.findIndex(({ from, to }) => place >= from && place < to)
    const row = grid.rows.stretches.findIndex(({ from, to }) => line >= from && line < to)
    return column === -1 || row === -1 ? undefined : { column, row }
  }
  const onPointerMove = (event: PointerEvent): void => {
    const isDrag = zoom.onPointerMove(event)
    const found = isDrag ? undefined : hereAt(event)
    setPointer(found && { ...found, x: event.clientX, y: box.current!.getBoundingClientRect().top })
  }
  const pick = ({ column, row }: Here): void => {
    if (grid) onPick(grid, grid.columns.stretches[column]!, grid.rows.stretches[row]!)
  }
  const onPointerUp = (event: PointerEvent): void => {
    if (zoom.onPointerUp()) return
    const found = hereAt(event)
    if (found) pick(found)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (!grid || event.shiftKey || (!step && event.key !== 'Enter')) return zoom.onKeyDown(event)
    event.preventDefault()
    if (!step) {
      if (cursor) pick(cursor)
      return
    }
    const last = { column: grid.columns.stretches.length - 1, row: grid.rows.stretches.length - 1 }
    const from = cursor ?? { column: last.column, row: 0 }
    setPointer(undefined)
    setCursor({
      column: Math.max(0, Math.min(last.column, from.column + (cursor ? step[0]! : 0))),
      row: Math.max(0, Math.min(last.row, from.row + (cursor ? step[1]! : 0))),
    })
  }
  const about = grid && here && describe(grid, here)

  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start justify-between gap-3">
        {grid ? (
          <MapLegend
            grid={grid}
            status={status}
            onStatus={onStatus}
            isPart={sight.columns !== undefined || sight.rows !== undefined}
          />
        ) : (
          <span />
        )}
        <div className="flex shrink-0">
          <IconButton label="Zoom in (+)" icon={Plus} onClick={() => show(scaled(columns, 0.5, whole.to))} />
          <IconButton
            label="Zoom out (-)"
            icon={Minus}
            disabled={!sight.columns}
            onClick={() => show(scaled(columns, 2, whole.to))}
          />
          <IconButton
            label="Show all (0)"
            icon={Scan}
            disabled={!sight.columns && !sight.rows}
            onClick={() => onSight({})}
          />
        </div>
      </div>
      {query.error && !grid && <Failure error={query.error} retry={() => void query.refetch()} />}
      {/* The wheel is listened to here; what can be focused is the drawing. */}
      <div
        ref={box}
        onPointerDown={zoom.onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setPointer(undefined)}
        className="relative touch-pan-y"
        style={{ height }}
      >
        {grid ? (
          <Canvas
            label={`Partitions of ${asset.asset}`}
            aria-describedby={help}
            draw={draw}
            tabIndex={0}
            onKeyDown={onKeyDown}
            onBlur={() => setCursor(undefined)}
            className={`h-full rounded-sm ${pointer ? 'cursor-pointer' : 'cursor-grab'} ${query.isPlaceholderData ? 'opacity-80' : ''}`}
          />
        ) : (
          !query.error && <Loading />
        )}
      </div>
      <p id={help} className="sr-only">
        Arrow keys go from cell to cell, Enter shows its partitions; plus and minus zoom, Shift and arrow keys move,
        zero shows all. The table below has the same partitions.
      </p>
      <p aria-live="polite" className="sr-only">
        {!pointer && about && `${about.where}: ${about.what}`}
      </p>
      {pointer && about && (
        <Hover x={pointer.x} y={pointer.y}>
          <p className="font-medium">{about.where}</p>
          <p className="tabular text-ink-soft">{about.what}</p>
        </Hover>
      )}
    </div>
  )
}

function describe(grid: Grid, { column, row }: Here): { readonly where: string; readonly what: string } | undefined {
  const [across, down] = [grid.columns.stretches[column], grid.rows.stretches[row]]
  const cell = grid.cells[row]?.[column]
  if (!across || !down || !cell) return undefined
  const parts = [
    grid.columns.dimension !== null && stretchInWords(across),
    grid.rows.dimension !== null && stretchInWords(down),
  ]
  return { where: parts.filter(Boolean).join(' · ') || 'the whole asset', what: cellInWords(cell) }
}

function scaled({ from, to }: Stretch, by: number, size: number): Stretch {
  const length = Math.max(Math.min(size, 7), Math.min(size, (to - from) * by))
  // Towards the end: the newest is what is looked at most.
  const start = Math.max(0, Math.min(size - length, by < 1 ? to - length : from - (length - (to - from)) / 2))
  return { from: start, to: start + length }
}

/** The width of a box, in steps: each pixel of a window that is dragged would ask anew. */
function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const watch = new ResizeObserver(() => setWidth(Math.ceil(box.current!.clientWidth / 40) * 40))
    watch.observe(box.current!)
    return () => watch.disconnect()
  }, [box])
  return width
}
