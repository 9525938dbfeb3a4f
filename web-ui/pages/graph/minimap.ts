import type { Camera } from './camera.ts'
import type { Scene, View } from './draw-graph.ts'
import type { Layout, Rect } from './layout.ts'

const most = { width: 168, height: 110 }
const margin = 12

/** Where the small picture of the whole is on the canvas; none while all is in sight anyway. */
export function minimapOf(
  layout: Layout,
  { camera, width, height }: Pick<View, 'camera' | 'width' | 'height'>,
): (Rect & { readonly scale: number }) | undefined {
  const { all } = layout
  const isAllSeen =
    camera.x <= all.x &&
    camera.y <= all.y &&
    camera.x + width / camera.zoom >= all.x + all.width &&
    camera.y + height / camera.zoom >= all.y + all.height
  if (isAllSeen || width < 500) return undefined
  const scale = Math.min(most.width / all.width, most.height / all.height)
  const size = { width: all.width * scale, height: all.height * scale }
  return { x: margin, y: height - size.height - margin, ...size, scale }
}

export function drawMinimap(on: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const { layout, shape } = scene.placed
  const map = minimapOf(layout, view)
  if (!map) return
  const { camera } = view
  const at = ({ x, y, width, height }: Rect): [number, number, number, number] => [
    map.x + (x - layout.all.x) * map.scale,
    map.y + (y - layout.all.y) * map.scale,
    Math.max(1, width * map.scale),
    Math.max(1, height * map.scale),
  ]
  on.fillStyle = scene.palette.surface
  on.strokeStyle = scene.palette.lineStrong
  on.lineWidth = 1
  on.beginPath()
  on.roundRect(map.x - 5, map.y - 5, map.width + 10, map.height + 10, 6)
  on.fill()
  on.stroke()
  on.save()
  on.clip()
  for (const { id, isFolded } of shape.frames) {
    on.fillStyle = isFolded ? scene.palette.inkFaint : scene.palette.lineStrong
    on.fillRect(...at(layout.frames.get(id)!))
  }
  on.strokeStyle = scene.palette.accentFill
  on.lineWidth = 2
  on.strokeRect(...at({ x: camera.x, y: camera.y, width: view.width / camera.zoom, height: view.height / camera.zoom }))
  on.restore()
}

/** The camera with the point of the small picture in the middle, if the pointer is on it. */
export function cameraOnMinimap(
  layout: Layout,
  view: Pick<View, 'camera' | 'width' | 'height'>,
  x: number,
  y: number,
): Camera | undefined {
  const map = minimapOf(layout, view)
  if (!map || x < map.x - 5 || x > map.x + map.width + 5 || y < map.y - 5 || y > map.y + map.height + 5)
    return undefined
  const { zoom } = view.camera
  return {
    x: layout.all.x + (x - map.x) / map.scale - view.width / zoom / 2,
    y: layout.all.y + (y - map.y) / map.scale - view.height / zoom / 2,
    zoom,
  }
}
