import { expect, test } from 'vitest'
import { type RowFormat, readRow } from '../../../resources/exchange/raw-candle.ts'

const list: RowFormat = {
  timeUnit: 'ms',
  columns: { open_time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, trades: 6 },
}
const row = [1704067200000, '42283.58000000', '42554.57', '42261.02', '42475.23', '1271.68', 47134]

test('text is kept as it came, and what is not given is null', () => {
  expect(readRow(row, list)).toEqual({
    open_time: 1704067200000,
    open: '42283.58000000',
    high: '42554.57',
    low: '42261.02',
    close: '42475.23',
    volume: '1271.68',
    quote_volume: null,
    trades: 47134,
    taker_buy_volume: null,
    taker_buy_quote_volume: null,
  })
})

test('rows of names in seconds are read by the same table', () => {
  const named: RowFormat = {
    timeUnit: 's',
    columns: { open_time: 'start', open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
  }
  const coinbase = { start: '1704067200', low: '42261', high: '42554', open: '42283', close: '42475', volume: '3.5' }

  expect(readRow(coinbase, named)).toMatchObject({
    open_time: 1704067200000,
    open: '42283',
    low: '42261',
    trades: null,
  })
})

test('JSON numbers are written without an exponent', () => {
  expect(readRow(row.with(5, 0.0000001), list)).toMatchObject({ volume: '0.0000001' })
})

test.each([
  ['a price that is no decimal', row.with(1, '0.-10000'), 'decimal prices and amounts'],
  ['a negative price', row.with(3, '-1'), 'decimal prices and amounts'],
  ['a price that is missing', row.with(4, null as never), 'decimal prices and amounts'],
  ['a count that is no number', row.with(6, 'many'), 'decimal prices and amounts'],
  ['a time that is no number', row.with(0, '0001-01-01'), 'an open time'],
  ['something that is no row', 'error', 'rows of values'],
])('%s is a problem', (_, value, expected) => {
  expect(readRow(value, list)).toMatchObject({ expected, got: expect.any(String) })
})
