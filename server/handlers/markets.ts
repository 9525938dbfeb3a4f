import type { marketEndpoints } from '../contract/markets.ts'
import { readCandles } from '../query/candles.ts'
import { listMarkets } from '../query/markets.ts'
import type { Handlers } from '../served.ts'

export const marketHandlers: Handlers<keyof typeof marketEndpoints> = {
  markets: ({ engine }, _, { signal }) => listMarkets(engine, signal),
  candles: ({ engine }, asked, { signal }) => readCandles(engine, asked, signal),
}
