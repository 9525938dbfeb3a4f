import type { Axis, Engine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { partitionStatuses } from '../contract/words.ts'
import { Refusal } from '../served.ts'
import { shownPartitions } from './shown-partitions.ts'

type Grid = Answer<'grid'>
type GridAxis = Grid['columns']

/** The statuses of all partitions of an asset in few cells: one row for one dimension, a map for two, others summed up. */
export async function gridOf(engine: Engine, ask: Asked<'grid'>): Promise<Grid> {
  const { asset, space, asOf, statuses, isStaleKnown } = await shownPartitions(engine, ask.asset)
  const { columns, rows } = chosenAxes(asset.name, space.axes, ask)
  const across = cutInto(columns, ask.width, { from: ask.from, to: ask.to })
  const down = cutInto(rows, ask.height, { from: ask.rowsFrom, to: ask.rowsTo })
  const cells = down.stretches.map(() => across.stretches.map(() => partitionStatuses.map(() => 0)))
  const columnOf = stretchNumbers(across)
  const rowOf = stretchNumbers(down)

  const visit = (depth: number, base: number, row: number, column: number): void => {
    const axis = space.axes[depth]
    if (!axis) {
      cells[row]![column]![statuses[base]!]! += 1
      return
    }
    const isLast = depth === space.axes.length - 1
    const [first, end] =
      axis === columns ? [across.from, across.to] : axis === rows ? [down.from, down.to] : [0, axis.count]
    for (let index = first; index < end; index++) {
      const at = base + index * axis.stride
      const inRow = axis === rows ? rowOf[index]! : row
      const inColumn = axis === columns ? columnOf[index]! : column
      if (isLast) cells[inRow]![inColumn]![statuses[at]!]! += 1
      else visit(depth + 1, at, inRow, inColumn)
    }
  }
  if (space.size > 0 && across.to > across.from && down.to > down.from) visit(0, 0, 0, 0)
  return { columns: across, rows: down, cells, asOf: asOf.now.getTime(), isStaleKnown }
}

/** Time across if there is any, otherwise what is longest; down the longest of the rest. */
function chosenAxes(
  asset: string,
  axes: readonly Axis[],
  ask: Pick<Asked<'grid'>, 'columns' | 'rows'>,
): { readonly columns: Axis | undefined; readonly rows: Axis | undefined } {
  const named = (name: string | undefined) => {
    if (name === undefined) return undefined
    const axis = axes.find((one) => one.name === name)
    if (axis) return axis
    const known = axes.map((one) => `"${one.name}"`).join(', ') || 'none'
    const message = `asset "${asset}" has no dimension "${name}"; it has: ${known}`
    throw new Refusal(404, 'dimension.unknown', message)
  }
  const isTime = ({ dimension }: Axis) => Number(dimension.kind === 'time')
  const byRank = axes.toSorted((a, b) => isTime(b) - isTime(a) || b.count - a.count)
  const rows = named(ask.rows)
  const columns = named(ask.columns) ?? byRank.find((axis) => axis !== rows)
  const rest = axes.filter((axis) => axis !== columns).toSorted((a, b) => b.count - a.count)
  return { columns: columns ?? rows, rows: rows === columns || !columns ? rest[0] : (rows ?? rest[0]) }
}

/** Stretches of one length, as long as they must be for there to be at most so many; the last may be shorter. */
function cutInto(
  axis: Axis | undefined,
  most: number,
  ask: { readonly from: number | undefined; readonly to: number | undefined },
): GridAxis {
  if (!axis) {
    return { dimension: null, size: 1, from: 0, to: 1, stretches: [{ from: 0, to: 1, first: '', last: '' }] }
  }
  const { dimension, count } = axis
  const from = Math.min(ask.from ?? 0, count)
  const to = Math.max(from, Math.min(ask.to ?? count, count))
  const length = Math.max(1, Math.ceil((to - from) / most))
  const text = (index: number): string => dimension.encode(dimension.at(index))
  const stretches = Array.from({ length: Math.ceil((to - from) / length) }, (_, number) => {
    const [first, end] = [from + number * length, Math.min(to, from + (number + 1) * length)]
    return { from: first, to: end, first: text(first), last: text(end - 1) }
  })
  return { dimension: axis.name, size: count, from, to, stretches }
}

/** By place on the axis, the number of its stretch. */
function stretchNumbers({ to, stretches }: GridAxis): Uint16Array {
  const numbers = new Uint16Array(to)
  for (const [number, { from, to }] of stretches.entries()) numbers.fill(number, from, to)
  return numbers
}
