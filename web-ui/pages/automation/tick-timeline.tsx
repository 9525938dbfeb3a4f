import { Maximize2, Minus, Plus } from 'lucide-react'
import type { PointerEvent } from 'react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { counted, utc } from '../../kit/format.ts'
import { Hover } from '../../kit/hover.tsx'
import { Panel } from '../../kit/page.tsx'
import { fillVariable, looks } from '../../kit/status.tsx'
import { timeTicks } from '../../kit/time-axis.ts'
import type { Stretch } from '../../kit/use-zoom.ts'
import { useZoom } from '../../kit/use-zoom.ts'
import { colour } from '../../shell/theme.ts'
import type { TickRow } from './automated-page.tsx'

const axisHeight = 20

/** The ticks that were read so far, over time; the wheel, a drag and keys show a part of it. */
export function TickTimeline({
  ticks,
  chosen,
  onChoose,
  onEarlier,
}: {
  readonly ticks: readonly TickRow[]
  readonly chosen: number | undefined
  readonly onChoose: (tick: TickRow | undefined) => void
  readonly onEarlier: (() => void) | undefined
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [zoomed, setZoomed] = useState<Stretch>()
  const [here, setHere] = useState<{ readonly tick: TickRow; readonly x: number; readonly y: number }>()
  const whole = useMemo(() => wholeOf(ticks), [ticks])
  const shown = zoomed ?? whole
  const onChange = (to: Stretch): void => setZoomed(to.to - to.from >= (whole.to - whole.from) * 0.999 ? undefined : to)
  const zoom = useZoom({ element: canvas, whole, shown, least: 10_000, onChange })
  const draw = useCallback<Draw>(
    (context, width, height) => drawTicks(context, { ticks, shown, chosen }, width, height),
    [ticks, shown, chosen],
  )
  const nearest = (event: PointerEvent<HTMLCanvasElement>): TickRow | undefined => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const at = shown.from + ((event.clientX - left) / width) * (shown.to - shown.from)
    const near = ticks.toSorted((a, b) => Math.abs(a.scheduledAt - at) - Math.abs(b.scheduledAt - at))[0]
    const isNear = near && Math.abs(near.scheduledAt - at) < ((shown.to - shown.from) / width) * 8
    return isNear ? near : undefined
  }
  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const tick = zoom.onPointerMove(event) ? undefined : nearest(event)
    setHere(tick && { tick, x: event.clientX, y: event.currentTarget.getBoundingClientRect().top })
  }
  const by = (factor: number): void => {
    const [middle, half] = [(shown.from + shown.to) / 2, ((shown.to - shown.from) / 2) * factor]
    onChange({ from: Math.max(whole.from, middle - half), to: Math.min(whole.to, middle + half) })
  }
  return (
    <Panel
      title="Over time"
      note={ticks.length > 0 ? `the last ${counted(ticks.length, 'tick')}` : undefined}
      flush
      className="shrink-0 overflow-hidden"
      actions={
        <>
          {onEarlier && (
            <Button look="quiet" onClick={onEarlier}>
              Earlier ones
            </Button>
          )}
          <IconButton label="Zoom in" icon={Plus} onClick={() => by(0.6)} />
          <IconButton label="Zoom out" icon={Minus} onClick={() => by(1.6)} />
          <IconButton label="All of it" icon={Maximize2} onClick={() => setZoomed(undefined)} />
        </>
      }
    >
      <Canvas
        ref={canvas}
        label={`Ticks over time: ${inWords(ticks)}. Plus and minus zoom, arrows move.`}
        draw={draw}
        tabIndex={0}
        onKeyDown={zoom.onKeyDown}
        onPointerDown={zoom.onPointerDown}
        onPointerMove={onMove}
        onPointerUp={(event) => {
          if (!zoom.onPointerUp()) onChoose(nearest(event))
        }}
        onPointerLeave={() => setHere(undefined)}
        className={`h-24 touch-none focus-visible:-outline-offset-2 ${here ? 'cursor-pointer' : 'cursor-grab active:cursor-grabbing'}`}
      />
      {here && (
        <Hover x={here.x} y={here.y}>
          <p className="tabular font-medium">{utc(here.tick.scheduledAt)} UTC</p>
          <p className="text-ink-soft">
            {looks[here.tick.status].word}
            {here.tick.runs.length > 0 && `, asked for ${counted(here.tick.runs.length, 'run')}`}
          </p>
          {here.tick.note !== null && <p className="mt-0.5 line-clamp-3 text-ink-faint">{here.tick.note}</p>}
        </Hover>
      )}
    </Panel>
  )
}

function wholeOf(ticks: readonly TickRow[]): Stretch {
  const times = ticks.map(({ scheduledAt }) => scheduledAt)
  const [first, last] = times.length === 0 ? [0, 60_000] : [Math.min(...times), Math.max(...times)]
  const room = Math.max(30_000, (last - first) * 0.02)
  return { from: first - room, to: last + room }
}

/** What asked for runs stands high, what was skipped low, what failed is as high as can be. */
function drawTicks(
  context: CanvasRenderingContext2D,
  { ticks, shown, chosen }: { ticks: readonly TickRow[]; shown: Stretch; chosen: number | undefined },
  width: number,
  height: number,
): void {
  if (ticks.length === 0) return
  const scale = (at: number) => ((at - shown.from) / (shown.to - shown.from)) * width
  const floor = height - axisHeight
  context.font = '11px "Inter Variable", sans-serif'
  context.textBaseline = 'middle'
  context.textAlign = 'center'
  for (const { at, text } of timeTicks(shown.from, shown.to, Math.floor(width / 90))) {
    const x = Math.round(scale(at)) + 0.5
    context.fillStyle = colour('--line')
    context.fillRect(x, 0, 1, floor)
    context.fillStyle = colour('--ink-faint')
    if (x > 22 && x < width - 22) context.fillText(text, x, floor + axisHeight / 2)
  }
  context.fillStyle = colour('--line-strong')
  context.fillRect(0, floor, width, 1)
  // Those that went well first, so that one that failed is on top.
  for (const tick of ticks.toSorted((a, b) => Number(a.status === 'failed') - Number(b.status === 'failed'))) {
    if (tick.scheduledAt < shown.from || tick.scheduledAt > shown.to) continue
    const size = tick.status === 'failed' ? 0.9 : tick.runs.length > 0 ? 0.7 : 0.3
    const isChosen = tick.scheduledAt === chosen
    context.fillStyle = isChosen ? colour('--ink') : colour(fillVariable(looks[tick.status].tone))
    const thick = isChosen ? 5 : 3
    context.fillRect(scale(tick.scheduledAt) - thick / 2, floor - floor * size, thick, floor * size)
  }
}

function inWords(ticks: readonly TickRow[]): string {
  const of = (status: TickRow['status']) => ticks.filter((tick) => tick.status === status).length
  return `${of('succeeded')} succeeded, ${of('skipped')} skipped, ${of('failed')} failed`
}
