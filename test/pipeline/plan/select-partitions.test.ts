import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, keyed, monthly, parsePartitions, partitionsIn } from '#pipeline'

const now = new Date('2024-03-05T12:00:00Z')
const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })
const month = monthly({ since: '2024-01', endOffset: 1 })
const market = keyed(['BTC-USDT', 'ETH-USDT'])

const candles = defineAsset({ name: 'candles', partitions: { date, market }, output, run: () => [] })
const dataset = defineAsset({ name: 'dataset', partitions: { month }, output, run: () => [] })
const markets = defineAsset({ name: 'markets', partitions: { market }, output, run: () => [] })
const release = defineAsset({ name: 'release', output, run: () => [] })

const selected = (asset: Parameters<typeof partitionsIn>[0], text: string) =>
  partitionsIn(asset, parsePartitions([asset], text, now), now)

test.each([
  ['2024-01-02', ['date=2024-01-02/market=BTC-USDT', 'date=2024-01-02/market=ETH-USDT']],
  ['2024-01-02,market=ETH-USDT', ['date=2024-01-02/market=ETH-USDT']],
  ['date=2024-01-02/market=ETH-USDT', ['date=2024-01-02/market=ETH-USDT']],
  ['ETH-USDT 2024', undefined],
  ['2024-01-31..2024-02-01,market=BTC-USDT', ['date=2024-01-31/market=BTC-USDT', 'date=2024-02-01/market=BTC-USDT']],
  ['2024-01-05,2024-01-02,market=BTC-USDT', ['date=2024-01-02/market=BTC-USDT', 'date=2024-01-05/market=BTC-USDT']],
] as const)('"%s" selects', (text, keys) => {
  if (keys) expect(selected(candles, text)).toEqual(keys)
  else expect(() => selected(candles, text)).toThrow()
})

test('a bare value is the only dimension of an asset', () => {
  expect(selected(markets, 'ETH-USDT')).toEqual(['market=ETH-USDT'])
})

test('nothing said is every partition that exists', () => {
  expect(selected(candles, '')).toHaveLength(2 * 64)
})

test('a day selects the month that overlaps it', () => {
  const filter = parsePartitions([candles, dataset], '2024-01-31..2024-02-01', now)

  expect(partitionsIn(dataset, filter, now)).toEqual(['month=2024-01', 'month=2024-02'])
  expect(partitionsIn(release, filter, now)).toEqual([''])
})

test('a span ends before its end', () => {
  const [start, end] = [Date.parse('2024-01-01'), Date.parse('2024-02-01')]

  expect(partitionsIn(dataset, { keys: {}, spans: [{ start, end }] }, now)).toEqual(['month=2024-01'])
})

test.each([
  ['2024-03-05', 'does not exist yet or any more: it has 2024-01-01 to 2024-03-04'],
  ['2023-12-31', 'does not exist yet or any more'],
  [
    '2024-01-31..2024-01-01',
    'partition range starts after it ends: "2024-01-31" is later than "2024-01-01"; swap them',
  ],
  ['2024-02-30', 'partition "2024-02-30" does not fit: expected a UTC day'],
  ['market=BTC-USDC', 'no market is called "BTC-USDC"; did you mean "BTC-USDT"?'],
  ['venue=binance', 'asset "candles" has no dimension "venue"; it has date, market'],
])('"%s" is refused before anything runs', (text, message) => {
  expect(() => parsePartitions([candles], text, now)).toThrow(message)
})

test('an asset that is not cut takes no partition', () => {
  expect(() => parsePartitions([release], '2024-01-01', now)).toThrow('asset "release" is not partitioned')
})
