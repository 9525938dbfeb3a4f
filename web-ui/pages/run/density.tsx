import type { PointerEvent } from 'react'
import { useCallback, useRef, useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { count, span, utc } from '../../kit/format.ts'
import { Hover } from '../../kit/hover.tsx'
import type { Stretch } from '../../kit/use-zoom.ts'
import { colour } from '../../shell/theme.ts'
import { gutter } from './gantt-drawing.ts'

/** All steps of the run as bars over its time, and which part of it is shown below; a drag over it chooses another. */
export function Density({
  density,
  whole,
  shown,
  onShow,
}: {
  readonly density: Answer<'runTimeline'>['density']
  readonly whole: Stretch
  readonly shown: Stretch
  readonly onShow: (shown: Stretch) => void
}) {
  const begun = useRef<number>(undefined)
  const [here, setHere] = useState<{ readonly x: number; readonly y: number; readonly at: number }>()
  const bucketMs = density.length > 1 ? density[1]!.at - density[0]!.at : whole.to - whole.from
  const draw = useCallback<Draw>(
    (context, width, height) => {
      const scale = (at: number) => gutter + ((at - whole.from) / (whole.to - whole.from)) * (width - gutter)
      const most = Math.max(1, ...density.map(({ ended }) => ended))
      const [good, bad] = [colour('--fresh-fill'), colour('--failed-fill')]
      context.fillStyle = colour('--ink-faint')
      context.font = '11px "Inter Variable", sans-serif'
      context.textBaseline = 'middle'
      context.fillText('All steps', 12, height / 2)
      for (const { at, ended, failed } of density) {
        const [x, next] = [Math.max(gutter, scale(at)), Math.min(width, scale(at + bucketMs))]
        const bar = (value: number): number => (value === 0 ? 0 : Math.max(2, (value / most) * (height - 4)))
        context.fillStyle = good
        context.fillRect(x, height - bar(ended), Math.max(1, next - x - 1), bar(ended))
        context.fillStyle = bad
        context.fillRect(x, height - bar(failed), Math.max(1, next - x - 1), bar(failed))
      }
      if (shown.from > whole.from || shown.to < whole.to) {
        context.fillStyle = colour('--paper')
        context.globalAlpha = 0.7
        context.fillRect(gutter, 0, scale(shown.from) - gutter, height)
        context.fillRect(scale(shown.to), 0, width - scale(shown.to), height)
        context.globalAlpha = 1
        context.strokeStyle = colour('--accent-fill')
        context.lineWidth = 1.5
        context.strokeRect(scale(shown.from), 1, scale(shown.to) - scale(shown.from) - 1, height - 2)
      }
    },
    [density, whole, shown, bucketMs],
  )
  const at = (event: PointerEvent<HTMLCanvasElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const place = Math.min(1, Math.max(0, (event.clientX - left - gutter) / (width - gutter)))
    return whole.from + place * (whole.to - whole.from)
  }
  const bucket = here && density.findLast((one) => one.at <= here.at && here.at < one.at + bucketMs)
  return (
    <div className="shrink-0 border-b border-line bg-sunken">
      <Canvas
        label={`Steps over time: ${count(density.reduce((sum, { ended }) => sum + ended, 0))} ended, ${count(density.reduce((sum, { failed }) => sum + failed, 0))} failed`}
        draw={draw}
        className="h-12 cursor-crosshair touch-none"
        onPointerDown={(event) => {
          begun.current = at(event)
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          const now = at(event)
          setHere({ x: event.clientX, y: event.currentTarget.getBoundingClientRect().top, at: now })
          if (begun.current === undefined || Math.abs(now - begun.current) < (whole.to - whole.from) / 200) return
          onShow({ from: Math.min(begun.current, now), to: Math.max(begun.current, now) })
        }}
        onPointerUp={() => {
          begun.current = undefined
        }}
        onPointerLeave={() => setHere(undefined)}
      />
      {bucket && (
        <Hover x={here.x} y={here.y}>
          <p className="tabular">{utc(bucket.at)} UTC</p>
          <p className="text-ink-soft">
            {count(bucket.ended)} ended{bucket.failed > 0 && `, ${count(bucket.failed)} failed`} in {span(bucketMs)}
          </p>
        </Hover>
      )}
    </div>
  )
}
