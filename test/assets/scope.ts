import { daily, keyed, monthly } from '#pipeline'
import type { Scope } from '../../assets/scope.ts'
import type { Interval } from '../../market/interval.ts'

export const day = Date.parse('2024-01-01T00:00:00Z')
export const minute = 60_000
export const hour = 60 * minute

/** What the assets under test collect: one market of an exchange that is called "test". */
export const scopeOf = (interval: Interval): Scope => ({
  exchange: 'test',
  interval,
  date: daily({ since: '2024-01-01' }),
  month: monthly({ since: '2024-01' }),
  market: keyed(['BTC-USDT']),
})

export const partition = {
  date: { unit: 'day', start: new Date(day), end: new Date(day + 24 * hour) },
  market: 'BTC-USDT',
} as const
