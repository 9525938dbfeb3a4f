import type { Rect } from './layout.ts'

/** What of the drawing is in sight: the point at the upper left corner, and how many pixels one of its units is. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const nearest = 2.5
const farthest = 0.02
/** From here on all that is written can be read. */
export const readableFrom = 0.74

export function zoomed(camera: Camera, by: number, at: { readonly x: number; readonly y: number }): Camera {
  const zoom = Math.min(nearest, Math.max(farthest, camera.zoom * by))
  return { x: camera.x + at.x / camera.zoom - at.x / zoom, y: camera.y + at.y / camera.zoom - at.y / zoom, zoom }
}

export const moved = ({ x, y, zoom }: Camera, byX: number, byY: number): Camera => ({
  x: x + byX / zoom,
  y: y + byY / zoom,
  zoom,
})

/** All of `rect`, in the middle, no larger than `most`. */
export function fitted(rect: Rect, width: number, height: number, most = 1.3): Camera {
  const margin = 24
  const zoom = Math.max(
    farthest,
    Math.min(most, (width - 2 * margin) / Math.max(1, rect.width), (height - 2 * margin) / Math.max(1, rect.height)),
  )
  return { x: rect.x - (width / zoom - rect.width) / 2, y: rect.y - (height / zoom - rect.height) / 2, zoom }
}

/** The same zoom, if it can be read at it, with `rect` in the middle. */
export function centred(rect: Rect, { zoom }: Camera, width: number, height: number): Camera {
  const readable = Math.max(zoom, readableFrom)
  return {
    x: rect.x + rect.width / 2 - width / readable / 2,
    y: rect.y + rect.height / 2 - height / readable / 2,
    zoom: readable,
  }
}
