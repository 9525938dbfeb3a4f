import { describe, expect, test } from 'vitest'
import { recordedSeries } from '../../sandbox/recorded-series.ts'
import { hasMarketData, marketData, onRecordings } from './market-data.ts'

const now = Date.UTC(2026, 10, 1)
const all = { from: 0, to: Number.MAX_SAFE_INTEGER, now }

describe.skipIf(!hasMarketData)(onRecordings('recorded candles'), async () => {
  const { series, recorded } = hasMarketData ? await recordedSeries(marketData) : { series: [], recorded: [] }
  const of = (market: string) => series.find((one) => one.market === market)!

  test('every series of the recording is there, mark prices left out', () => {
    expect(recorded.map(({ market, interval, rows }) => `${market} ${interval} ${rows}`)).toEqual([
      'BTC-USDT 1h 70006',
      'ETH-USDT 1h 70006',
      'BTC-USDT-PERP 15m 102784',
      'BTC-USDT-PERP 1h 58623',
      'ETH-USDT-PERP 1h 56713',
      'SUI-USDT-PERP 1m 48105',
    ])
  })

  test('what was not recorded is null and never invented', () => {
    const [row] = of('BTC-USDT').klines({ ...all, interval: '1h', limit: 1 })

    expect(row).toEqual({
      openTime: Date.UTC(2018, 0, 1),
      open: '13715.65',
      high: '13715.65',
      low: '13400.01',
      close: '13529.01',
      volume: '443.356199',
      quoteVolume: null,
      trades: null,
      takerBuyVolume: null,
      takerBuyQuoteVolume: null,
    })
  })

  test('longer candles are made from the finest recording that divides them', () => {
    const [hour] = of('SUI-USDT-PERP').klines({ ...all, interval: '1h', limit: 1 })
    const minutes = of('SUI-USDT-PERP').klines({ ...all, interval: '1m', limit: 60 })

    expect(hour).toMatchObject({ open: minutes[0]!.open, close: minutes.at(-1)!.close })
    expect(Number(hour!.volume)).toBeCloseTo(
      minutes.reduce((so, { volume }) => so + Number(volume), 0),
      6,
    )
  })

  test('the very interval is preferred to one made from shorter candles', () => {
    const at = Date.UTC(2024, 9, 28, 20)
    const [hour] = of('BTC-USDT-PERP').klines({ interval: '1h', from: at, to: at, limit: 1, now })

    // The exchange's own 15-minute candles of this hour are flat filler without volume.
    expect(Number(hour!.volume)).toBeGreaterThan(5000)
  })

  test('nothing is made from longer candles', () => {
    expect(of('BTC-USDT').klines({ ...all, interval: '1m', limit: 10 })).toEqual([])
  })

  test('without a start the newest candles come, ascending', () => {
    const rows = of('BTC-USDT').klines({ ...all, from: undefined, interval: '4h', limit: 2 })

    expect(rows.map(({ openTime }) => openTime)).toEqual([Date.UTC(2025, 11, 31, 16), Date.UTC(2025, 11, 31, 20)])
  })
})

test('a folder without recordings is refused by name', async () => {
  await expect(recordedSeries('/nowhere')).rejects.toThrow('expected recorded candles in "/nowhere/ohlcv/binance"')
})
