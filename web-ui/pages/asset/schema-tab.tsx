import { Columns3 } from 'lucide-react'
import { counted } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'
import { ColumnList } from './column-list.tsx'
import type { AssetDetails } from './grid-cells.ts'

export function SchemaTab({ asset }: { readonly asset: AssetDetails }) {
  if (asset.columns.length === 0) {
    return (
      <Empty icon={Columns3} title="No columns are declared">
        Give the asset a <code className="font-mono">schema</code> to have its columns shown and checked.
      </Empty>
    )
  }
  return (
    <>
      <Panel flush title="Columns" note={counted(asset.columns.length, 'column')}>
        <ColumnList columns={asset.columns} />
      </Panel>
      <Panel flush title="Partitions" note={asset.dimensionList.length === 0 ? 'not cut: one for all' : undefined}>
        <ul>
          {asset.dimensionList.map(({ name, kind, count, first, last, unit, timezone, dynamic }) => (
            <li key={name} className="flex flex-wrap gap-x-4 border-b border-line/70 px-4 py-2 text-sm last:border-b-0">
              <span className="w-32 font-mono text-xs leading-5">{name}</span>
              <span className="text-ink-soft">
                {kind === 'time'
                  ? `time, by ${unit === 'other' ? 'windows' : unit}`
                  : kind === 'dynamic'
                    ? `keys that change (${dynamic})`
                    : 'keys'}
                {timezone && `, ${timezone}`}
              </span>
              <span className="tabular text-ink-faint">
                {count} {first !== null && `· ${first} … ${last}`}
              </span>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  )
}
