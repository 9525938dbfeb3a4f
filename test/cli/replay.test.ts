import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bullion, root, temporaryFolder } from './run-bullion.ts'

const data = process.env.BULLION_MARKET_DATA ?? resolve(root, '../shared/market-data')
const isThere = existsSync(join(data, 'ohlcv/binance'))
if (!isThere)
  process.stderr.write(`\nNO RECORDED MARKET DATA at ${data}: the replay of eight years is NOT tested here\n\n`)

/** One recorded daily candle of Binance: open time, open, high, low, close, … */
type RecordedDay = readonly [number, string, string, string, string, ...unknown[]]

const recordedDays = (name: string) =>
  JSON.parse(readFileSync(join(data, `rest/binance/${name}.body.json`), 'utf8')) as readonly RecordedDay[]

describe.skipIf(!isThere)(
  `the whole recorded Binance spot series${isThere ? '' : ' (SKIPPED: no recorded data here)'}`,
  () => {
    test('eight years become 70,006 rows with 27 gaps; again, nothing is written; hours make the recorded days', async () => {
      const home = join(temporaryFolder(), 'home')
      const demo = ['demo', '--replay', data, '--market', 'BTC-USDT', '--interval', '1h', '--json', '--home', home]

      const first = await bullion(demo)
      expect(first.code).toBe(0)
      const summary = JSON.parse(first.out)
      expect(summary.assets[0]).toMatchObject({ asset: 'bronze_binance_ohlcv', rows: 70_006, checksFailed: 0 })
      expect(summary.gaps).toBe(27)
      expect(summary.missingCandles).toBe(122)
      // 70,006 candles in pages of 1,000 are 71 requests at the least.
      expect(summary.requests.candles).toBeLessThanOrEqual(1.1 * 71)

      const count = () => readdirSync(join(home, 'lake'), { recursive: true }).length
      const files = count()
      const second = JSON.parse((await bullion(demo)).out)
      expect(second.counts.planned).toEqual({})
      expect(count()).toBe(files)

      const gaps = `select count(*)::int as gaps, sum(missing)::int as missing from (select unnest(from_json(metadata->'gaps', '[{"missing":"BIGINT"}]')).missing as missing from bullion_materializations where asset = 'bronze_binance_ohlcv')`
      // Over midnight a gap is recorded in both days; the missing hours are those.
      expect((await bullion(['query', gaps, '--format', 'csv', '--home', home])).out).toMatch(
        /^gaps,missing\n\d+,122\n$/,
      )

      const days = `select epoch_ms(open_time) as t, open, high, low, close from silver_ohlcv_resampled where interval = '1d' and complete`
      const made = JSON.parse((await bullion(['query', days, '--format', 'json', '--home', home])).out) as Record<
        string,
        number
      >[]
      const byDay = new Map(made.map((day) => [day.t, day]))
      for (const [name, expected] of [
        ['klines_spot_BTCUSDT_1d_365_3', 360],
        ['klines_spot_BTCUSDT_1d_168_7', 164],
      ] as const) {
        const full = recordedDays(name).filter(([time]) => byDay.has(time))
        expect(full).toHaveLength(expected)
        for (const [time, open, high, low, close] of full) {
          const prices = { open: Number(open), high: Number(high), low: Number(low), close: Number(close) }
          expect(byDay.get(time)).toMatchObject(prices)
        }
      }
    }, 300_000)
  },
)
