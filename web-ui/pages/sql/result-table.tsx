import { useMemo, useState } from 'react'
import { CopyButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Empty } from '../../kit/page.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import type { Result, Value } from './values.ts'
import { isNumeric, numberOf, shownAs, tabbed, textOf, typeName } from './values.ts'

interface Row {
  readonly number: number
  readonly values: readonly Value[]
}

export function ResultTable({ result }: { readonly result: Result }) {
  const [opened, setOpened] = useState<Row>()
  const rows = useMemo(() => result.rows.map((values, index) => ({ number: index + 1, values })), [result])
  const columns = useMemo(() => columnsOf(result), [result])
  return (
    <>
      <Table
        label="Result"
        rows={rows}
        columns={columns}
        keyOf={({ number }) => String(number)}
        onOpen={setOpened}
        isHere={(row) => row === opened}
        rowHeight={30}
        empty={<Empty title="No row fits">The query is fine; nothing of what is published answers to it.</Empty>}
      />
      {opened && <OneRow row={opened} result={result} onClose={() => setOpened(undefined)} />}
    </>
  )
}

function columnsOf({ columns, rows }: Result): readonly Column<Row>[] {
  const shown = columns.map(({ name, type }, index): Column<Row> => {
    const isNumber = isNumeric(type)
    // As wide as its name and the values at the beginning need.
    const longest = rows.slice(0, 50).reduce((most, row) => Math.max(most, textOf(row[index] ?? null).length), 0)
    const width = Math.min(28, Math.max(6, longest * 0.52 + 1.2, name.length * 0.45 + typeName(type).length * 0.42 + 2))
    return {
      title: name,
      id: String(index),
      note: typeName(type),
      width: `minmax(${width}rem,${isNumber ? 'max-content' : '1fr'})`,
      ...(isNumber && { align: 'right' as const }),
      cell: ({ values }) => <Cell value={values[index] ?? null} type={type} />,
      sort: ({ values }) => {
        const value = values[index] ?? null
        return value === null ? null : isNumber ? numberOf(value) : textOf(value)
      },
    }
  })
  const number: Column<Row> = {
    ...{ title: '#', id: 'number', width: '3rem', align: 'right' },
    cell: ({ number }) => <span className="text-xs text-ink-faint">{number}</span>,
  }
  return [number, ...shown]
}

function Cell({ value, type }: { readonly value: Value; readonly type: string }) {
  if (value === null) return <span className="text-xs text-ink-faint italic">null</span>
  return <span className="font-mono text-xs">{shownAs(value, type)}</span>
}

/** All of one row, also what is too long for a cell. */
function OneRow({
  row,
  result,
  onClose,
}: {
  readonly row: Row
  readonly result: Result
  readonly onClose: () => void
}) {
  const asObject = Object.fromEntries(result.columns.map(({ name }, index) => [name, row.values[index] ?? null]))
  return (
    <Dialog title={`Row ${row.number}`} open onClose={onClose}>
      <div className="mb-3 flex items-center gap-4 text-xs text-ink-faint">
        <span className="inline-flex items-center gap-1">
          <CopyButton text={JSON.stringify(asObject, null, 2)} label="Copy the row as JSON" /> as JSON
        </span>
        <span className="inline-flex items-center gap-1">
          <CopyButton text={tabbed(row.values)} label="Copy the row for a spreadsheet" /> for a spreadsheet
        </span>
      </div>
      <dl className="text-sm">
        {result.columns.map(({ name, type }, index) => {
          const value = row.values[index] ?? null
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may be the same, places are not
            <div key={index} className="grid grid-cols-[12rem_minmax(0,1fr)_auto] gap-3 border-t border-line/70 py-1.5">
              <dt className="min-w-0">
                <div className="truncate font-medium">{name}</div>
                <div className="truncate font-mono text-[0.6875rem] text-ink-faint">{type.toLowerCase()}</div>
              </dt>
              <dd className="min-w-0 font-mono text-xs break-words whitespace-pre-wrap">
                {value === null ? <span className="text-ink-faint italic">null</span> : textOf(value)}
              </dd>
              <dd>
                <CopyButton text={value === null ? '' : textOf(value)} label={`Copy ${name}`} />
              </dd>
            </div>
          )
        })}
      </dl>
    </Dialog>
  )
}
