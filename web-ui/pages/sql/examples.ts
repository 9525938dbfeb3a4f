import type { Answer } from '../../../server/contract/contract.ts'
import { isNumeric } from './values.ts'

type Table = Answer<'sqlTables'>['items'][number]

export interface Example {
  readonly name: string
  readonly text: string
}

/** Questions to begin with, of the tables that are there. */
export function examplesOf(tables: Answer<'sqlTables'>['items']): readonly Example[] {
  const full = tables.toSorted((a, b) => b.rows - a.rows)
  // Of some the numbers are text, as an exchange sent them: nothing can be added up there.
  const candles = full.filter(
    ({ columns }) =>
      hasAll(columns, ['open_time', 'high', 'low', 'close', 'volume']) &&
      columns.every(({ name, type }) => !/^(high|low|close|volume)$/.test(name) || isNumeric(type)),
  )
  const coarse = candles.find(({ columns }) => hasAll(columns, ['interval'])) ?? candles[0]
  const largest = full[0]
  if (!largest) return []
  return [
    { name: `The first rows of ${largest.name}`, text: `select * from ${largest.name} limit 100` },
    ...(coarse
      ? [
          {
            name: 'Daily close and volume of each market',
            text: [
              `select market,${has(coarse, 'interval') ? ' interval,' : ''} date_trunc('day', open_time) as day,`,
              '  arg_max(close, open_time) as close, sum(volume) as volume',
              `from ${coarse.name}`,
              'group by all',
              'order by all',
            ].join('\n'),
          },
          {
            name: 'The widest candles',
            text: [
              `select market,${has(coarse, 'interval') ? ' interval,' : ''} open_time, high / low - 1 as width, volume`,
              `from ${coarse.name}`,
              'order by width desc',
              'limit 50',
            ].join('\n'),
          },
        ]
      : []),
    { name: `What each column of ${largest.name} holds`, text: `select * from (summarize ${largest.name})` },
  ]
}

const has = ({ columns }: Table, name: string): boolean => hasAll(columns, [name])

const hasAll = (columns: readonly { readonly name: string }[], names: readonly string[]): boolean =>
  names.every((name) => columns.some((column) => column.name === name))
