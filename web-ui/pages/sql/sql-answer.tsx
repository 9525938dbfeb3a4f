import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChartLine, DatabaseZap, Download, Table2 } from 'lucide-react'
import { useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { download } from '../../api/ask.ts'
import { Button } from '../../kit/button.tsx'
import { Choice } from '../../kit/fields.tsx'
import { count, counted, span } from '../../kit/format.ts'
import { Menu, MenuItem } from '../../kit/menu.tsx'
import { Empty, Failure, Loading, Panel } from '../../kit/page.tsx'
import { examplesOf } from './examples.ts'
import { ResultChart } from './result-chart.tsx'
import { ResultTable } from './result-table.tsx'
import type { Question, useSql } from './use-sql.ts'
import type { Result } from './values.ts'

/** The answer as a table, a chart or a file; before the first one, what could be asked. */
export function SqlAnswer({
  sql: { result, of, error, isAsking },
  tables,
  onExample,
}: {
  readonly sql: ReturnType<typeof useSql>
  readonly tables: Answer<'sqlTables'>['items']
  readonly onExample: (text: string) => void
}) {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  if (error !== undefined) {
    return (
      // It points at a place of the text by blanks.
      <div className="[&_p]:font-mono [&_p]:text-xs">
        <Failure error={error} />
      </div>
    )
  }
  if (result === undefined || of === undefined) {
    return (
      <Panel className="min-h-0 flex-1">
        {isAsking ? <Loading what="Asking" /> : <Examples tables={tables} onExample={onExample} />}
      </Panel>
    )
  }
  const show = search.show === 'chart' ? 'chart' : 'table'
  return (
    <Panel
      flush
      className="min-h-0 flex-1"
      title={<Told result={result} at={of.at} isOld={isAsking} />}
      actions={
        <>
          <Choice
            label="Show as"
            value={show}
            onChange={(show) =>
              void navigate({
                to: '/sql',
                search: { ...search, show: show === 'chart' ? show : undefined },
                replace: true,
              })
            }
            options={[
              [
                'table',
                <>
                  <Table2 size={14} aria-hidden /> Table
                </>,
              ],
              [
                'chart',
                <>
                  <ChartLine size={14} aria-hidden /> Chart
                </>,
              ],
            ]}
          />
          <Downloads question={of} />
        </>
      }
    >
      {show === 'chart' ? <ResultChart key={columnsKey(result)} result={result} /> : <ResultTable result={result} />}
    </Panel>
  )
}

const columnsKey = ({ columns }: Result): string => columns.map(({ name, type }) => `${name} ${type}`).join('\n')

function Told({
  result,
  at,
  isOld,
}: {
  readonly result: Result
  readonly at: string
  /** The next one is awaited. */
  readonly isOld: boolean
}) {
  return (
    <span role="status" className="font-normal">
      <b className="font-semibold">
        {result.isCut ? `The first ${count(result.rows.length)} rows` : counted(result.rows.length, 'row')}
      </b>{' '}
      <span className="text-xs text-ink-faint">
        {counted(result.columns.length, 'column')}, took {span(result.tookMs)}
        {at !== '' && `, as of ${at}`}
      </span>
      {result.isCut && <span className="ml-2 text-xs text-stale">there are more; download them, or add a limit</span>}
      {isOld && <span className="ml-2 text-xs text-stale">the answer before; the next is awaited</span>}
    </span>
  )
}

const formats = [
  ['csv', 'CSV'],
  ['parquet', 'Parquet'],
  ['arrow', 'Arrow'],
  ['json', 'JSON'],
] as const

/** All rows, not only those that are shown. */
function Downloads({ question: { text, at } }: { readonly question: Question }) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const get = async (format: (typeof formats)[number][0]): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await download('sqlDownload', { text, format, ...(at !== '' && { at }) }, `answer.${format}`)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {error !== undefined && (
        <span role="alert" className="text-xs text-failed">
          {error instanceof Error ? error.message : String(error)}
        </span>
      )}
      <Menu
        trigger={
          <Button icon={Download} busy={isBusy}>
            Download
          </Button>
        }
      >
        {formats.map(([format, name]) => (
          <MenuItem key={format} onSelect={() => void get(format)}>
            {name}
          </MenuItem>
        ))}
      </Menu>
    </>
  )
}

function Examples({
  tables,
  onExample,
}: {
  readonly tables: Answer<'sqlTables'>['items']
  readonly onExample: (text: string) => void
}) {
  const examples = examplesOf(tables)
  return (
    <div className="mx-auto max-w-2xl">
      <Empty icon={DatabaseZap} title="Ask the lake">
        Write a SELECT above, or begin with one of these.
      </Empty>
      <ul className="grid gap-2 sm:grid-cols-2">
        {examples.map(({ name, text }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => onExample(text)}
              className="flex h-full w-full flex-col rounded-lg border border-line p-3 text-left hover:border-line-strong hover:bg-sunken"
            >
              <span className="text-sm font-medium">{name}</span>
              <span className="mt-1 line-clamp-5 font-mono text-xs whitespace-pre-wrap text-ink-faint">{text}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
