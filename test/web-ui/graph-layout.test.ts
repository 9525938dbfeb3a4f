import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Rect } from '../../web-ui/pages/graph/layout.ts'
import { layoutOf } from '../../web-ui/pages/graph/layout.ts'
import type { Graph } from '../../web-ui/pages/graph/shape.ts'
import { mostUnfolded, shapeOf } from '../../web-ui/pages/graph/shape.ts'

const layers = ['bronze', 'silver', 'gold'] as const

/** Layers of groups; each asset reads two of those before it. */
function graphOf({ assets, groups }: { assets: number; groups: number }): Graph {
  const nodes = Array.from({ length: assets }, (_, index) => ({
    asset: `asset_${index}`,
    layer: layers[Math.floor((index * layers.length) / assets)]!,
    group: `group_${index % groups}`,
    kinds: [],
    isExternal: false,
    isSelected: true,
  }))
  const edges = nodes.flatMap((_, index) =>
    index === 0
      ? []
      : [(index * 7) % index, (index * 13 + 5) % index].map((from) => ({
          from: `asset_${from}`,
          to: `asset_${index}`,
          mapping: 'same',
        })),
  )
  return { nodes, edges }
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

function overlapping(rects: readonly Rect[]): number {
  return rects.reduce((sum, a, index) => sum + rects.slice(index + 1).filter((b) => overlap(a, b)).length, 0)
}

test.each([
  ['a few', { assets: 10, groups: 2 }],
  ['as many as are shown one by one', { assets: mostUnfolded, groups: 9 }],
  ['folded groups', { assets: 2_000, groups: 40 }],
])('no box and no frame lies on another: %s', (_, size) => {
  const layout = layoutOf(shapeOf(graphOf(size), new Set()))

  assert.equal(overlapping(layout.boxes), 0)
  assert.equal(overlapping([...layout.frames.values()]), 0)
})

test('layers stand from left to right, each box within its band and its frame', () => {
  const shape = shapeOf(graphOf({ assets: 120, groups: 5 }), new Set())

  const layout = layoutOf(shape)

  assert.deepEqual(
    layout.bands.map(({ band }) => band),
    layers,
  )
  for (const [index, box] of shape.boxes.entries()) {
    const [rect, frame] = [layout.boxes[index]!, layout.frames.get(box.frame)!]
    const band = layout.bands.find((one) => one.band === box.band)!
    assert.ok(rect.x >= frame.x && rect.x + rect.width <= frame.x + frame.width, box.id)
    assert.ok(rect.y >= frame.y && rect.y + rect.height <= frame.y + frame.height, box.id)
    assert.ok(frame.x >= band.x && frame.x + frame.width <= band.x + band.width, box.id)
  }
})

test('within a group what reads stands to the right of what it reads', () => {
  const shape = shapeOf(graphOf({ assets: 60, groups: 1 }), new Set())

  const { boxes } = layoutOf(shape)

  for (const { from, to } of shape.edges) assert.ok(boxes[from]!.x < boxes[to]!.x)
})

test('groups of a large graph are folded, and unfolded one by one', () => {
  const graph = graphOf({ assets: 300, groups: 6 })

  const folded = shapeOf(graph, new Set())
  const unfolded = shapeOf(graph, new Set(['silver/group_1']))

  assert.equal(folded.boxes.length, 18)
  assert.ok(folded.boxes.every(({ isFolded }) => isFolded))
  const group = graph.nodes.filter(({ layer, group }) => layer === 'silver' && group === 'group_1')
  assert.equal(unfolded.boxes.length, 17 + group.length)
  assert.equal(unfolded.frames.find(({ id }) => id === 'silver/group_1')?.isFolded, false)
})

test('groups that read one another in a circle are laid out too', () => {
  const node = (asset: string, group: string): Graph['nodes'][number] => ({
    ...{ asset, group, layer: null, kinds: [], isExternal: false, isSelected: true },
  })
  const edge = (from: string, to: string) => ({ from, to, mapping: 'same' })
  const nodes = [node('a', 'one'), node('b', 'two'), node('c', 'one')]

  const { boxes } = layoutOf(shapeOf({ nodes, edges: [edge('a', 'b'), edge('b', 'c')] }, new Set()))

  assert.equal(overlapping(boxes), 0)
})
