/**
 * Where everything stands: bands from left to right, in each the frames of its groups, in each of these its boxes by what
 * they read. A general layout knows no bands, and would take seconds for thousands of boxes; this one is a few sweeps that
 * order neighbours by the middle of what they are joined with.
 */

import type { Band, Box, Shape } from './shape.ts'
import { bands } from './shape.ts'

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  /** In the order of the boxes. */
  readonly boxes: readonly Rect[]
  readonly frames: ReadonlyMap<string, Rect>
  readonly bands: readonly (Rect & { readonly band: Band })[]
  readonly all: Rect
}

export const assetSize = { width: 212, height: 50 } as const
/** Where there are few there is room for more about each. */
export const roomySize = { width: 212, height: 78 } as const
const mostRoomy = 24
export const foldedSize = { width: 212, height: 84 } as const
const gap = { column: 48, row: 14, frame: 26, band: 64 } as const
/** How far a band reaches beyond its frames. */
const bandEdge = 22
const padding = { side: 18, top: 38, bottom: 16 } as const
const sweeps = 8

interface Frame {
  readonly id: string
  readonly band: Band
  /** Boxes by column. */
  readonly columns: number[][]
  width: number
  height: number
  /** Of its boxes, on average. */
  readonly depth: number
  /** Its middle. */
  y: number
}

export function layoutOf(shape: Shape): Layout {
  const { boxes, edges } = shape
  const before: number[][] = boxes.map(() => [])
  const after: number[][] = boxes.map(() => [])
  for (const { from, to } of edges) {
    after[from]!.push(to)
    before[to]!.push(from)
  }
  const sizes = sizesOf(boxes)
  const middles = new Float64Array(boxes.length)
  const offsets = new Float64Array(boxes.length)
  const frames = framesOf(shape, before, sizes)
  const frameAt = new Map(frames.flatMap((frame) => frame.columns.flat().map((index) => [index, frame] as const)))
  const columns = columnsOfBands(frames, before, frameAt)

  for (let sweep = 0; sweep < sweeps; sweep++) {
    place()
    const towards = sweep % 2 === 0 ? before : after
    const wished = boxes.map((_, index) =>
      mean(
        towards[index]!.map((other) => middles[other]!),
        middles[index]!,
      ),
    )
    for (const frame of frames) for (const column of frame.columns) column.sort((a, b) => wished[a]! - wished[b]!)
    const wish = new Map(
      frames.map((frame) => [
        frame,
        mean(
          frame.columns.flat().map((index) => wished[index]!),
          frame.y,
        ),
      ]),
    )
    for (const column of columns) column.frames.sort((a, b) => wish.get(a)! - wish.get(b)!)
  }
  place()
  align()
  return told()

  /** Stacks boxes in frames, and frames in columns. */
  function place(): void {
    for (const frame of frames) for (const column of frame.columns) stack(column)
    for (const column of columns) {
      const total = column.frames.reduce((sum, { height }) => sum + height + gap.frame, -gap.frame)
      let y = -total / 2
      for (const frame of column.frames) {
        frame.y = y + frame.height / 2
        y += frame.height + gap.frame
      }
    }
    settle()
  }
  function stack(column: readonly number[]): void {
    const total = column.reduce((sum, index) => sum + sizes[index]!.height + gap.row, -gap.row)
    let y = -total / 2
    for (const index of column) {
      offsets[index] = y + sizes[index]!.height / 2
      y += sizes[index]!.height + gap.row
    }
  }
  function settle(): void {
    for (const [index, frame] of frameAt) middles[index] = frame.y + offsets[index]!
  }
  /** Moves frames towards what they are joined with, as far as their neighbours let them. */
  function align(): void {
    for (let pass = 0; pass < 6; pass++) {
      for (const column of pass % 2 === 0 ? columns : columns.toReversed()) {
        const wished = column.frames.map((frame) => {
          const pulls = frame.columns
            .flat()
            .flatMap((index) =>
              [...before[index]!, ...after[index]!]
                .filter((other) => frameAt.get(other) !== frame)
                .map((other) => middles[other]! - middles[index]!),
            )
          return frame.y + mean(pulls, 0)
        })
        const settled = spread(
          wished,
          column.frames.map(({ height }) => height),
          gap.frame,
        )
        column.frames.forEach((frame, index) => {
          frame.y = settled[index]!
        })
        settle()
      }
    }
  }
  function told(): Layout {
    let x = 0
    const placed = new Map<string, Rect>()
    const strips: (Rect & { band: Band })[] = []
    const rects: Rect[] = []
    for (const band of bands) {
      const own = columns.filter((column) => column.band === band)
      if (own.length === 0) continue
      const start = x
      for (const column of own) {
        const width = Math.max(...column.frames.map((frame) => frame.width))
        for (const frame of column.frames) {
          placed.set(frame.id, {
            x: x + (width - frame.width) / 2,
            y: frame.y - frame.height / 2,
            width: frame.width,
            height: frame.height,
          })
          let left = x + (width - frame.width) / 2 + padding.side
          for (const inside of frame.columns) {
            for (const index of inside) {
              const { width, height } = sizes[index]!
              const shift = (padding.top - padding.bottom) / 2
              rects[index] = { x: left, y: middles[index]! - height / 2 + shift, width, height }
            }
            left += assetSize.width + gap.column
          }
        }
        x += width + gap.column
      }
      strips.push({ band, x: start - bandEdge, y: 0, width: x - gap.column - start + 2 * bandEdge, height: 0 })
      x += gap.band - gap.column
    }
    const top = Math.min(...[...placed.values()].map(({ y }) => y)) - 30
    const bottom = Math.max(...[...placed.values()].map(({ y, height }) => y + height)) + 30
    const tall = strips.map((strip) => ({ ...strip, y: top, height: bottom - top }))
    const left = tall[0]?.x ?? 0
    const right = (tall.at(-1)?.x ?? 0) + (tall.at(-1)?.width ?? 0)
    return {
      boxes: rects,
      frames: placed,
      bands: tall,
      all: { x: left, y: top, width: right - left, height: bottom - top },
    }
  }
}

function sizesOf(boxes: readonly Box[]) {
  const usual = boxes.length <= mostRoomy ? roomySize : assetSize
  return boxes.map(({ isFolded }) => (isFolded ? foldedSize : usual))
}

/** Each group with its boxes in columns: what reads another of the group stands to the right of it. */
function framesOf(
  { boxes }: Shape,
  before: readonly (readonly number[])[],
  sizes: readonly { readonly height: number }[],
): Frame[] {
  const members = Map.groupBy(boxes.keys(), (index) => boxes[index]!.frame)
  return [...members].map(([id, inside]) => {
    const ranks = ranksOf(inside, (index) => before[index]!)
    const byRank = [...Map.groupBy(inside, (index) => ranks.get(index)!)].sort(([a], [b]) => a - b)
    const tallest = Math.max(
      8,
      Math.ceil(Math.sqrt((inside.length * (assetSize.width + gap.column)) / (assetSize.height + gap.row) / 1.3)),
    )
    const columns = byRank.flatMap(([, column]) => evenly(column, tallest))
    const width = columns.length * (assetSize.width + gap.column) - gap.column + 2 * padding.side
    const heights = columns.map((column) =>
      column.reduce((sum, index) => sum + sizes[index]!.height + gap.row, -gap.row),
    )
    const height = Math.max(...heights) + padding.top + padding.bottom
    const depth = mean(
      inside.map((index) => boxes[index]!.depth),
      0,
    )
    return { id, band: boxes[inside[0]!]!.band, columns, width, height, depth, y: 0 }
  })
}

interface Column {
  readonly band: Band
  readonly frames: Frame[]
}

/**
 * The frames of each band in columns. A few groups that read one another stand in the order in which they do; many of them
 * go by how deep their boxes are, so that the whole is about as wide as a screen.
 */
function columnsOfBands(
  frames: readonly Frame[],
  before: readonly (readonly number[])[],
  frameAt: ReadonlyMap<number, Frame>,
): Column[] {
  const reads = new Map(
    frames.map((frame) => {
      const read = frame.columns.flat().flatMap((index) => before[index]!.map((other) => frameAt.get(other)!))
      return [frame, [...new Set(read)].filter((other) => other !== frame)]
    }),
  )
  const total = frames.reduce((sum, { height }) => sum + height + gap.frame, 0)
  const width = frames.reduce((sum, frame) => sum + frame.width + gap.column, 0) / Math.max(1, frames.length)
  const count = Math.max(1, Math.sqrt((screen * total) / width))
  const tallest = Math.max(...frames.map(({ height }) => height), total / count)
  return bands.flatMap((band) => {
    const own = frames.filter((frame) => frame.band === band)
    const ranks = ranksOf(own, (frame) => reads.get(frame)!)
    const byRank = [...Map.groupBy(own, (frame) => ranks.get(frame)!)]
      .sort(([a], [b]) => a - b)
      .map(([, column]) => column)
    const inOrder = byRank.length <= fewRanks ? byRank : [own.toSorted((a, b) => a.depth - b.depth)]
    return inOrder.flatMap((column) => filled(column, tallest).map((frames) => ({ band, frames })))
  })
}

/** How much wider than high a picture is at best. */
const screen = 1.6
const fewRanks = 4

/** Into columns of about the same height, none much higher than `tallest`. */
function filled(frames: readonly Frame[], tallest: number): Frame[][] {
  const total = frames.reduce((sum, { height }) => sum + height + gap.frame, 0)
  const parts = Math.max(1, Math.round(total / tallest))
  const wished = total / parts
  const columns: Frame[][] = []
  let height = Number.POSITIVE_INFINITY
  for (const frame of frames) {
    if (height + frame.height / 2 > wished && columns.length < parts) {
      columns.push([])
      height = 0
    }
    columns.at(-1)!.push(frame)
    height += frame.height + gap.frame
  }
  return columns
}

/** The longest way to each from those that read none of the set; what reads in a circle is cut where it closes. */
function ranksOf<T>(members: readonly T[], reads: (one: T) => readonly T[]): ReadonlyMap<T, number> {
  const set = new Set(members)
  const ranks = new Map<T, number>()
  const open = new Set<T>()
  const rank = (one: T): number => {
    const known = ranks.get(one)
    if (known !== undefined || open.has(one)) return known ?? -1
    open.add(one)
    const found =
      1 +
      Math.max(
        -1,
        ...reads(one)
          .filter((other) => set.has(other))
          .map(rank),
      )
    open.delete(one)
    ranks.set(one, found)
    return found
  }
  for (const one of members) rank(one)
  return ranks
}

/** Cut into parts of about the same length, none longer than `most`. */
function evenly<T>(items: readonly T[], most: number): T[][] {
  const parts = Math.ceil(items.length / most)
  const size = Math.ceil(items.length / parts)
  return Array.from({ length: parts }, (_, part) => items.slice(part * size, (part + 1) * size))
}

const mean = (values: readonly number[], none: number): number =>
  values.length === 0 ? none : values.reduce((sum, value) => sum + value, 0) / values.length

/** Middles as near to the wished ones as their order and sizes allow: neighbours that collide move as one. */
function spread(wished: readonly number[], sizes: readonly number[], gap: number): readonly number[] {
  const starts: number[] = []
  let used = 0
  const blocks: { sum: number; count: number }[] = []
  for (const [index, wish] of wished.entries()) {
    starts.push(used + sizes[index]! / 2)
    let block = { sum: wish - starts[index]!, count: 1 }
    used += sizes[index]! + gap
    while (blocks.length > 0 && blocks.at(-1)!.sum / blocks.at(-1)!.count > block.sum / block.count) {
      const last = blocks.pop()!
      block = { sum: block.sum + last.sum, count: block.count + last.count }
    }
    blocks.push(block)
  }
  const shifts = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
  return starts.map((start, index) => start + shifts[index]!)
}
