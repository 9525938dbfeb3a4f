import { layoutOf } from './layout.ts'
import type { Shape } from './shape.ts'

addEventListener('message', ({ data }: MessageEvent<{ readonly id: number; readonly shape: Shape }>) => {
  const from = performance.now()
  const layout = layoutOf(data.shape)
  postMessage({ id: data.id, layout, tookMs: performance.now() - from })
})
