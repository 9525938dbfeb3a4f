/** The drawing, and the hands on it: wheel and drag, click and double click, keys. */

import { Maximize, Minus, Plus } from 'lucide-react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { IconButton } from '../../kit/button.tsx'
import { useTheme } from '../../shell/theme.ts'
import type { Camera } from './camera.ts'
import { centred, fitted, moved, readableFrom, zoomed } from './camera.ts'
import type { Scene } from './draw-graph.ts'
import { boxAt, foldedOf, frameAt, inWords } from './hits.ts'
import { familyOf, kinOf } from './kin.ts'
import { cameraOnMinimap } from './minimap.ts'
import { nextBox } from './next-box.ts'
import type { Painter } from './painter.ts'
import { painterOf } from './painter.ts'
import { paletteOfTheme } from './palette.ts'
import type { Pulse } from './shape.ts'
import type { Placed } from './use-layout.ts'

/** Pictures a second while something is being made and nothing else moves. */
const beatMs = 80

export interface GraphHands {
  readonly onFocus: (id: string | undefined) => void
  readonly onOpen: (asset: string) => void
  /** Folds a group, or unfolds it. */
  readonly onTurn: (frame: string) => void
  readonly onFrame: (frame: string | undefined) => void
}

export function GraphCanvas({
  placed,
  pulses,
  focus,
  frame,
  onFocus,
  onOpen,
  onTurn,
  onFrame,
}: GraphHands & {
  readonly placed: Placed
  readonly pulses: ReadonlyMap<string, Pulse>
  readonly focus: string | undefined
  readonly frame: string | undefined
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const help = useId()
  const theme = useTheme()
  const [hovered, setHovered] = useState<number>()
  const kin = useMemo(() => kinOf(placed.shape), [placed])
  const indexes = useMemo(() => new Map(placed.shape.boxes.map(({ id }, index) => [id, index])), [placed])
  const focused = focus === undefined ? undefined : (indexes.get(focus) ?? foldedOf(placed, focus))
  const lit = focused ?? hovered
  const family = useMemo(
    () => (lit === undefined || lit >= kin.before.length ? undefined : familyOf(kin, lit)),
    [kin, lit],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme
  const palette = useMemo(paletteOfTheme, [theme])

  const scene = useMemo((): Scene => ({ placed, kin, pulses, palette }), [placed, kin, pulses, palette])
  const painter = useRef<Painter>(undefined)
  // All of it, or what was chosen, where all of it would be too small to read.
  const beginning = (width: number, height: number): Camera => {
    const rect = frame === undefined ? undefined : placed.layout.frames.get(frame)
    if (rect) return fitted(rect, width, height)
    const whole = fitted(placed.layout.all, width, height)
    const chosen = focused === undefined ? undefined : placed.layout.boxes[focused]
    return chosen && whole.zoom < readableFrom ? centred(chosen, whole, width, height) : whole
  }
  const begin = useRef(beginning)
  begin.current = beginning
  const look = (camera: Camera): void => painter.current?.look(camera)
  const sight = () => ({ camera: painter.current!.camera!, ...painter.current!.size })

  // biome-ignore lint/correctness/useExhaustiveDependencies: looking changes nothing that it depends on
  useEffect(() => {
    const element = canvas.current!
    const made = painterOf(element, (width, height) => begin.current(width, height))
    painter.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(element)
    // React listens to wheels passively; the page must not scroll along.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const { camera } = sight()
      if (event.shiftKey) return look(moved(camera, event.deltaY + event.deltaX, 0))
      const lines = event.deltaMode === 1 ? 20 : 1
      look(
        zoomed(camera, Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 420)), {
          x: event.offsetX,
          y: event.offsetY,
        }),
      )
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      watch.disconnect()
      element.removeEventListener('wheel', onWheel)
      made.close()
    }
  }, [])
  useEffect(() => painter.current!.show({ scene, focus: focused, family, frame }), [scene, focused, family, frame])
  // Another graph is looked at from its beginning; one of which a group was unfolded stays where it is.
  const all = `${placed.shape.frames.map(({ id }) => id).join('\n')}`
  const shown = useRef<{ all: string; frame: string | undefined }>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: looking changes nothing that it depends on
  useEffect(() => {
    const { width, height } = sight()
    const before = shown.current
    shown.current = { all, frame }
    if (width === 0) return
    const isUnfolded = frame !== undefined && before?.frame !== frame && placed.layout.frames.has(frame)
    if (isUnfolded || before?.all !== all) look(beginning(width, height))
  }, [all, frame, placed])
  const isRunning = placed.shape.boxes.some(({ assets }) =>
    assets.some((asset) => pulses.get(asset)?.health === 'running'),
  )
  useEffect(() => {
    if (!isRunning || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const timer = setInterval(() => document.visibilityState === 'visible' && painter.current?.beat(), beatMs)
    return () => clearInterval(timer)
  }, [isRunning])
  // One that is chosen elsewhere, such as in the panel, comes into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looking changes nothing that it depends on
  useEffect(() => {
    const { camera, width, height } = sight()
    const rect = focused === undefined ? undefined : placed.layout.boxes[focused]
    if (!rect || !camera || width === 0) return
    const [left, top] = [(rect.x - camera.x) * camera.zoom, (rect.y - camera.y) * camera.zoom]
    const isSeen =
      left > 0 && top > 0 && left + rect.width * camera.zoom < width && top + rect.height * camera.zoom < height
    if (!isSeen) look(centred(rect, camera, width, height))
  }, [focused, placed])

  const drag = useRef<{ x: number; y: number; isMoved: boolean; camera: Camera }>(undefined)
  const onPointerDown = (event: PointerEvent) => {
    const { camera, width, height } = sight()
    const { offsetX, offsetY } = event.nativeEvent
    const jumped = cameraOnMinimap(placed.layout, { camera, width, height }, offsetX, offsetY)
    if (jumped) return look(jumped)
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { x: event.clientX, y: event.clientY, isMoved: false, camera }
  }
  const onPointerMove = (event: PointerEvent) => {
    const held = drag.current
    if (!held) return setHovered(boxAt(placed.layout, sight().camera, event.nativeEvent))
    const [byX, byY] = [held.x - event.clientX, held.y - event.clientY]
    held.isMoved ||= Math.hypot(byX, byY) > 4
    if (held.isMoved) look(moved(held.camera, byX, byY))
  }
  const onPointerUp = (event: PointerEvent) => {
    const held = drag.current
    drag.current = undefined
    if (!held || held.isMoved) return
    const box = boxAt(placed.layout, sight().camera, event.nativeEvent)
    if (box === undefined) return onFocus(undefined)
    const { id, isFolded, frame } = placed.shape.boxes[box]!
    if (isFolded) onTurn(frame)
    else onFocus(id)
  }
  const onDoubleClick = (event: React.MouseEvent): void => {
    const box = boxAt(placed.layout, sight().camera, event.nativeEvent)
    if (box !== undefined) {
      if (!placed.shape.boxes[box]!.isFolded) onOpen(placed.shape.boxes[box]!.id)
      return
    }
    const hit = frameAt(placed.layout, sight().camera, event.nativeEvent)
    onFrame(hit === frame ? undefined : hit)
    if (hit !== undefined && hit === frame) look(fitted(placed.layout.all, sight().width, sight().height))
  }
  const zoom = (by: number): void => {
    const { camera, width, height } = sight()
    look(zoomed(camera, by, { x: width / 2, y: height / 2 }))
  }
  const showAll = (): void => look(fitted(placed.layout.all, sight().width, sight().height))
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] as
      | [number, number]
      | undefined
    if (step && event.shiftKey) look(moved(sight().camera, step[0] * 80, step[1] * 80))
    else if (step) {
      const next = nextBox(placed.layout, kin, focused, step)
      if (next !== undefined) onFocus(placed.shape.boxes[next]!.id)
    } else if (key === '+' || key === '=') zoom(1.3)
    else if (key === '-') zoom(1 / 1.3)
    else if (key === '0') showAll()
    else if (key === 'Enter' && focused !== undefined) {
      const { id, isFolded, frame } = placed.shape.boxes[focused]!
      if (isFolded) onTurn(frame)
      else onOpen(id)
    } else if (key === 'Escape') onFocus(undefined)
    else return
    event.preventDefault()
  }

  return (
    <div className="relative size-full">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes keys of its own, as its description says */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label="Graph of assets"
        aria-describedby={help}
        data-boxes={placed.shape.boxes.length}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setHovered(undefined)}
        onDoubleClick={onDoubleClick}
        onKeyDown={onKeyDown}
        className={`absolute inset-0 size-full touch-none rounded-lg focus-visible:-outline-offset-2 ${hovered === undefined ? 'cursor-grab active:cursor-grabbing' : 'cursor-pointer'}`}
      />
      <p id={help} className="sr-only">
        Arrow keys go to what an asset reads, what reads it, and its neighbours; Enter opens it; Shift and arrow keys
        move the picture, plus and minus zoom, zero shows all. The same is there as a list.
      </p>
      <p aria-live="polite" className="sr-only">
        {focused !== undefined && inWords(placed, kin, pulses, focused)}
      </p>
      <div className="absolute right-3 bottom-3 flex flex-col rounded-md border border-line-strong bg-surface">
        <IconButton label="Zoom in (+)" icon={Plus} onClick={() => zoom(1.3)} />
        <IconButton label="Zoom out (-)" icon={Minus} onClick={() => zoom(1 / 1.3)} />
        <IconButton label="Show all (0)" icon={Maximize} onClick={showAll} />
      </div>
    </div>
  )
}
