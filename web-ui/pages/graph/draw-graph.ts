/** Paints the graph as the camera sees it. What is out of sight, or too small to be read, is left out. */

import { shortCount } from '../../kit/format.ts'
import { tonesOf } from '../../kit/partitions-bar.tsx'
import { looks } from '../../kit/status.tsx'
import type { Camera } from './camera.ts'
import { cut } from './cut-text.ts'
import { drawBox, drawFolded } from './draw-box.ts'
import type { Kin } from './kin.ts'
import { isWithin } from './kin.ts'
import type { Rect } from './layout.ts'
import type { Palette } from './palette.ts'
import type { Pulse } from './shape.ts'
import type { Placed } from './use-layout.ts'

export interface Scene {
  readonly placed: Placed
  readonly kin: Kin
  readonly pulses: ReadonlyMap<string, Pulse>
  readonly palette: Palette
}

export interface View {
  readonly camera: Camera
  readonly width: number
  readonly height: number
  readonly focus: number | undefined
  readonly family: ReadonlySet<number> | undefined
  readonly frame: string | undefined
  /** Between 0 and 1, for what is being made. */
  readonly beat: number
}

/** The paper and the bands. */
export function drawGround(on: CanvasRenderingContext2D, scene: Scene, view: View, ratio: number): void {
  on.setTransform(ratio, 0, 0, ratio, 0, 0)
  on.globalAlpha = 1
  on.fillStyle = scene.palette.paper
  on.fillRect(0, 0, view.width, view.height)
  toWorld(on, view, ratio)
  drawBands(on, scene, view)
}

/** Frames, lines and boxes, on nothing. */
export function drawThings(on: CanvasRenderingContext2D, scene: Scene, view: View, ratio: number): void {
  on.setTransform(ratio, 0, 0, ratio, 0, 0)
  on.clearRect(0, 0, view.width, view.height)
  toWorld(on, view, ratio)
  drawFrames(on, scene, view)
  drawEdges(on, scene, view)
  drawBoxes(on, scene, view)
}

/** What stays in its place while all else moves. */
export function drawTop(on: CanvasRenderingContext2D, scene: Scene, view: View, ratio: number): void {
  on.setTransform(ratio, 0, 0, ratio, 0, 0)
  drawBandNames(on, scene, view)
}

function toWorld(on: CanvasRenderingContext2D, { camera }: View, ratio: number): void {
  const scale = camera.zoom * ratio
  on.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale)
}

const seen = ({ x, y, width, height }: Rect, { camera, ...view }: View): boolean =>
  x < camera.x + view.width / camera.zoom &&
  x + width > camera.x &&
  y < camera.y + view.height / camera.zoom &&
  y + height > camera.y

function drawBands(on: CanvasRenderingContext2D, { placed, palette }: Scene, view: View): void {
  for (const { band, x, width } of placed.layout.bands) {
    on.globalAlpha = 0.06
    on.fillStyle = palette.bands[band]
    on.fillRect(x, view.camera.y, width, view.height / view.camera.zoom)
  }
  on.globalAlpha = 1
}

const bandNames = { outside: 'External', bronze: 'Bronze', silver: 'Silver', gold: 'Gold', other: 'No layer' } as const

function drawBandNames(on: CanvasRenderingContext2D, { placed, palette }: Scene, { camera, width }: View): void {
  if (placed.layout.bands.length === 1 && placed.layout.bands[0]!.band === 'other') return
  on.font = '600 12px "Inter Variable", sans-serif'
  on.textBaseline = 'middle'
  for (const strip of placed.layout.bands) {
    const left = Math.max(0, (strip.x - camera.x) * camera.zoom)
    const right = Math.min(width, (strip.x + strip.width - camera.x) * camera.zoom)
    if (right - left < 46) continue
    on.fillStyle = palette.bands[strip.band]
    on.fillText(bandNames[strip.band], left + 8, 16)
  }
}

function drawFrames(on: CanvasRenderingContext2D, { placed, palette }: Scene, view: View): void {
  const { zoom } = view.camera
  // Names of groups stay readable while the boxes in them no longer are.
  const size = Math.min(27, Math.max(12, 11 / zoom))
  on.textBaseline = 'alphabetic'
  on.font = `600 ${size}px "Inter Variable", sans-serif`
  for (const { id, isFolded, size: assets } of placed.shape.frames) {
    const rect = placed.layout.frames.get(id)!
    if (isFolded || !seen(rect, view)) continue
    on.beginPath()
    on.roundRect(rect.x, rect.y, rect.width, rect.height, 10)
    on.globalAlpha = 0.75
    on.fillStyle = palette.sunken
    on.fill()
    on.globalAlpha = 1
    on.lineWidth = (id === view.frame ? 2 : 1) / Math.max(0.5, zoom)
    on.strokeStyle = id === view.frame ? palette.accentFill : palette.line
    on.stroke()
    if (size * zoom < 7) continue
    on.fillStyle = palette.inkFaint
    on.fillText(
      cut(on, `${id.slice(id.indexOf('/') + 1)}  ${assets}`, rect.width - 24),
      rect.x + 14,
      rect.y + Math.max(22, size + 5),
    )
  }
}

function drawEdges(on: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const { shape, layout } = scene.placed
  const { camera, family } = view
  const plain = new Path2D()
  const lit = new Path2D()
  const isFar = camera.zoom < 0.25
  for (const edge of shape.edges) {
    const [from, to] = [layout.boxes[edge.from]!, layout.boxes[edge.to]!]
    if (!seen(around(from, to), view)) continue
    trace(family && isWithin(family, edge) ? lit : plain, from, to, isFar)
  }
  // So far out every line is a hair: thinner ones would flicker.
  const hair = 1 / camera.zoom
  on.strokeStyle = scene.palette.lineStrong
  on.globalAlpha = family ? 0.35 : shape.edges.length > 600 ? 0.6 : 1
  on.lineWidth = Math.min(1.4, hair)
  on.stroke(plain)
  on.globalAlpha = 1
  if (!family) return
  on.strokeStyle = scene.palette.accentFill
  on.lineWidth = Math.max(1.8, 1.2 * hair)
  on.stroke(lit)
}

function trace(path: Path2D, from: Rect, to: Rect, isFar: boolean): void {
  const [x, y] = [from.x + from.width, from.y + from.height / 2]
  const [endX, endY] = [to.x, to.y + to.height / 2]
  const bend = Math.max(36, Math.min(160, Math.abs(endX - x) / 2))
  path.moveTo(x, y)
  // From so far nobody sees the bend, and a straight line costs less.
  if (isFar) path.lineTo(endX, endY)
  else path.bezierCurveTo(x + bend, y, endX - bend, endY, endX, endY)
}

function around(from: Rect, to: Rect): Rect {
  const x = Math.min(from.x, to.x)
  const y = Math.min(from.y, to.y)
  return {
    x,
    y,
    width: Math.max(from.x + from.width, to.x + to.width) - x,
    height: Math.max(from.y + from.height, to.y + to.height) - y,
  }
}

function drawBoxes(on: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const { shape, layout } = scene.placed
  // What is only pointed at must not take the others away.
  const faded = view.focus === undefined ? 0.6 : 0.28
  for (const [index, rect] of layout.boxes.entries()) {
    if (!seen(rect, view)) continue
    const box = shape.boxes[index]!
    on.globalAlpha = view.family && !view.family.has(index) ? faded : box.isDim ? 0.6 : 1
    const state = { palette: scene.palette, zoom: view.camera.zoom, isFocus: view.focus === index, beat: view.beat }
    if (box.isFolded) drawFolded(on, rect, box, healthsOf(box.assets, scene.pulses), state)
    else {
      const pulse = scene.pulses.get(box.id)
      drawBox(
        on,
        rect,
        box,
        pulse && {
          health: pulse.health,
          tone: looks[pulse.health].tone,
          bar: tonesOf(pulse.partitions),
          total: pulse.partitions.total,
          said: `${shortCount(pulse.partitions.published)} of ${shortCount(pulse.partitions.total)}`,
        },
        state,
      )
    }
  }
  on.globalAlpha = 1
}

const worst = ['failing', 'late', 'running', 'incomplete', 'unmade', 'healthy', 'external'] as const

function healthsOf(assets: readonly string[], pulses: ReadonlyMap<string, Pulse>) {
  const counts = new Map<Pulse['health'], number>()
  for (const asset of assets) {
    const health = pulses.get(asset)?.health
    if (health) counts.set(health, (counts.get(health) ?? 0) + 1)
  }
  return worst
    .filter((health) => counts.has(health))
    .map((health) => ({ health, tone: looks[health].tone, count: counts.get(health)! }))
}
