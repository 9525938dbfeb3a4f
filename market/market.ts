/** Canonical markets: `BTC-USDT` is spot, `BTC-USDT-PERP` a perpetual that settles in its quote. */

declare const brand: unique symbol

/** A canonical market as text; made by `marketText` and checked by `isMarket`, never by a cast. */
export type Market = string & { readonly [brand]: 'market' }

export type MarketType = 'spot' | 'perp'

/** What a market is. `settle` is there for contracts; dated futures will add `expiry`, inverse ones another `settle`. */
export interface MarketParts {
  readonly base: string
  readonly quote: string
  readonly settle?: string
  readonly type: MarketType
}

// Quote first where two could end a glued symbol: BTCFDUSD is BTC-FDUSD, not BTCFD-USD.
const quotes = ['FDUSD', 'USDT', 'USDC', 'BUSD', 'TUSD', 'USD', 'EUR', 'BTC', 'ETH', 'BNB']
const coin = /^[A-Z0-9]{1,24}$/

/** Reads a canonical market. Throws an Error that names the nearest right form. */
export function parseMarket(text: string): MarketParts {
  const parts = partsOf(text)
  if (parts) return parts
  const nearest = nearestMarket(text)
  throw new Error(
    `expected a market such as "BTC-USDT" (spot) or "BTC-USDT-PERP" (perpetual), got "${text}"` +
      (nearest ? `; did you mean "${nearest}"?` : ''),
  )
}

/** The canonical text of a market. Throws an Error when the parts have none. */
export function marketText(parts: MarketParts): Market {
  const { base, quote, type, settle = quote } = parts
  const text = type === 'spot' ? `${base}-${quote}` : `${base}-${quote}-PERP`
  if (!isMarket(text)) throw new Error(`expected base and quote in capitals and digits, got "${base}" and "${quote}"`)
  if (type === 'perp' && settle !== quote) {
    throw new Error(
      `market "${text}" settles in "${settle}": only perpetuals that settle in their quote have a name yet`,
    )
  }
  return text
}

export function isMarket(text: string): text is Market {
  return partsOf(text) !== undefined
}

function partsOf(text: string): MarketParts | undefined {
  const [base = '', quote = '', suffix, ...rest] = text.split('-')
  if (!coin.test(base) || !coin.test(quote) || quote === 'PERP' || rest.length > 0) return undefined
  if (suffix === undefined) return { base, quote, type: 'spot' }
  return suffix === 'PERP' ? { base, quote, settle: quote, type: 'perp' } : undefined
}

/** The canonical market that a person most likely meant by `btc/usdt`, `BTC/USDT:USDT`, `BTC_USDT` or `BTCUSDT`. */
export function nearestMarket(text: string): Market | undefined {
  const wished = text.trim().toUpperCase()
  const isPerp = /:|[-_ ](PERP|SWAP)$|PERP$/.test(wished)
  const pair = wished.replace(/:.*$/, '').replace(/[-_/ ]?(PERP|SWAP)$/, '')
  const [base, quote] = /[-_/ ]/.test(pair) ? pair.split(/[-_/ ]+/) : splitGlued(pair)
  const guess = `${base}-${quote}${isPerp ? '-PERP' : ''}`
  return base && quote && isMarket(guess) ? guess : undefined
}

function splitGlued(pair: string): readonly string[] {
  const quote = quotes.find((end) => pair.endsWith(end) && pair.length > end.length)
  return quote ? [pair.slice(0, -quote.length), quote] : []
}
