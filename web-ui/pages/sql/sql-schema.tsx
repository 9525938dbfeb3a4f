import { ChevronRight, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { SearchInput } from '../../kit/fields.tsx'
import { shortCount } from '../../kit/format.ts'
import { Empty, LayerChip } from '../../kit/page.tsx'

type Table = Answer<'sqlTables'>['items'][number]
const layers = ['bronze', 'silver', 'gold'] as const

/** What can be selected from; a click writes the name where the cursor is. */
export function SqlSchema({
  tables,
  onInsert,
  onExample,
}: {
  readonly tables: readonly Table[]
  readonly onInsert: (text: string) => void
  readonly onExample: (text: string) => void
}) {
  const [typed, setTyped] = useState('')
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const text = typed.trim().toLowerCase()
  const found = tables.filter(
    ({ name, columns }) => name.toLowerCase().includes(text) || columns.some((column) => column.name.includes(text)),
  )
  const toggle = (name: string): void => {
    const next = new Set(opened)
    if (!next.delete(name)) next.add(name)
    setOpened(next)
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="border-b border-line p-2">
        <SearchInput label="Find a table or column" value={typed} onChange={setTyped} className="w-full" />
      </div>
      <ul className="min-h-0 flex-1 overflow-y-auto p-1.5 text-sm" aria-label="Tables">
        {found.map((table) => (
          <TableEntry
            key={table.name}
            table={table}
            isOpen={opened.has(table.name) || (text.length > 1 && !table.name.includes(text))}
            onToggle={() => toggle(table.name)}
            onInsert={onInsert}
            onExample={onExample}
          />
        ))}
        {found.length === 0 && <Empty title={tables.length === 0 ? 'No assets' : 'None is called that'} />}
      </ul>
    </div>
  )
}

function TableEntry({
  table: { name, description, layer, rows, columns },
  isOpen,
  onToggle,
  onInsert,
  onExample,
}: {
  readonly table: Table
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onInsert: (text: string) => void
  readonly onExample: (text: string) => void
}) {
  return (
    <li>
      <div className="group flex items-center gap-1 rounded hover:bg-sunken">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          title={description ?? name}
          className="flex min-w-0 flex-1 items-center gap-1.5 py-1 pl-1 text-left"
        >
          <ChevronRight size={14} aria-hidden className={`shrink-0 text-ink-faint ${isOpen ? 'rotate-90' : ''}`} />
          <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
          <LayerChip layer={layers.find((one) => one === layer) ?? null} />
        </button>
        <button
          type="button"
          aria-label={`Write ${name}`}
          title="Write its name"
          onClick={() => onInsert(name)}
          className="mr-1 grid size-6 shrink-0 place-items-center rounded text-ink-faint opacity-0 group-hover:opacity-100 hover:bg-line hover:text-ink focus-visible:opacity-100"
        >
          <Plus size={14} aria-hidden />
        </button>
      </div>
      {isOpen && (
        <div className="mb-1.5 ml-[1.0625rem] border-l border-line pl-2">
          <p className="flex items-baseline justify-between gap-2 py-0.5 text-xs text-ink-faint">
            <span className="tabular">{shortCount(rows)} rows</span>
            <button
              type="button"
              onClick={() => onExample(`select * from ${name} limit 100`)}
              className="text-accent hover:underline"
            >
              Look at it
            </button>
          </p>
          <ul>
            {columns.map((column) => (
              <li key={column.name}>
                <button
                  type="button"
                  onClick={() => onInsert(column.name)}
                  title={[column.description, column.unit && `in ${column.unit}`].filter(Boolean).join('; ')}
                  className="flex w-full items-baseline gap-2 rounded px-1 py-0.5 text-left text-xs hover:bg-sunken"
                >
                  <span className="min-w-0 truncate font-mono">{column.name}</span>
                  <span className="ml-auto min-w-0 shrink truncate text-ink-faint">
                    {column.type.toLowerCase()}
                    {column.unit && ` · ${column.unit}`}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  )
}
