import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ColumnSpec } from '#pipeline'
import { columnsOf } from '#pipeline'
import { DatasetCandle } from '../../assets/gold/ohlcv.ts'
import { ReleasedFile } from '../../assets/gold/release.ts'
import { catalogueColumns } from '../../cli/query.ts'
import { BronzeCandle, ResampledCandle, SilverCandle } from '../../market/candle.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/fields.md'), 'utf8')

test.each<[string, readonly ColumnSpec[]]>([
  ['bronze_binance_ohlcv', columnsOf(BronzeCandle)],
  ['silver_ohlcv_normalized', columnsOf(SilverCandle)],
  ['silver_ohlcv_resampled', columnsOf(ResampledCandle)],
  ['gold_huggingface_ohlcv', columnsOf(DatasetCandle)],
  ['gold_huggingface_release', columnsOf(ReleasedFile)],
  ['bullion_materializations', catalogueColumns],
])(
  'docs/fields.md says of every column of %s what it means, where it is from, and whether it may be null',
  (table, columns) => {
    const section = page.split('\n## ').find((part) => part.startsWith(`\`${table}\``)) ?? ''
    const rows = [...section.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, name, cells]) => [
      name,
      ...cells!.split(' | ').map((cell) => cell.trim()),
    ])

    expect(rows.map(([name, type, , , isNullable]) => [name, type, isNullable])).toEqual(
      columns.map(({ name, type, nullable }) => [name, type, nullable ? 'yes' : 'no']),
    )
    for (const [index, { unit }] of columns.entries()) if (unit) expect(rows[index]![3]).toBe(unit)
    for (const [, , meaning, , , source] of rows) expect([meaning, source]).not.toContain('')
  },
)
