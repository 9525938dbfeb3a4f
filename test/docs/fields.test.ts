import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { columnsOf } from '#pipeline'
import { DatasetCandle } from '../../assets/gold/ohlcv.ts'
import { ReleasedFile } from '../../assets/gold/release.ts'
import { catalogueColumns } from '../../cli/query.ts'
import { BronzeCandle, ResampledCandle, SilverCandle } from '../../market/candle.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/fields.md'), 'utf8')

test.each(Object.entries({ BronzeCandle, SilverCandle, ResampledCandle, DatasetCandle, ReleasedFile }))(
  'each column of %s is on the page of fields',
  (_, schema) => {
    const absent = columnsOf(schema).filter(({ name }) => !page.includes(`\`${name}\``))

    expect(absent.map(({ name }) => name)).toEqual([])
  },
)

test('each column of the catalogue is on the page of fields', () => {
  const [, section = ''] = page.split('\n## `bullion_materializations`')

  expect(catalogueColumns.filter(({ name }) => !section.includes(`\`${name}\``))).toEqual([])
})
