import type { CanvasHTMLAttributes, Ref } from 'react'
import { useEffect, useImperativeHandle, useRef } from 'react'
import { useTheme } from '../shell/theme.ts'

export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void

/**
 * A drawing as large as its box, sharp on every screen. `draw` is called when it is another function, when the box changes
 * and when the theme does; it measures in CSS pixels. The label is what a screen reader says of it.
 */
export function Canvas({
  label,
  draw,
  className = '',
  ref,
  ...rest
}: Omit<CanvasHTMLAttributes<HTMLCanvasElement>, 'children'> & {
  readonly label: string
  readonly draw: Draw
  readonly ref?: Ref<HTMLCanvasElement>
}) {
  const element = useRef<HTMLCanvasElement>(null)
  useImperativeHandle(ref, () => element.current!)
  const theme = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are drawn with
  useEffect(() => {
    const canvas = element.current!
    const redraw = (): void => {
      const { clientWidth: width, clientHeight: height } = canvas
      if (width === 0 || height === 0) return
      const scale = devicePixelRatio
      const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)]
      if (canvas.width !== pixelWidth) canvas.width = pixelWidth
      if (canvas.height !== pixelHeight) canvas.height = pixelHeight
      const context = canvas.getContext('2d')!
      context.setTransform(scale, 0, 0, scale, 0, 0)
      context.clearRect(0, 0, width, height)
      draw(context, width, height)
    }
    const frame = requestAnimationFrame(redraw)
    const watch = new ResizeObserver(redraw)
    watch.observe(canvas)
    return () => {
      cancelAnimationFrame(frame)
      watch.disconnect()
    }
  }, [draw, theme])
  const role = rest.tabIndex === undefined ? 'img' : 'application'
  return <canvas ref={element} role={role} aria-label={label} className={`block w-full ${className}`} {...rest} />
}
