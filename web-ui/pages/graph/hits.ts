/** What of the graph is meant: by the pointer, by a name; and how it reads. */

import { countsInWords } from '../../kit/partitions-bar.tsx'
import { looks } from '../../kit/status.tsx'
import type { Camera } from './camera.ts'
import type { Scene } from './draw-graph.ts'
import type { Layout } from './layout.ts'
import type { Placed } from './use-layout.ts'

type At = { readonly offsetX: number; readonly offsetY: number }

export function boxAt({ boxes }: Layout, camera: Camera, at: At): number | undefined {
  const [x, y] = [camera.x + at.offsetX / camera.zoom, camera.y + at.offsetY / camera.zoom]
  const found = boxes.findIndex((box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height)
  return found === -1 ? undefined : found
}

export function frameAt({ frames }: Layout, camera: Camera, at: At): string | undefined {
  const [x, y] = [camera.x + at.offsetX / camera.zoom, camera.y + at.offsetY / camera.zoom]
  for (const [id, rect] of frames) {
    if (x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height) return id
  }
  return undefined
}

export function foldedOf({ shape }: Placed, asset: string): number | undefined {
  const found = shape.boxes.findIndex(({ assets }) => assets.includes(asset))
  return found === -1 ? undefined : found
}

export function inWords(
  { shape }: Placed,
  { before, after }: Scene['kin'],
  pulses: Scene['pulses'],
  index: number,
): string {
  const box = shape.boxes[index]
  if (!box) return ''
  if (box.isFolded) return `group ${box.group} of ${box.assets.length} assets, folded; Enter unfolds it`
  const pulse = pulses.get(box.id)
  const state = pulse ? `${looks[pulse.health].word}, ${countsInWords(pulse.partitions)}, ` : ''
  return `${box.id}, ${state}reads ${before[index]!.length}, read by ${after[index]!.length}`
}
