/** Where the recorded market data lies, for the tests that need it; they skip, and say so, when it is not there. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export const marketData = process.env.BULLION_MARKET_DATA ?? resolve(import.meta.dirname, '../../../shared/market-data')
export const hasMarketData = existsSync(marketData)

/** The title of a suite on recorded data: a skipped one shows why. */
export const onRecordings = (title: string): string =>
  hasMarketData ? title : `${title} (SKIPPED: no recorded market data in "${marketData}", set BULLION_MARKET_DATA)`

if (!hasMarketData) console.warn(`recorded market data not found in "${marketData}": tests on it are skipped`)
