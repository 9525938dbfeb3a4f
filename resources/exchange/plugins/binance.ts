/** Binance: spot and USD-M perpetuals. One id, BTCUSDT, is two markets here; the path tells them apart. */

import { ccxtExchange } from '../ccxt-exchange.ts'
import type { ExchangePlugin } from '../registry.ts'

export const binance: ExchangePlugin = {
  id: 'binance',
  open: (options) =>
    ccxtExchange(
      {
        id: 'binance',
        className: 'binance',
        options: { fetchMarkets: { types: ['spot', 'linear'] } },
        marketTypes: ['spot', 'perp'],
        intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
        // USD-M would give 1,500; ccxt cuts every request at 1,000.
        pageLimit: 1000,
        rows: {
          timeUnit: 'ms',
          columns: {
            open_time: 0,
            open: 1,
            high: 2,
            low: 3,
            close: 4,
            volume: 5,
            quote_volume: 7,
            trades: 8,
            taker_buy_volume: 9,
            taker_buy_quote_volume: 10,
          },
        },
        budgets: {
          spot: { perMinute: 6000, markets: 20, time: 1, candles: [{ upTo: 1000, weight: 2 }] },
          perp: {
            perMinute: 2400,
            markets: 1,
            time: 1,
            candles: [
              { upTo: 99, weight: 1 },
              { upTo: 499, weight: 2 },
              { upTo: 1000, weight: 5 },
            ],
          },
        },
      },
      options,
    ),
}
