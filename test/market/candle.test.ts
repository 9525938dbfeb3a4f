import { expect, test } from 'vitest'
import { BronzeCandle, ResampledCandle, SilverCandle } from '../../market/candle.ts'

const shared = [
  ...['exchange', 'market', 'interval', 'open_time', 'open', 'high', 'low', 'close', 'volume', 'quote_volume'],
  ...['trades', 'taker_buy_volume', 'taker_buy_quote_volume'],
]
const said: BronzeCandle = {
  exchange: 'binance',
  market: 'BTC-USDT',
  interval: '1h',
  open_time: Date.UTC(2024, 0, 1),
  open: '42283.58000000',
  high: '42554.57',
  low: '42261.02',
  close: '42475.23',
  volume: '1271.68108',
  quote_volume: null,
  trades: null,
  taker_buy_volume: null,
  taker_buy_quote_volume: null,
  received_at: Date.UTC(2024, 0, 2),
}

test.each([
  ['bronze', BronzeCandle, ['received_at']],
  ['silver', SilverCandle, ['is_flat', 'is_zero_volume', 'is_outlier', 'source_rows']],
  ['resampled', ResampledCandle, ['n_source', 'complete']],
] as const)('the columns of a %s candle come in one order', (_, schema, own) => {
  expect(Object.keys(schema.shape)).toEqual([...shared, ...own])
})

test('bronze keeps the text of the exchange', () => {
  expect(BronzeCandle.parse(said)).toEqual(said)
})

test.each([{ open: '1e5' }, { open: 42283.58 }, { open: '-1' }, { open_time: 0.5 }, { interval: '7m' }, { extra: 1 }])(
  'bronze refuses %j',
  (change) => {
    expect(BronzeCandle.safeParse({ ...said, ...change }).success).toBe(false)
  },
)

test('every column says what it holds, and times are timestamps', () => {
  const columns = Object.values({ ...BronzeCandle.shape, ...SilverCandle.shape, ...ResampledCandle.shape })
  const metas = columns.map((column) =>
    'unwrap' in column ? { ...column.unwrap().meta(), ...column.meta() } : column.meta(),
  )

  expect(metas.filter((meta) => !meta?.description)).toEqual([])
  expect(BronzeCandle.shape.open_time.meta()).toMatchObject({ column: 'timestamp' })
})
