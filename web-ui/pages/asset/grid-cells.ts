/** What a cell of the grid says, and which partitions it stands for. */

import type { Answer } from '../../../server/contract/contract.ts'
import { count } from '../../kit/format.ts'
import type { Tone } from '../../kit/status.tsx'

export type Grid = Answer<'grid'>
export type GridCell = Grid['cells'][number][number]
export type AxisStretch = Grid['columns']['stretches'][number]
export type AssetDetails = Answer<'asset'>
export type PartitionStatus = Answer<'partitions'>['items'][number]['status']

/** In the order of the counts of a cell. */
export const cellStatuses = [
  'fresh',
  'stale',
  'missing',
  'failed',
  'rejected',
  'running',
] as const satisfies readonly Tone[]

export const sumOf = (cells: readonly GridCell[]): readonly number[] =>
  cellStatuses.map((_, index) => cells.reduce((sum, cell) => sum + cell[index]!, 0))

export function cellInWords(cell: readonly number[]): string {
  const said = cellStatuses.map((status, index) => [cell[index]!, status] as const).filter(([value]) => value > 0)
  return said.map(([value, status]) => `${count(value)} ${status}`).join(', ') || 'nothing'
}

export const stretchInWords = ({ first, last, from, to }: AxisStretch): string =>
  to - from === 1 ? readable(first) : `${readable(first)} … ${readable(last)}`

export const readable = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** What is asked for by a cell: the one partition that it is, or those that it stands for as a filter. */
export type Picked = { readonly key: string } | { readonly partitions: string } | { readonly tooMany: true }

/** More names than this do not go into a filter. */
const mostNames = 60

export function pickedBy(asset: AssetDetails, grid: Grid, column: AxisStretch, row: AxisStretch): Picked {
  const chosen = new Map<string, AxisStretch>()
  if (grid.columns.dimension !== null) chosen.set(grid.columns.dimension, column)
  if (grid.rows.dimension !== null) chosen.set(grid.rows.dimension, row)
  const isOne = asset.dimensionList.every(({ name, count }) => {
    const stretch = chosen.get(name)
    return stretch ? stretch.to - stretch.from === 1 : count === 1
  })
  if (isOne && asset.dimensionList.every(({ name }) => chosen.has(name))) {
    return { key: asset.dimensionList.map(({ name }) => `${name}=${chosen.get(name)!.first}`).join('/') }
  }
  const parts: string[] = []
  for (const { name, kind, keys, count } of asset.dimensionList) {
    const stretch = chosen.get(name)
    if (!stretch || stretch.to - stretch.from === count) continue
    if (stretch.to - stretch.from === 1) parts.push(`${name}=${stretch.first}`)
    else if (kind === 'time') parts.push(`${name}=${stretch.first}..${stretch.last}`)
    else {
      const names = keys?.slice(stretch.from, stretch.to) ?? []
      if (names.length < stretch.to - stretch.from || names.length > mostNames) return { tooMany: true }
      parts.push(...names.map((key) => `${name}=${encodeURIComponent(key)}`))
    }
  }
  return { partitions: parts.join(',') }
}
