import type { Tone } from '../../kit/status.tsx'
import { looks } from '../../kit/status.tsx'
import { cut } from './cut-text.ts'
import type { Rect } from './layout.ts'
import { roomySize } from './layout.ts'
import type { Palette } from './palette.ts'
import type { Box, Pulse } from './shape.ts'

/** Below this there are names and bars only, and these larger. */
const detailsFrom = 0.74
/** Below this names can not be read, and are not drawn. */
export const namesFrom = 0.33

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
  /** How far it is, in words. */
  readonly said: string
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
  const hasDetails = zoom >= detailsFrom
  // From a little farther letters grow against it, as far as there is room.
  const size = hasDetails ? Math.min(15.5, Math.max(13, 11.5 / zoom)) : Math.min(25, Math.max(13, 10.5 / zoom))
  const isRoomy = height >= roomySize.height
  on.font = `500 ${size}px "Inter Variable", sans-serif`
  on.fillStyle = palette.ink
  on.fillText(cut(on, box.id, width - 26), x + 15, y + (isRoomy ? 12 : hasDetails ? 8 : 10) + size * 0.9)
  if (!live) return
  if (!hasDetails) {
    if (live.health !== 'external') bar(on, x + 15, y + height - 14, width - 27, live.bar, live.total, palette, 6)
    return
  }
  on.font = `${Math.min(14, Math.max(11, 11 / zoom))}px "Inter Variable", sans-serif`
  on.fillStyle = palette.text[tone]
  const word = looks[live.health].word
  on.fillText(word, x + 15, isRoomy ? y + 49 : y + height - 11)
  if (live.health === 'external') return
  if (!isRoomy) {
    const left = Math.max(75, on.measureText(word).width + 10)
    bar(on, x + 15 + left, y + height - 18, width - 27 - left, live.bar, live.total, palette)
    return
  }
  on.fillStyle = palette.inkFaint
  on.fillText(live.said, x + width - 12 - on.measureText(live.said).width, y + 49)
  bar(on, x + 15, y + height - 18, width - 27, live.bar, live.total, palette, 6)
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
  on.textBaseline = 'alphabetic'
  // As large as the box has room for, from afar.
  const size = Math.min(32, Math.max(13, 10.5 / zoom))
  const hasDetails = zoom >= detailsFrom
  const number = String(box.assets.length)
  on.font = `500 ${size}px "Inter Variable", sans-serif`
  const numberWidth = hasDetails ? 0 : on.measureText(number).width + 10
  if (!hasDetails) {
    on.fillStyle = palette.inkFaint
    on.fillText(number, x + width - numberWidth - 2, y + 14 + size * 0.75)
  }
  on.font = `600 ${size}px "Inter Variable", sans-serif`
  on.fillStyle = palette.ink
  on.fillText(cut(on, box.group, width - 28 - numberWidth), x + 14, y + 14 + size * 0.75)
  const parts = healths.map(({ tone, count }) => [tone, count] as const)
  const barHeight = hasDetails ? 6 : 10
  bar(on, x + 14, y + height - 12 - barHeight, width - 28, parts, box.assets.length, palette, barHeight)
  if (!hasDetails) return
  on.font = '11px "Inter Variable", sans-serif'
  on.fillStyle = palette.inkFaint
  on.fillText(`${number} assets`, x + 14, y + 42)
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
