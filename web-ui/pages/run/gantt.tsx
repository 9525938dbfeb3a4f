import type { KeyboardEvent, PointerEvent } from 'react'
import { useCallback, useRef, useState } from 'react'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { span } from '../../kit/format.ts'
import { Hover } from '../../kit/hover.tsx'
import { StatusIcon } from '../../kit/status.tsx'
import type { Stretch } from '../../kit/use-zoom.ts'
import { useZoom } from '../../kit/use-zoom.ts'
import type { Lane } from './gantt-drawing.ts'
import { axisHeight, drawGantt, gutter, laneHeightOf, stepAt } from './gantt-drawing.ts'
import type { Step } from './run-steps.tsx'

/** The attempts of a run on the lanes of their workers. The keys n and p go to the next and the one before, Enter opens. */
export function Gantt({
  lanes,
  whole,
  shown,
  onShow,
  open,
  onOpen,
}: {
  readonly lanes: readonly Lane[]
  readonly whole: Stretch
  readonly shown: Stretch
  readonly onShow: (shown: Stretch) => void
  readonly open: Step | undefined
  readonly onOpen: (step: Step | undefined) => void
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [scrolled, setScrolled] = useState(0)
  const [here, setHere] = useState<{ readonly step: Step; readonly x: number; readonly y: number }>()
  const draw = useCallback<Draw>(
    (context, width, height) => drawGantt(context, lanes, { shown, scrolled, open, here: here?.step }, width, height),
    [lanes, shown, scrolled, open, here?.step],
  )
  const onScroll = (pixels: number): void => {
    const height = canvas.current?.clientHeight ?? 0
    const room = lanes.length * laneHeightOf(lanes.length, height) + 8 - (height - axisHeight)
    setScrolled((before) => Math.max(0, Math.min(Math.max(0, room), before + pixels)))
  }
  const zoom = useZoom({ element: canvas, whole, shown, least: 10, onChange: onShow, onScroll, inset: gutter })
  const stepUnder = (event: PointerEvent<HTMLCanvasElement>): Step | undefined => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    return stepAt(lanes, { shown, scrolled }, { x: event.clientX - left, y: event.clientY - top, width, height })
  }
  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const step = zoom.onPointerMove(event) ? undefined : stepUnder(event)
    setHere(step && { step, x: event.clientX, y: event.clientY })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { n: 1, p: -1 }[event.key]
    if (by === undefined) zoom.onKeyDown(event)
    else onOpen(neighbourOf(lanes, open, by))
  }
  const status = open ? `${open.asset} ${open.key}: ${open.end}` : 'no step is chosen'
  return (
    <>
      <Canvas
        ref={canvas}
        label={`Steps by worker over time; ${status}. Plus and minus zoom, arrows move, n and p choose a step.`}
        draw={draw}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={zoom.onPointerDown}
        onPointerMove={onMove}
        onPointerUp={(event) => {
          if (!zoom.onPointerUp()) onOpen(stepUnder(event))
        }}
        onPointerLeave={() => setHere(undefined)}
        className={`min-h-0 flex-1 touch-none focus-visible:-outline-offset-2 ${here ? 'cursor-pointer' : 'cursor-grab active:cursor-grabbing'}`}
      />
      {here && (
        <Hover x={here.x} y={here.y - 6}>
          <p className="flex items-center gap-1.5 font-medium">
            <StatusIcon status={here.step.end} size={12} /> {here.step.asset}
          </p>
          <p className="font-mono text-ink-soft">{here.step.key}</p>
          <p className="tabular text-ink-soft">
            {here.step.end}
            {here.step.startedAt !== null && ` after ${span(here.step.endedAt - here.step.startedAt)}`}
            {here.step.isRetried && ', tried again later'}
          </p>
          {here.step.message !== null && (
            <p className="mt-1 line-clamp-3 text-ink-faint">{here.step.message.split('\n')[0]}</p>
          )}
        </Hover>
      )}
    </>
  )
}

function neighbourOf(lanes: readonly Lane[], open: Step | undefined, by: number): Step | undefined {
  const all = lanes
    .flatMap(({ attempts }) => attempts)
    .toSorted((a, b) => (a.startedAt ?? a.endedAt) - (b.startedAt ?? b.endedAt))
  const index = open ? all.findIndex(({ id }) => id === open.id) : by > 0 ? -1 : all.length
  return all[Math.max(0, Math.min(all.length - 1, index + by))]
}
