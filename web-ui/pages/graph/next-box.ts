import type { Kin } from './kin.ts'
import type { Layout, Rect } from './layout.ts'

/** Where an arrow key leads: left to what is read, right to what reads it, up and down to the nearest in its column. */
export function nextBox(
  layout: Layout,
  kin: Kin,
  from: number | undefined,
  [stepX, stepY]: readonly [number, number],
): number | undefined {
  if (from === undefined) return layout.boxes.length > 0 ? topmost(layout) : undefined
  const here = layout.boxes[from]
  if (!here) return undefined
  if (stepX !== 0) return nearest(layout, here, (stepX < 0 ? kin.before : kin.after)[from]!)
  const column = [...layout.boxes.keys()].filter((index) => {
    const box = layout.boxes[index]!
    return (
      index !== from && Math.abs(middle(box).x - middle(here).x) < 60 && (middle(box).y - middle(here).y) * stepY > 0
    )
  })
  return nearest(layout, here, column)
}

const middle = ({ x, y, width, height }: Rect) => ({ x: x + width / 2, y: y + height / 2 })

function nearest(layout: Layout, here: Rect, among: readonly number[]): number | undefined {
  const far = (index: number): number => {
    const [a, b] = [middle(layout.boxes[index]!), middle(here)]
    return Math.hypot(a.x - b.x, a.y - b.y)
  }
  return among.toSorted((a, b) => far(a) - far(b))[0]
}

function topmost({ boxes }: Layout): number {
  return [...boxes.keys()].sort((a, b) => boxes[a]!.x - boxes[b]!.x || boxes[a]!.y - boxes[b]!.y)[0]!
}
