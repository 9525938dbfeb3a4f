import { Maximize2, Minus, Plus } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { IconButton } from '../../kit/button.tsx'
import { count } from '../../kit/format.ts'
import { Answered, Empty, Panel } from '../../kit/page.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { Stretch } from '../../kit/use-zoom.ts'
import { Density } from './density.tsx'
import { Gantt } from './gantt.tsx'
import type { Run } from './run-page.tsx'
import type { Step } from './run-steps.tsx'
import { StepDetails } from './step-details.tsx'

/** When each attempt ran, and where. */
export function RunTimeline({ run }: { readonly run: Run }) {
  const timeline = useAnswer('runTimeline', { run: run.run })
  const [open, setOpen] = useState<Step>()
  return (
    <Answered query={timeline}>
      {(data) =>
        data.lanes.length === 0 ? (
          <Empty title="No step has ended yet">Each appears here as it ends, on the line of its worker.</Empty>
        ) : (
          <div className="flex min-h-0 flex-1 gap-4">
            <Zoomable timeline={data} open={open} onOpen={setOpen} />
            {open && <StepDetails run={run.run} step={open} onClose={() => setOpen(undefined)} />}
          </div>
        )
      }
    </Answered>
  )
}

type Timeline = Answer<'runTimeline'>

function Zoomable({
  timeline,
  open,
  onOpen,
}: {
  readonly timeline: Timeline
  readonly open: Step | undefined
  readonly onOpen: (step: Step | undefined) => void
}) {
  const [address, change] = useAddress()
  const { from: first, to: last } = timeline
  const whole = useMemo(() => {
    // Some room beside what began first and ended last.
    const room = Math.max(20, (last - first) * 0.01)
    return { from: first - room, to: last + room }
  }, [first, last])
  const [zoomed, setZoomed] = useState(() => windowOf(address.window, first))
  const shown = zoomed === undefined || zoomed.from >= whole.to ? whole : clamped(zoomed, whole)
  const setShown = useCallback(
    ({ from, to }: Stretch) => setZoomed(to - from >= (whole.to - whole.from) * 0.999 ? undefined : { from, to }),
    [whole],
  )
  // The address follows once the hand rests.
  useEffect(() => {
    const text = zoomed && `${Math.round(zoomed.from - first)}-${Math.round(zoomed.to - first)}`
    const timer = setTimeout(() => change({ window: text }), 250)
    return () => clearTimeout(timer)
  }, [zoomed, first, change])
  const zoom = (factor: number): void => {
    const middle = (shown.from + shown.to) / 2
    const half = Math.max(5, ((shown.to - shown.from) / 2) * factor)
    setShown(clamped({ from: middle - half, to: middle + half }, whole))
  }
  const attempts = timeline.lanes.reduce((sum, lane) => sum + lane.attempts.length, 0)
  return (
    <Panel
      flush
      title="Timeline"
      note={
        timeline.omitted > 0
          ? `${count(attempts)} of ${count(attempts + timeline.omitted)} steps: those that failed and the longest`
          : `${count(attempts)} steps`
      }
      className="min-w-0 flex-1 overflow-hidden"
      actions={
        <>
          <span className="mr-2 hidden text-xs text-ink-faint xl:inline">wheel zooms, a drag moves, + − 0 too</span>
          <IconButton label="Zoom in" icon={Plus} onClick={() => zoom(0.6)} />
          <IconButton label="Zoom out" icon={Minus} onClick={() => zoom(1.6)} />
          <IconButton label="All of it" icon={Maximize2} onClick={() => setShown(whole)} />
        </>
      }
    >
      <div className="flex h-full min-h-0 flex-col">
        <Density density={timeline.density} whole={whole} shown={shown} onShow={setShown} />
        <Gantt lanes={timeline.lanes} whole={whole} shown={shown} onShow={setShown} open={open} onOpen={onOpen} />
      </div>
    </Panel>
  )
}

/** `250-9000`: ms since the start of the run. */
function windowOf(text: string | undefined, first: number): Stretch | undefined {
  const [, from, to] = /^(-?\d+)-(-?\d+)$/.exec(text ?? '') ?? []
  if (from === undefined || to === undefined || Number(to) <= Number(from)) return undefined
  return { from: first + Number(from), to: first + Number(to) }
}

const clamped = ({ from, to }: Stretch, whole: Stretch): Stretch => ({
  from: Math.max(whole.from, from),
  to: Math.min(whole.to, to),
})
