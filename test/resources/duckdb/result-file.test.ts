import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { expect, test } from 'vitest'
import { resultFile } from '../../../resources/duckdb/result-file.ts'
import { untrustedQuery } from '../../../resources/duckdb/untrusted-query.ts'

/** Every type that a result may have, a null in each, and what is hard to write down. */
const text = `select * from (values
    (timestamp_ms '2024-01-02 03:04:05.678', date '2024-01-02', 1::bigint, 2.5::double, true, 'a,"b"', [1, 2], interval 1 day,
     9223372036854775807::bigint, 170141183460469231731687303715884105727::hugeint, 1.25::decimal(9, 2), 3::hugeint),
    (timestamp_ms '2024-01-02 00:00:00', null, null, null, null, 'ü' || chr(10), null, null, null, null, null, null)
  ) as t(moment, day, n, x, yes, words, list, span, large, huge, money, small)`

const ask = () =>
  untrustedQuery(text, {
    tables: [],
    limits: { memoryMb: 128, timeoutMs: 20_000, rows: 100 },
    signal: new AbortController().signal,
  })

test('CSV has instants as text, quotes what must be and leaves nulls empty', async () => {
  const csv = new TextDecoder().decode(await resultFile(await ask(), 'csv'))

  const [names, first, ...rest] = csv.split('\n')
  expect(names).toBe('moment,day,n,x,yes,words,list,span,large,huge,money,small')
  expect(first).toMatch(/^2024-01-02T03:04:05\.678Z,2024-01-02,1,2\.5,true,"a,""b""","\[1,2\]",/)
  expect(first).toMatch(/,9223372036854775807,170141183460469231731687303715884105727,1\.25,3$/)
  expect(rest.join('\n')).toBe('2024-01-02T00:00:00Z,,,,,"ü\n",,,,,,\n')
})

test('JSON keeps numbers that it can hold, and the others as text', async () => {
  const [row, empty] = JSON.parse(new TextDecoder().decode(await resultFile(await ask(), 'json')))

  expect(row).toMatchObject({
    moment: '2024-01-02T03:04:05.678Z',
    n: 1,
    x: 2.5,
    yes: true,
    list: [1, 2],
    money: 1.25,
    small: 3,
  })
  expect(row.large).toBe('9223372036854775807')
  expect(empty).toMatchObject({ n: null, list: null, huge: null })
})

test('Arrow is a stream of typed columns', async () => {
  const table = tableFromIPC(await resultFile(await ask(), 'arrow'))

  const types = Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)]))
  expect(types).toMatchObject({
    moment: 'Timestamp<MILLISECOND>',
    n: 'Int64',
    x: 'Float64',
    yes: 'Bool',
    words: 'Utf8',
  })
  expect(types).toMatchObject({
    large: 'Int64',
    huge: 'Utf8',
    money: 'Float64',
    small: 'Int64',
    span: 'Utf8',
    list: 'Utf8',
  })
  expect(table.numRows).toBe(2)
  expect(table.get(0)!.toJSON()).toMatchObject({ n: 1n, large: 9223372036854775807n, words: 'a,"b"' })
  expect(Number(table.getChild('moment')!.get(0))).toBe(Date.parse('2024-01-02T03:04:05.678Z'))
  expect(table.get(1)!.toJSON()).toMatchObject({ n: null, x: null, yes: null, list: null })
})

test('parquet has the same types', async () => {
  const bytes = await resultFile(await ask(), 'parquet')

  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const [row, empty] = await parquetReadObjects({ file, compressors })
  expect(row).toMatchObject({ moment: new Date('2024-01-02T03:04:05.678Z'), n: 1n, x: 2.5, yes: true, small: 3n })
  expect(row!.large).toBe(9223372036854775807n)
  expect(empty).toMatchObject({ n: null, huge: null })
})

test('a result of no rows has its columns all the same', async () => {
  const limits = { memoryMb: 128, timeoutMs: 20_000, rows: 100 }
  const signal = new AbortController().signal
  const none = await untrustedQuery('select 1::bigint as n, now() as at where false', { tables: [], limits, signal })

  expect(new TextDecoder().decode(await resultFile(none, 'csv'))).toBe('n,at\n')
  const table = tableFromIPC(await resultFile(none, 'arrow'))
  expect(table.schema.fields.map(({ name }) => name)).toEqual(['n', 'at'])
})
