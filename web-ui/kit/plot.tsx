import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import type { AlignedData, Options } from 'uplot'
import UPlot from 'uplot'
import { useTheme } from '../shell/theme.ts'

/**
 * Lines and bars over time, as wide as there is room. `options` is made anew for each theme: the colours of a canvas do
 * not follow by themselves. The label is what a screen reader says in place of the drawing.
 */
export function Plot({
  label,
  data,
  options,
  height,
}: {
  readonly label: string
  readonly data: AlignedData
  /** Keep it the same function between renders. */
  readonly options: () => Omit<Options, 'width' | 'height'>
  readonly height: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const newest = useRef(data)
  newest.current = data
  const theme = useTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the options say
  useEffect(() => {
    const element = box.current!
    const made = new UPlot({ ...options(), width: Math.max(50, element.clientWidth), height }, newest.current, element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: Math.max(50, element.clientWidth), height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [options, height, theme])
  useEffect(() => plot.current?.setData(data), [data])

  return <div ref={box} role="img" aria-label={label} className="w-full min-w-0" style={{ height }} />
}
