import { bytes, counted } from '../../kit/format.ts'
import type { Status } from '../../kit/status.tsx'
import { looks, textTone } from '../../kit/status.tsx'
import type { AssetRow } from './facets.ts'

const dots = { bronze: 'bg-bronze', silver: 'bg-silver', gold: 'bg-gold' } as const
const worth: readonly Status[] = ['failing', 'late', 'running', 'incomplete', 'unmade']

/** Above the assets of a layer: how many, and what of them wants attention. */
export function LayerHead(layer: string, rows: readonly AssetRow[]) {
  const size = rows.reduce((sum, row) => sum + row.bytes, 0)
  const byHealth = Map.groupBy(rows, ({ health }) => health)
  return (
    <span className="flex items-center gap-3">
      <span className="flex items-center gap-2 font-semibold text-ink">
        <span aria-hidden className={`size-2 rounded-sm ${dots[layer as keyof typeof dots] ?? 'bg-missing-fill'}`} />
        {layer === 'none' ? 'No layer' : layer[0]!.toUpperCase() + layer.slice(1)}
      </span>
      <span className="tabular text-ink-faint">{counted(rows.length, 'asset')}</span>
      {size > 0 && <span className="tabular text-ink-faint">{bytes(size)}</span>}
      {worth
        .filter((health) => byHealth.has(health as AssetRow['health']))
        .map((health) => (
          <span key={health} className={`tabular ${textTone[looks[health].tone]}`}>
            {byHealth.get(health as AssetRow['health'])!.length} {looks[health].word}
          </span>
        ))}
    </span>
  )
}
