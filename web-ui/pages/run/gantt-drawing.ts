/** How the attempts of a run are drawn over time, and which of them is at a place. */

import type { Answer } from '../../../server/contract/contract.ts'
import { shortKey } from '../../kit/format.ts'
import { fillVariable, looks } from '../../kit/status.tsx'
import { timeTicks } from '../../kit/time-axis.ts'
import type { Stretch } from '../../kit/use-zoom.ts'
import { colour } from '../../shell/theme.ts'
import type { Step } from './run-steps.tsx'

export type Lane = Answer<'runTimeline'>['lanes'][number]

/** Names are left of the drawing, times above it. */
export const gutter = 132
export const axisHeight = 22
/** High where there is room for it. */
export const laneHeightOf = (lanes: number, height: number): number =>
  Math.max(18, Math.min(36, Math.floor((height - axisHeight - 8) / Math.max(1, lanes))))
/** What is shorter is drawn as long as this. */
const leastWidth = 2

export interface View {
  readonly shown: Stretch
  readonly scrolled: number
  readonly open: Step | undefined
  readonly here: Step | undefined
}

interface Row {
  readonly top: number
  readonly height: number
}

const beginOf = ({ startedAt, endedAt }: Step): number => startedAt ?? endedAt

export function drawGantt(
  context: CanvasRenderingContext2D,
  lanes: readonly Lane[],
  { shown, scrolled, open, here }: View,
  width: number,
  height: number,
): void {
  const scale = (at: number) => gutter + ((at - shown.from) / (shown.to - shown.from)) * (width - gutter)
  context.font = '11px "Inter Variable", sans-serif'
  context.textBaseline = 'middle'
  drawTimes(context, shown, scale, width, height)
  const laneHeight = laneHeightOf(lanes.length, height)
  const firstLane = Math.max(0, Math.floor(scrolled / laneHeight))
  const endLane = Math.min(lanes.length, Math.ceil((scrolled + height - axisHeight) / laneHeight))
  context.save()
  context.beginPath()
  context.rect(0, axisHeight, width, height - axisHeight)
  context.clip()
  for (let index = firstLane; index < endLane; index++) {
    const lane = lanes[index]!
    const top = axisHeight + index * laneHeight - scrolled
    if (lane.lane === 0) drawName(context, lane.worker, { top, width, laneHeight })
    context.save()
    context.beginPath()
    context.rect(gutter, top, width - gutter, laneHeight)
    context.clip()
    drawAttempts(context, lane.attempts, shown, scale, { top, height: laneHeight })
    for (const one of [here, open]) if (one) drawOutline(context, lane, one, scale, { top, height: laneHeight })
    context.restore()
  }
  context.restore()
}

function drawTimes(
  context: CanvasRenderingContext2D,
  shown: Stretch,
  scale: (at: number) => number,
  width: number,
  height: number,
): void {
  const line = colour('--line')
  const ink = colour('--ink-faint')
  context.textAlign = 'center'
  for (const { at, text } of timeTicks(shown.from, shown.to, Math.max(2, Math.floor((width - gutter) / 90)))) {
    const x = Math.round(scale(at)) + 0.5
    context.strokeStyle = line
    context.beginPath()
    context.moveTo(x, axisHeight)
    context.lineTo(x, height)
    context.stroke()
    context.fillStyle = ink
    if (x > gutter + 20 && x < width - 20) context.fillText(text, x, axisHeight / 2)
  }
  context.strokeStyle = line
  context.beginPath()
  context.moveTo(0, axisHeight - 0.5)
  context.lineTo(width, axisHeight - 0.5)
  context.moveTo(gutter - 0.5, 0)
  context.lineTo(gutter - 0.5, height)
  context.stroke()
  context.textAlign = 'left'
}

function drawName(
  context: CanvasRenderingContext2D,
  worker: string,
  { top, width, laneHeight }: { readonly top: number; readonly width: number; readonly laneHeight: number },
): void {
  context.strokeStyle = colour('--line')
  context.beginPath()
  context.moveTo(0, Math.round(top) + 0.5)
  context.lineTo(width, Math.round(top) + 0.5)
  context.stroke()
  context.fillStyle = colour('--ink-soft')
  context.fillText(shortened(context, worker === '' ? 'unknown worker' : worker, gutter - 20), 12, top + laneHeight / 2)
}

/** The end of an id tells more than its start. */
function shortened(context: CanvasRenderingContext2D, text: string, most: number): string {
  if (context.measureText(text).width <= most) return text
  let cut = text
  while (cut.length > 4 && context.measureText(`…${cut}`).width > most) cut = cut.slice(1)
  return `…${cut}`
}

function drawAttempts(
  context: CanvasRenderingContext2D,
  attempts: readonly Step[],
  shown: Stretch,
  scale: (at: number) => number,
  row: Row,
): void {
  const bad: Step[] = []
  for (const step of attempts) {
    if (step.endedAt < shown.from || beginOf(step) > shown.to) continue
    if (step.end === 'failed' || step.end === 'rejected') bad.push(step)
    else drawBar(context, step, scale, row)
  }
  // Last, and so on top of what is beside them.
  for (const step of bad) drawBar(context, step, scale, row)
}

function drawBar(context: CanvasRenderingContext2D, step: Step, scale: (at: number) => number, row: Row): void {
  const x = scale(beginOf(step))
  const isBad = step.end === 'failed' || step.end === 'rejected'
  // What is bad is as high as its line, and stands out among thousands.
  const space = isBad ? 1 : 3
  const [top, barHeight] = [row.top + space, row.height - 2 * space]
  const width = Math.max(isBad ? 4 : leastWidth, scale(step.endedAt) - x - 0.5)
  context.fillStyle = colourOf(step.end)
  context.globalAlpha = step.isRetried ? 0.55 : 1
  context.fillRect(x, top, width, barHeight)
  context.globalAlpha = 1
  if (width < 60) return
  // Dark on what is bright in both themes; the grey of what was not made, and what is pale, are dark in one.
  context.fillStyle = step.isRetried || looks[step.end].tone === 'missing' ? colour('--ink') : '#14110a'
  const from = Math.max(gutter, x)
  const text = `${step.asset} ${shortKey(step.key)}`
  const room = Math.min(x + width, context.canvas.clientWidth) - from - 10
  if (room < 50) return
  context.save()
  context.beginPath()
  context.rect(from, top, room + 6, barHeight)
  context.clip()
  context.font = '10px "Inter Variable", sans-serif'
  context.fillText(text, from + 5, top + barHeight / 2 + 0.5)
  context.restore()
}

const known = new Map<string, string>()
let ofTheme: string | undefined

/** Asked for thousands of times a drawing, so remembered for as long as the theme is the same. */
function colourOf(end: Step['end']): string {
  if (ofTheme !== document.documentElement.dataset.theme) {
    known.clear()
    ofTheme = document.documentElement.dataset.theme
  }
  const found = known.get(end) ?? colour(fillVariable(looks[end].tone))
  known.set(end, found)
  return found
}

function drawOutline(
  context: CanvasRenderingContext2D,
  lane: Lane,
  step: Step,
  scale: (at: number) => number,
  { top, height }: Row,
): void {
  if (!lane.attempts.some(({ id }) => id === step.id)) return
  const x = scale(beginOf(step))
  context.strokeStyle = colour('--ink')
  context.lineWidth = 1.5
  context.strokeRect(x - 1, top + 1, Math.max(leastWidth, scale(step.endedAt) - x) + 1.5, height - 2)
  context.lineWidth = 1
}

/** What is under a place of the drawing; the shortest of those that are near. */
export function stepAt(
  lanes: readonly Lane[],
  { shown, scrolled }: Pick<View, 'shown' | 'scrolled'>,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Step | undefined {
  if (place.y < axisHeight || place.x < gutter) return undefined
  const lane = lanes[Math.floor((place.y - axisHeight + scrolled) / laneHeightOf(lanes.length, place.height))]
  if (!lane) return undefined
  const msPerPixel = (shown.to - shown.from) / (place.width - gutter)
  const at = shown.from + (place.x - gutter) * msPerPixel
  const near = lane.attempts.filter(
    (step) => beginOf(step) - 3 * msPerPixel <= at && at <= Math.max(step.endedAt, beginOf(step)) + 3 * msPerPixel,
  )
  const isIn = (step: Step) => beginOf(step) <= at && at <= step.endedAt
  return (
    near.find((step) => isIn(step)) ?? near.toSorted((a, b) => Math.abs(beginOf(a) - at) - Math.abs(beginOf(b) - at))[0]
  )
}
