import type { Answer } from '../../../server/contract/contract.ts'
import { bytes, percent, shortCount } from '../../kit/format.ts'
import { Empty, LayerChip, Panel } from '../../kit/page.tsx'

const fills: Readonly<Record<string, string>> = { bronze: 'bg-bronze', silver: 'bg-silver', gold: 'bg-accent-fill' }

/** What is published, by layer. */
export function LakeByLayer({ lake }: { readonly lake: Answer<'system'>['lake'] }) {
  return (
    <Panel title="Lake" note={<code className="font-mono break-all">{lake.place}</code>}>
      {lake.bytes === 0 ? (
        <Empty title="Nothing is published yet">Materialize an asset, and its files are counted here.</Empty>
      ) : (
        <>
          <div className="mb-3 flex h-2 gap-px overflow-hidden rounded-full bg-line" aria-hidden>
            {lake.byLayer.map(({ layer, bytes: size }) => (
              <span
                key={layer}
                className={`min-w-[3px] ${fills[layer] ?? 'bg-missing-fill'}`}
                style={{ flexGrow: size, flexBasis: 0 }}
              />
            ))}
          </div>
          <table className="w-full text-sm">
            <thead>
              <tr className="text-left text-xs text-ink-faint">
                <th className="pb-1 font-medium">Layer</th>
                <th className="pb-1 text-right font-medium">Rows</th>
                <th className="pb-1 text-right font-medium">Size</th>
                <th className="pb-1 text-right font-medium">Share</th>
              </tr>
            </thead>
            <tbody>
              {lake.byLayer.map(({ layer, rows, bytes: size }) => (
                <tr key={layer} className="border-t border-line/70">
                  <td className="py-1.5">
                    {layer in fills ? <LayerChip layer={layer as 'bronze' | 'silver' | 'gold'} /> : layer}
                  </td>
                  <td className="text-right">{shortCount(rows)}</td>
                  <td className="text-right">{bytes(size)}</td>
                  <td className="text-right text-ink-faint">{percent(size, lake.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Panel>
  )
}
