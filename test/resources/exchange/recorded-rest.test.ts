import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Interval, intervalMs } from '../../../market/interval.ts'
import { nearestMarket } from '../../../market/market.ts'
import { hasMarketData, marketData, onRecordings } from '../../sandbox/market-data.ts'
import { type OpenSandbox, openSandbox, unhurried } from './open-sandbox.ts'

interface Fixture {
  readonly name: string
  readonly request: { readonly path: string; readonly query: string }
  readonly body_file: string
  readonly body_sha256: string
  readonly http_status: number
  readonly ccxt: {
    readonly issued?: readonly string[]
    readonly args: readonly [symbol: string, interval: Interval, since: number, limit: number]
    readonly result: readonly (readonly number[])[] & { readonly byType: Readonly<Record<string, number>> }
  } | null
}

const folder = join(marketData, 'rest', 'binance')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const fixtures: readonly Fixture[] = (hasMarketData ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.fixture.json'))
  .map((file) => ({ name: file.replace('.fixture.json', ''), ...JSON.parse(read(file)) }))

// The port speaks of markets and candles, spot and USD-M.
const isCovered = ({ name }: Fixture) => /^(klines|exchangeInfo)_(spot|usdm)_/.test(name)
const candleFixtures = fixtures.filter((fixture) => isCovered(fixture) && fixture.name.startsWith('klines'))
const named = (start: string) => fixtures.find(({ name }) => name.startsWith(start))!
const isInverse = (name: string) => name.includes('_coinm_')

describe.skipIf(!hasMarketData)(onRecordings("Binance's recorded answers"), () => {
  let on: OpenSandbox
  beforeAll(async () => {
    on = await openSandbox({ recordings: folder, now: Date.now }, { now: Date.now })
  })
  afterAll(() => on.close())

  test.each(fixtures)('$name is served byte for byte', async ({ request, ccxt, body_sha256, http_status }) => {
    const target = ccxt?.issued?.[0]?.replace('GET ', '') ?? `${request.path}?${request.query}`
    const answer = await fetch(on.sandbox.url + target)

    expect(answer.status).toBe(http_status)
    expect(
      createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex'),
    ).toBe(body_sha256)
  })

  test.each(candleFixtures)('$name reads as ccxt read it, and keeps all its text', async ({ ccxt, body_file }) => {
    const [symbol, interval, start] = ccxt!.args
    const end = ccxt!.result.at(-1)![0]! + intervalMs(interval)
    const ask = { market: nearestMarket(symbol)!, interval, start, end }
    const pages = await Array.fromAsync(on.exchange.candles({ ...ask, signal: unhurried }))

    const candles = pages.flatMap((page) => page.candles)
    const numbers = candles.map(({ open_time, open, high, low, close, volume }) => [
      open_time,
      ...[open, high, low, close, volume].map(Number),
    ])
    const texts = candles.map((candle) => [
      candle.open_time,
      ...[candle.open, candle.high, candle.low, candle.close, candle.volume],
      ...[candle.quote_volume, candle.trades, candle.taker_buy_volume, candle.taker_buy_quote_volume],
    ])
    const body = JSON.parse(read(body_file)) as (string | number)[][]
    expect(numbers).toEqual(ccxt!.result)
    expect(texts).toEqual(body.map((row) => [...row.slice(0, 6), ...row.slice(7, 11)]))
    expect(pages).toHaveLength(1)
  })

  test('exchangeInfo_spot and exchangeInfo_usdm list as many markets as ccxt found in them', async () => {
    const markets = await on.exchange.markets(unhurried)
    const { spot, swap } = named('exchangeInfo_spot').ccxt!.result.byType
    const coinm = JSON.parse(read(named('exchangeInfo_coinm').body_file)) as { symbols: { contractType: string }[] }
    const inverse = coinm.symbols.filter(({ contractType }) => contractType === 'PERPETUAL')

    expect(markets.filter(({ type }) => type === 'spot')).toHaveLength(spot!)
    expect(markets.filter(({ type }) => type === 'perp')).toHaveLength(swap! - inverse.length)
    expect(markets).toContainEqual({ market: 'BTC-USDT', active: true, type: 'spot' })
    expect(markets).toContainEqual({ market: 'BTC-USDT-PERP', active: true, type: 'perp' })
  })

  test('what is covered is not less than it was', () => {
    expect(fixtures.filter(isCovered)).toHaveLength(13)
  })
})

// Not covered, each with its reason: served and checked byte for byte above, but no question of the port leads to them.
test.skip.each(
  fixtures
    .filter((fixture) => !isCovered(fixture))
    .map(({ name }) => ({
      name,
      why: isInverse(name) ? 'inverse contracts have no market name yet' : 'not about candles',
    })),
)('$name: $why', () => {})
