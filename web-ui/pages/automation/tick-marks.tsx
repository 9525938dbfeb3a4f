import type { PointerEvent } from 'react'
import { useCallback, useState } from 'react'
import type { Draw } from '../../kit/canvas.tsx'
import { Canvas } from '../../kit/canvas.tsx'
import { counted, utc } from '../../kit/format.ts'
import { Hover } from '../../kit/hover.tsx'
import { fillVariable, looks } from '../../kit/status.tsx'
import { colour } from '../../shell/theme.ts'
import type { Automation } from './automation-columns.tsx'

const most = 60
const pitch = 4

/** The last ticks as small marks, the newest on the right: high if it asked for runs, low if it did not. */
export function TickMarks({ name, ticks }: { readonly name: string; readonly ticks: Automation['recent'] }) {
  const [here, setHere] = useState<{ readonly index: number; readonly x: number; readonly y: number }>()
  const draw = useCallback<Draw>(
    (context, _, height) => {
      context.fillStyle = colour('--line')
      context.fillRect(0, height - 1, most * pitch, 1)
      ticks.forEach(({ status, runs }, index) => {
        const size = status === 'failed' || runs > 0 ? height - 4 : height * 0.35
        context.fillStyle = colour(fillVariable(looks[status].tone))
        context.fillRect((most - ticks.length + index) * pitch, height - 1 - size, pitch - 1, size)
      })
    },
    [ticks],
  )
  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const index = Math.floor((event.clientX - left) / pitch) - (most - ticks.length)
    setHere(ticks[index] ? { index, x: event.clientX, y: top } : undefined)
  }
  const failed = ticks.filter(({ status }) => status === 'failed').length
  const shown = here && ticks[here.index]
  return (
    <span className="block" style={{ width: most * pitch }}>
      <Canvas
        label={`The last ${counted(ticks.length, 'tick')} of ${name}, ${failed} failed`}
        draw={draw}
        onPointerMove={onMove}
        onPointerLeave={() => setHere(undefined)}
        className="h-6"
      />
      {shown && (
        <Hover x={here.x} y={here.y}>
          <p className="tabular">{utc(shown.at)} UTC</p>
          <p className="text-ink-soft">
            {looks[shown.status].word}
            {shown.runs > 0 && `, asked for ${counted(shown.runs, 'run')}`}
          </p>
        </Hover>
      )}
    </span>
  )
}
