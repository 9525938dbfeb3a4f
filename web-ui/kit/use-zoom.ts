import type { KeyboardEvent, PointerEvent, RefObject } from 'react'
import { useEffect, useRef } from 'react'

/** A stretch of an axis, `to` is not in it. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Moves the shown stretch of a longer one: the wheel zooms about the pointer, a drag moves, and so do the keys + - 0 and
 * the arrows. Give its answers to what is drawn; the wheel is listened to on `element`.
 */
export function useZoom(on: {
  readonly element: RefObject<HTMLElement | null>
  readonly whole: Stretch
  readonly shown: Stretch
  readonly least: number
  readonly onChange: (shown: Stretch) => void
  /** What a drag, or the wheel with shift, moves up or down by; in pixels. */
  readonly onScroll?: (pixels: number) => void
  /** Pixels on the left that are not of the axis. */
  readonly inset?: number
}) {
  const { element } = on
  const newest = useRef(on)
  newest.current = on
  const drag = useRef<{ readonly x: number; readonly y: number; readonly shown: Stretch; isMoved: boolean }>(undefined)

  useEffect(() => {
    const box = element.current
    if (!box) return
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      const { shown, onScroll, inset = 0 } = newest.current
      const rect = box.getBoundingClientRect()
      const width = rect.width - inset
      if (event.shiftKey && onScroll) onScroll(event.deltaY || event.deltaX)
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        move(newest.current, (event.deltaX / width) * (shown.to - shown.from))
      } else {
        const about = Math.max(0, (event.clientX - rect.left - inset) / width)
        zoom(newest.current, Math.exp(event.deltaY * 0.002), about)
      }
    }
    box.addEventListener('wheel', onWheel, { passive: false })
    return () => box.removeEventListener('wheel', onWheel)
  }, [element])

  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      drag.current = { x: event.clientX, y: event.clientY, shown: newest.current.shown, isMoved: false }
    },
    /** Answers whether it was a drag. */
    onPointerMove: (event: PointerEvent): boolean => {
      const begun = drag.current
      if (!begun || event.buttons === 0) return false
      if (!begun.isMoved && Math.hypot(event.clientX - begun.x, event.clientY - begun.y) < 4) return false
      if (!begun.isMoved) event.currentTarget.setPointerCapture(event.pointerId)
      begun.isMoved = true
      const { shown } = begun
      const width = event.currentTarget.clientWidth - (newest.current.inset ?? 0)
      move({ ...newest.current, shown }, (-(event.clientX - begun.x) / width) * (shown.to - shown.from))
      newest.current.onScroll?.(-event.movementY)
      return true
    },
    /** Answers whether a drag has ended, and not a click. */
    onPointerUp: (): boolean => {
      const wasMoved = drag.current?.isMoved ?? false
      drag.current = undefined
      return wasMoved
    },
    onKeyDown: (event: KeyboardEvent) => {
      const { shown, whole, onChange, onScroll } = newest.current
      const length = shown.to - shown.from
      const act = {
        '+': () => zoom(newest.current, 0.7, 0.5),
        '=': () => zoom(newest.current, 0.7, 0.5),
        '-': () => zoom(newest.current, 1.4, 0.5),
        '0': () => onChange(whole),
        ArrowLeft: () => move(newest.current, -length * 0.15),
        ArrowRight: () => move(newest.current, length * 0.15),
        ArrowUp: () => onScroll?.(-36),
        ArrowDown: () => onScroll?.(36),
      }[event.key]
      if (!act || event.metaKey || event.ctrlKey || event.altKey) return
      event.preventDefault()
      act()
    },
  }
}

type Zoomed = Pick<Parameters<typeof useZoom>[0], 'whole' | 'shown' | 'least' | 'onChange'>

function zoom({ whole, shown, least, onChange }: Zoomed, factor: number, about: number): void {
  const length = Math.min(whole.to - whole.from, Math.max(least, (shown.to - shown.from) * factor))
  const fixed = shown.from + about * (shown.to - shown.from)
  onChange(within(whole, fixed - about * length, length))
}

function move({ whole, shown, onChange }: Zoomed, by: number): void {
  onChange(within(whole, shown.from + by, shown.to - shown.from))
}

function within(whole: Stretch, from: number, length: number): Stretch {
  const first = Math.max(whole.from, Math.min(whole.to - length, from))
  return { from: first, to: first + length }
}
