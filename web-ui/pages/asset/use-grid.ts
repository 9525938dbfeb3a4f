import { useAnswer } from '../../api/use-answer.ts'
import { useSettled } from '../../kit/use-settled.ts'
import type { Stretch } from '../../kit/use-zoom.ts'

/** The wheel turns faster than anyone can answer. */
const settleMs = 120

/** The cells of what is in sight, as fine as can be seen; those of the zoom before stay until they are there. */
export function useGrid(
  asset: string,
  sight: {
    readonly columns: Stretch | undefined
    readonly rows: Stretch | undefined
    readonly width: number
    readonly height: number
  },
) {
  const { columns, rows, width, height } = useSettled(sight, settleMs)
  return useAnswer(
    'grid',
    {
      asset,
      ...(columns && { from: Math.max(0, Math.floor(columns.from)), to: Math.ceil(columns.to) }),
      ...(rows && { rowsFrom: Math.max(0, Math.floor(rows.from)), rowsTo: Math.ceil(rows.to) }),
      width,
      height,
    },
    { keep: true, when: width > 0 },
  )
}
