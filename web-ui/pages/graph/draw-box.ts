import type { Tone } from '../../kit/status.tsx'
import { looks } from '../../kit/status.tsx'
import { cut } from './cut-text.ts'
import type { Rect } from './layout.ts'
import type { Palette } from './palette.ts'
import type { Box, Pulse } from './shape.ts'

/** Below this names can not be read, and are not drawn. */
export const namesFrom = 0.42

interface State {
  readonly palette: Palette
  readonly zoom: number
  readonly isFocus: boolean
  readonly beat: number
}

interface Live {
  readonly health: Pulse['health']
  readonly tone: Tone
  readonly bar: readonly (readonly [Tone, number])[]
  readonly total: number
}

/** An asset: its health at the edge and as a word, its name, how far its partitions are. */
export function drawBox(
  on: CanvasRenderingContext2D,
  rect: Rect,
  box: Box,
  live: Live | undefined,
  state: State,
): void {
  const { palette, zoom } = state
  const { x, y, width, height } = rect
  const tone = live?.tone ?? 'missing'
  const isNamed = zoom >= namesFrom
  outline(on, rect, live?.health === 'running', tone, box.isExternal, state)
  on.save()
  on.clip()
  on.fillStyle = palette.fill[tone]
  // So far out the colour is all that can be seen of it.
  on.fillRect(x, y, isNamed ? 5 : zoom > 0.2 ? 26 : width, height)
  on.restore()
  if (!isNamed) return
  on.textBaseline = 'alphabetic'
  on.font = '500 13px "Inter Variable", sans-serif'
  on.fillStyle = palette.ink
  on.fillText(cut(on, box.id, width - 26), x + 15, y + 20)
  if (!live) return
  on.font = '11px "Inter Variable", sans-serif'
  on.fillStyle = palette.text[tone]
  const word = looks[live.health].word
  on.fillText(word, x + 15, y + 38)
  if (live.health !== 'external') bar(on, x + 90, y + 32, width - 102, live.bar, live.total, palette)
}

/** A folded group: its name, how many assets, and how these are. */
export function drawFolded(
  on: CanvasRenderingContext2D,
  rect: Rect,
  box: Box,
  healths: readonly { readonly health: Pulse['health']; readonly tone: Tone; readonly count: number }[],
  state: State,
): void {
  const { palette, zoom } = state
  const { x, y, width, height } = rect
  const worst = healths[0]
  if (zoom < 0.14) {
    on.fillStyle = palette.fill[worst?.tone ?? 'missing']
    on.fillRect(x, y, width, height)
    return
  }
  // A second sheet behind it says that there are more inside.
  on.beginPath()
  on.roundRect(x + 5, y + 5, width, height, 8)
  on.fillStyle = palette.sunken
  on.fill()
  on.strokeStyle = palette.lineStrong
  on.lineWidth = 1
  on.stroke()
  const isRunning = healths.some(({ health }) => health === 'running')
  outline(on, rect, isRunning, worst?.tone ?? 'missing', false, state)
  const isNamed = zoom >= namesFrom
  on.textBaseline = 'alphabetic'
  // As large as the box has room for, from afar.
  const size = isNamed ? 13 : Math.min(34, Math.round(10 / zoom))
  on.font = `600 ${size}px "Inter Variable", sans-serif`
  on.fillStyle = palette.ink
  on.fillText(cut(on, box.group, width - 28), x + 14, y + (isNamed ? 23 : 14 + size * 0.85))
  bar(
    on,
    x + 14,
    y + height - 18,
    width - 28,
    healths.map(({ tone, count }) => [tone, count]),
    box.assets.length,
    palette,
    6,
  )
  if (!isNamed) return
  on.font = '11px "Inter Variable", sans-serif'
  on.fillStyle = palette.inkFaint
  on.fillText(`${box.assets.length} assets`, x + 14, y + 40)
  let left = x + 14
  for (const { health, tone, count } of healths.slice(0, 3)) {
    const text = `${count} ${looks[health].word}`
    const room = on.measureText(text).width
    if (left + room > x + width - 10) break
    on.fillStyle = palette.text[tone]
    on.fillText(text, left, y + 57)
    left += room + 10
  }
}

function outline(
  on: CanvasRenderingContext2D,
  rect: Rect,
  isRunning: boolean,
  tone: Tone,
  isDashed: boolean,
  state: State,
): void {
  const { palette, isFocus, beat, zoom } = state
  if (isRunning) {
    const alpha = on.globalAlpha
    on.globalAlpha = alpha * (0.15 + 0.45 * beat)
    on.beginPath()
    on.roundRect(rect.x - 4, rect.y - 4, rect.width + 8, rect.height + 8, 11)
    on.fillStyle = palette.fill.running
    on.fill()
    on.globalAlpha = alpha
  }
  on.beginPath()
  on.roundRect(rect.x, rect.y, rect.width, rect.height, 8)
  on.fillStyle = palette.surface
  on.fill()
  on.setLineDash(isDashed ? [5, 4] : [])
  on.lineWidth = isFocus ? 2.5 / Math.min(1, zoom) : 1
  on.strokeStyle = isFocus ? palette.focus : tone === 'failed' ? palette.fill.failed : palette.lineStrong
  on.stroke()
  on.setLineDash([])
}

function bar(
  on: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  parts: readonly (readonly [Tone, number])[],
  total: number,
  palette: Palette,
  height = 5,
): void {
  on.fillStyle = palette.line
  on.fillRect(x, y, width, height)
  let left = x
  for (const [tone, count] of parts) {
    if (count <= 0) continue
    const part = Math.max(2, (count / Math.max(1, total)) * width)
    on.fillStyle = palette.fill[tone]
    on.fillRect(left, y, Math.min(part, x + width - left), height)
    left += part
  }
}
