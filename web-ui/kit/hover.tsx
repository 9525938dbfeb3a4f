import type { ReactNode } from 'react'
import { useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

/** What is under the pointer of a drawing, told beside it; for things that are no elements. In pixels of the window. */
export function Hover({ x, y, children }: { readonly x: number; readonly y: number; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  // biome-ignore lint/correctness/useExhaustiveDependencies: other content is of another size
  useLayoutEffect(() => {
    const { offsetWidth: width, offsetHeight: height } = box.current!
    if (width !== size.width || height !== size.height) setSize({ width, height })
  }, [children])
  const left = Math.max(8, Math.min(innerWidth - size.width - 8, x - size.width / 2))
  const top = y - size.height - 8 < 8 ? y + 20 : y - size.height - 8
  return createPortal(
    <div
      ref={box}
      aria-hidden
      className="pointer-events-none fixed z-50 w-max max-w-md rounded-md border border-line bg-raised px-2.5 py-1.5 text-xs break-words text-ink shadow-lg"
      style={{ left, top }}
    >
      {children}
    </div>,
    document.body,
  )
}
