import { KeyRound } from 'lucide-react'
import type { AssetDetails } from './grid-cells.ts'

export function ColumnList({ columns }: Pick<AssetDetails, 'columns'>) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <thead className="border-b border-line text-left text-xs text-ink-faint">
          <tr>
            {['Column', 'Type', 'Unit', 'About'].map((title) => (
              <th key={title} scope="col" className="px-4 py-1.5 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, type, nullable, unit, description, isKey }) => (
            <tr key={name} className="border-b border-line/70 align-top last:border-b-0">
              <td className="px-4 py-1.5 font-mono text-xs whitespace-nowrap">
                {name}
                {isKey && (
                  <KeyRound size={12} role="img" aria-label="part of the key" className="ml-1.5 inline text-accent" />
                )}
              </td>
              <td className="px-4 py-1.5 font-mono text-xs whitespace-nowrap text-ink-soft">
                {type}
                {nullable && <span className="text-ink-faint"> or null</span>}
              </td>
              <td className="px-4 py-1.5 text-xs whitespace-nowrap text-ink-soft">{unit}</td>
              <td className="px-4 py-1.5 text-xs text-ink-soft">{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
