import type { Answer } from '../../server/contract/contract.ts'
import { counted } from '../kit/format.ts'
import { Chip, LayerChip } from '../kit/page.tsx'
import { SelectionInput } from '../kit/selection-input.tsx'
import { StatusIcon } from '../kit/status.tsx'

const most = 8

/** The selection, and the assets that it means. */
export function WhichAssets({
  value,
  onChange,
  assets,
  error,
}: {
  readonly value: string
  readonly onChange: (selection: string) => void
  readonly assets: readonly Answer<'assets'>['items'][number][]
  readonly error: string | undefined
}) {
  return (
    <div className="flex flex-col gap-2">
      <SelectionInput
        label="Assets"
        value={value}
        onChange={onChange}
        error={error}
        className="w-full"
        placeholder="a name, gold_*, +silver_candles, layer:gold"
      />
      {assets.length > 0 && (
        <ul className="flex flex-wrap gap-1.5" aria-label="The assets meant">
          {assets.slice(0, most).map(({ asset, layer, health }) => (
            <li key={asset}>
              <span className="inline-flex items-center gap-1.5 rounded border border-line bg-sunken py-0.5 pr-1 pl-1.5 text-xs">
                <StatusIcon status={health} size={12} />
                {asset}
                <LayerChip layer={layer} />
              </span>
            </li>
          ))}
          {assets.length > most && (
            <li>
              <Chip
                title={assets
                  .slice(most)
                  .map(({ asset }) => asset)
                  .join(', ')}
              >
                and {counted(assets.length - most, 'more', 'more')}
              </Chip>
            </li>
          )}
        </ul>
      )}
    </div>
  )
}
