import { useEffect, useState } from 'react'
import type { Layout } from './layout.ts'
import type { Shape } from './shape.ts'

export interface Placed {
  readonly shape: Shape
  readonly layout: Layout
}

/** Layouts that were seen lately, by what is in them; going back and forth costs nothing. */
const known = new Map<string, Layout>()
const mostKnown = 30

let worker: Worker | undefined
let asked = 0

/** The newest layout that is there; until that of `shape` has come, the one before. */
export function useLayout(shape: Shape | undefined): Placed | undefined {
  const [placed, setPlaced] = useState<Placed>()
  useEffect(() => {
    if (!shape) return
    const name = nameOf(shape)
    const layout = known.get(name)
    if (layout) return setPlaced({ shape, layout })
    return layOut(shape, (layout) => {
      if (known.size >= mostKnown) known.delete(known.keys().next().value!)
      known.set(name, layout)
      setPlaced({ shape, layout })
    })
  }, [shape])
  return placed
}

function layOut(shape: Shape, then: (layout: Layout) => void): () => void {
  worker ??= new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module', name: 'graph layout' })
  const id = ++asked
  const onMessage = ({ data }: MessageEvent<{ id: number; layout: Layout; tookMs: number }>): void => {
    if (data.id !== id) return
    stop()
    performance.measure('graph layout', { start: performance.now() - data.tookMs, duration: data.tookMs })
    then(data.layout)
  }
  const stop = (): void => worker!.removeEventListener('message', onMessage)
  worker.addEventListener('message', onMessage)
  worker.postMessage({ id, shape })
  return stop
}

const nameOf = ({ boxes, edges }: Shape): string =>
  `${boxes.map(({ id, frame }) => `${id}\t${frame}`).join('\n')}\n\n${edges.map(({ from, to }) => `${from} ${to}`).join('\n')}`
