import { fillVariable } from '../../kit/status.tsx'
import type { Stretch } from '../../kit/use-zoom.ts'
import { colour } from '../../shell/theme.ts'
import type { Grid, PartitionStatus } from './grid-cells.ts'
import { cellStatuses, readable } from './grid-cells.ts'
import { ticksOf } from './map-axis.ts'

export const axisHeight = 22

/** What is bad is at the foot of a cell, and seen even if it is one of thousands. */
const fromTheFoot = [3, 4, 5, 1, 0, 2] as const
const alwaysSeen = 3

export interface MapView {
  readonly grid: Grid
  readonly columns: Stretch
  readonly rows: Stretch
  readonly inset: number
  readonly status: PartitionStatus | undefined
  /** The cell of the keyboard or the pointer, by stretch. */
  readonly here: { readonly column: number; readonly row: number } | undefined
}

/** Draws the cells that are in sight where they belong, also while those of another zoom are awaited. */
export function drawMap(on: CanvasRenderingContext2D, width: number, height: number, view: MapView): void {
  const { grid, columns, rows, inset, here } = view
  const [mapWidth, mapHeight] = [width - inset, height - axisHeight]
  const left = (place: number): number => inset + ((place - columns.from) / (columns.to - columns.from)) * mapWidth
  const top = (place: number): number => ((place - rows.from) / (rows.to - rows.from)) * mapHeight
  const colours = cellStatuses.map((status) => colour(fillVariable(status)))
  const sunken = colour('--sunken')

  on.save()
  on.beginPath()
  on.rect(inset, 0, mapWidth, mapHeight)
  on.clip()
  on.fillStyle = sunken
  on.fillRect(inset, 0, mapWidth, mapHeight)
  for (const [index, row] of grid.rows.stretches.entries()) {
    const [y, bottom] = [top(row.from), top(row.to)]
    if (bottom < 0 || y > mapHeight) continue
    const gapY = bottom - y > 7 && grid.rows.stretches.length > 1 ? 1 : 0
    for (const [at, column] of grid.columns.stretches.entries()) {
      const [x, right] = [left(column.from), left(column.to)]
      if (right < inset || x > width) continue
      const gapX = right - x > 5 ? 1 : 0
      // Whole pixels: neighbours must neither overlap nor leave a seam.
      const rect = {
        x: Math.round(x),
        y: Math.round(y),
        width: Math.max(1, Math.round(right) - Math.round(x) - gapX),
        height: Math.max(1, Math.round(bottom) - Math.round(y) - gapY),
      }
      drawCell(on, grid.cells[index]![at]!, rect, colours, view.status)
      if (here?.column === at && here.row === index) {
        on.globalAlpha = 1
        on.strokeStyle = colour('--ink')
        on.lineWidth = 2
        on.strokeRect(rect.x + 0.5, rect.y + 0.5, Math.max(3, rect.width - 1), rect.height - 1)
      }
    }
  }
  on.restore()
  drawColumnAxis(on, view, left, width, mapHeight)
  if (inset > 0) drawRowAxis(on, view, top, mapHeight)
}

function drawCell(
  on: CanvasRenderingContext2D,
  cell: readonly number[],
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  colours: readonly string[],
  status: PartitionStatus | undefined,
): void {
  const total = cell.reduce((sum, value) => sum + value, 0)
  if (total === 0) return
  let foot = y + height
  for (const part of fromTheFoot) {
    const value = cell[part]!
    if (value === 0) continue
    const least = part === 0 || part === 2 ? 0 : alwaysSeen
    const share = Math.min(foot - y, Math.max(least, (value / total) * height))
    on.globalAlpha = status !== undefined && cellStatuses[part] !== status ? 0.14 : 1
    on.fillStyle = colours[part]!
    on.fillRect(x, foot - share, width, share)
    foot -= share
  }
  on.globalAlpha = 1
}

function drawColumnAxis(
  on: CanvasRenderingContext2D,
  { grid, columns, inset }: MapView,
  left: (place: number) => number,
  width: number,
  mapHeight: number,
): void {
  on.font = '11px "Inter Variable", sans-serif'
  on.textBaseline = 'middle'
  on.strokeStyle = colour('--line-strong')
  on.lineWidth = 1
  for (const { at, text, isMajor } of ticksOf(grid.columns.stretches, columns, width - inset)) {
    const x = Math.round(left(at)) + 0.5
    if (x < inset || x > width - 8) continue
    on.beginPath()
    on.moveTo(x, mapHeight)
    on.lineTo(x, mapHeight + (isMajor ? 9 : 5))
    on.stroke()
    on.fillStyle = colour(isMajor ? '--ink' : '--ink-faint')
    const room = on.measureText(text).width
    on.fillText(text, Math.min(x + 4, width - room - 2), mapHeight + 13)
  }
}

function drawRowAxis(
  on: CanvasRenderingContext2D,
  { grid, inset }: MapView,
  top: (place: number) => number,
  mapHeight: number,
): void {
  on.font = '11px "Inter Variable", sans-serif'
  on.textBaseline = 'middle'
  on.fillStyle = colour('--ink-soft')
  let free = 0
  for (const { from, to, first } of grid.rows.stretches) {
    const y = Math.max(8, Math.min(mapHeight - 8, (top(from) + top(to)) / 2))
    if (top(to) < 0 || top(from) > mapHeight || y - 7 < free) continue
    free = y + 7
    let text = readable(first) + (to - from > 1 ? ' …' : '')
    while (text.length > 3 && on.measureText(text).width > inset - 10) text = `${text.slice(0, -2)}…`
    on.fillText(text, 0, y)
  }
}

/** How much room the names of the rows need. */
export function insetFor(grid: Grid): number {
  if (grid.rows.dimension === null) return 0
  const longest = grid.rows.stretches.reduce((most, { first }) => Math.max(most, readable(first).length), 0)
  const isJoined = grid.rows.stretches.some(({ from, to }) => to - from > 1)
  return Math.min(150, longest * 7 + (isJoined ? 28 : 14))
}
