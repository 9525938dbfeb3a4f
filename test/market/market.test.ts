import { expect, test } from 'vitest'
import { isMarket, marketText, nearestMarket, parseMarket } from '../../market/market.ts'

test('a spot market is base and quote', () => {
  expect(parseMarket('BTC-USDT')).toEqual({ base: 'BTC', quote: 'USDT', type: 'spot' })
})

test('a perpetual settles in its quote', () => {
  expect(parseMarket('1000PEPE-USDT-PERP')).toEqual({ base: '1000PEPE', quote: 'USDT', settle: 'USDT', type: 'perp' })
})

test.each(['BTC-USDT', 'BTC-USDT-PERP', 'PERP-USDT', 'ETH-BTC'])('%s survives being taken apart', (text) => {
  expect(marketText(parseMarket(text))).toBe(text)
})

test.each([
  ['btc-usdt', 'BTC-USDT'],
  ['BTC/USDT', 'BTC-USDT'],
  ['BTC/USDT:USDT', 'BTC-USDT-PERP'],
  ['BTC_USDT', 'BTC-USDT'],
  ['BTCUSDT', 'BTC-USDT'],
  ['BTCFDUSD', 'BTC-FDUSD'],
  ['ETH-USDT-SWAP', 'ETH-USDT-PERP'],
])('%s is refused, and %s is offered', (text, meant) => {
  expect(nearestMarket(text)).toBe(meant)
  expect(() => parseMarket(text)).toThrow(`got "${text}"; did you mean "${meant}"?`)
})

test.each(['', 'BTC', 'BTC-', '-USDT', 'BTC-PERP', 'BTC-USDT-240628', 'A-B-PERP-C', 'BTC USDT\n'])(
  '%j is no market',
  (text) => {
    expect(isMarket(text)).toBe(false)
  },
)

test('a contract that settles in its base has no name yet', () => {
  const inverse = { base: 'BTC', quote: 'USD', settle: 'BTC', type: 'perp' } as const

  expect(() => marketText(inverse)).toThrow('settles in "BTC"')
})
