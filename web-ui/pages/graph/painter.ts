/**
 * Keeps the picture on the canvas. What is quick to draw is drawn anew each time. What is not is drawn a little larger
 * than the canvas, moved along while the camera moves, and drawn anew once that stands still or the picture runs out.
 */

import type { Camera } from './camera.ts'
import type { Scene, View } from './draw-graph.ts'
import { drawGround, drawThings, drawTop } from './draw-graph.ts'
import { drawMinimap } from './minimap.ts'

/** A drawing that takes longer than this is not made anew for each frame. */
const quickMs = 7
/** Changes of the data show this much later at most, where drawing takes long. */
const dataMs = 400
const settleMs = 140
/** How much more is drawn at each side, as a part of the canvas. */
const margin = 0.3

export type Shown = Omit<View, 'width' | 'height' | 'beat' | 'camera'> & { readonly scene: Scene }

export interface Painter {
  readonly size: { readonly width: number; readonly height: number }
  camera: Camera | undefined
  /** Something else is shown. */
  show(shown: Shown): void
  look(camera: Camera): void
  beat(): void
  resize(): void
  close(): void
}

export function painterOf(canvas: HTMLCanvasElement, begin: (width: number, height: number) => Camera): Painter {
  const on = canvas.getContext('2d', { alpha: false })!
  const kept = document.createElement('canvas')
  const onKept = kept.getContext('2d')!
  let shown: Shown | undefined
  let picture: Camera | undefined
  let isOld = true
  let tookMs = 0
  let frame = 0
  let settling: ReturnType<typeof setTimeout> | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  const size = { width: 0, height: 0 }

  const painter: Painter = {
    size,
    camera: undefined,
    show(next) {
      const isData =
        shown !== undefined &&
        shown.scene.placed === next.scene.placed &&
        shown.focus === next.focus &&
        shown.family === next.family &&
        shown.frame === next.frame &&
        shown.scene.palette === next.scene.palette
      shown = next
      if (isData && tookMs > quickMs) {
        waiting ??= setTimeout(() => {
          waiting = undefined
          isOld = true
          ask()
        }, dataMs)
        return
      }
      isOld = true
      ask()
    },
    look(camera) {
      painter.camera = camera
      ask()
    },
    beat() {
      if (tookMs > quickMs) return
      isOld = true
      ask()
    },
    resize() {
      Object.assign(size, { width: canvas.clientWidth, height: canvas.clientHeight })
      canvas.width = Math.round(size.width * devicePixelRatio)
      canvas.height = Math.round(size.height * devicePixelRatio)
      if (size.width > 0) painter.camera ??= begin(size.width, size.height)
      isOld = true
      cancelAnimationFrame(frame)
      paint()
    },
    close() {
      cancelAnimationFrame(frame)
      clearTimeout(settling)
      clearTimeout(waiting)
    },
  }
  return painter

  function ask(): void {
    frame ||= requestAnimationFrame(paint)
  }

  function paint(): void {
    frame = 0
    const { camera } = painter
    if (!camera || !shown || size.width === 0) return
    const view: View = { ...shown, camera, ...size, beat: 0.5 + 0.5 * Math.sin(performance.now() / 260) }
    const isMoved = picture !== undefined && (picture.zoom !== camera.zoom || !covers(picture, camera))
    if (isOld || !picture || (isMoved && (tookMs <= quickMs || !isNear(picture, camera)))) redraw(view)
    else if (isMoved || picture.zoom !== camera.zoom) {
      clearTimeout(settling)
      settling = setTimeout(() => {
        isOld = true
        ask()
      }, settleMs)
    }
    drawGround(on, shown.scene, view, devicePixelRatio)
    const scale = camera.zoom / picture!.zoom
    const [left, top] = [picture!.x - camera.x, picture!.y - camera.y].map((by) => by * camera.zoom * devicePixelRatio)
    on.setTransform(1, 0, 0, 1, 0, 0)
    // Between pixels everything would be blurred.
    on.drawImage(
      kept,
      scale === 1 ? Math.round(left!) : left!,
      scale === 1 ? Math.round(top!) : top!,
      kept.width * scale,
      kept.height * scale,
    )
    drawTop(on, shown.scene, view, devicePixelRatio)
    drawMinimap(on, shown.scene, view)
  }

  function redraw(view: View): void {
    const from = performance.now()
    const [right, down] = [view.width * margin, view.height * margin]
    const [width, height] = [view.width + 2 * right, view.height + 2 * down]
    const { x, y, zoom } = view.camera
    picture = { x: x - right / zoom, y: y - down / zoom, zoom }
    const pixels = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)] as const
    if (kept.width !== pixels[0] || kept.height !== pixels[1])
      Object.assign(kept, { width: pixels[0], height: pixels[1] })
    drawThings(onKept, shown!.scene, { ...view, camera: picture, width, height }, devicePixelRatio)
    isOld = false
    tookMs = performance.now() - from
  }

  /** Whether all that is in sight, and is not empty, is on the picture. */
  function covers(kept: Camera, camera: Camera): boolean {
    const { all } = shown!.scene.placed.layout
    const [width, height] = [(size.width * (1 + 2 * margin)) / kept.zoom, (size.height * (1 + 2 * margin)) / kept.zoom]
    return (
      Math.max(camera.x, all.x) >= Math.max(kept.x, all.x) &&
      Math.max(camera.y, all.y) >= Math.max(kept.y, all.y) &&
      Math.min(camera.x + size.width / camera.zoom, all.x + all.width) <= Math.min(kept.x + width, all.x + all.width) &&
      Math.min(camera.y + size.height / camera.zoom, all.y + all.height) <=
        Math.min(kept.y + height, all.y + all.height)
    )
  }

  function isNear(kept: Camera, camera: Camera): boolean {
    const ratio = camera.zoom / kept.zoom
    return ratio > 0.5 && ratio < 2 && covers(kept, camera)
  }
}
