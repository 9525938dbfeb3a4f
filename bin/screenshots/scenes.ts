import type { Page } from 'playwright-core'

/** A page in a state: where it is, and what is done on it before it is looked at. */
export interface Scene {
  readonly name: string
  readonly path: string
  /** Seen by who is not let in. */
  readonly isOutside?: boolean
  readonly act?: (page: Page) => Promise<void>
}

const bronze = 'bronze_binance_ohlcv'
const silver = 'silver_ohlcv_normalized'
const closes = [
  "select date_trunc('hour', open_time) as hour, market, arg_max(close, open_time) as close, sum(volume) as volume",
  `from ${silver}`,
  'group by all',
  'order by all',
].join('\n')

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()

/** Of the month of the product. */
export function scenesOfMonth(on: {
  readonly dayOf: (ago: number) => number
  readonly runs: { readonly failed: string; readonly good: string }
}): readonly Scene[] {
  const day = (ago: number): string => new Date(on.dayOf(ago)).toISOString().slice(0, 10)
  const key = encodeURIComponent(`date=${day(6)}/market=BTC-USDT`)
  const sql = encodeURIComponent(closes)
  return [
    { name: 'login', path: '/login', isOutside: true },
    { name: 'overview', path: '/' },
    { name: 'assets', path: '/assets' },
    { name: 'graph', path: '/graph' },
    { name: 'graph-focus', path: `/graph?focus=${silver}` },
    { name: 'asset-overview', path: `/assets/${silver}` },
    { name: 'asset-partitions', path: `/assets/${silver}?tab=partitions` },
    { name: 'asset-partition', path: `/assets/${silver}?tab=partitions&key=${key}` },
    { name: 'asset-materializations', path: `/assets/${bronze}?tab=materializations` },
    { name: 'asset-checks', path: `/assets/${silver}?tab=checks` },
    { name: 'asset-lineage', path: `/assets/${silver}?tab=lineage` },
    { name: 'asset-events', path: `/assets/${bronze}?tab=events` },
    { name: 'asset-schema', path: `/assets/${silver}?tab=schema` },
    { name: 'asset-preview', path: `/assets/${silver}?tab=preview` },
    {
      name: 'materialize',
      path: `/assets/${silver}`,
      async act(page) {
        await button(page, 'Materialize…').click()
        await page.getByRole('dialog', { name: 'Materialize' }).waitFor()
      },
    },
    {
      name: 'menu',
      path: '/runs',
      async act(page) {
        await page.keyboard.press('Control+k')
        await page.getByRole('dialog').waitFor()
        await page.keyboard.type('ohlcv')
      },
    },
    { name: 'runs', path: '/runs' },
    { name: 'run-progress', path: `/runs/${on.runs.good}` },
    { name: 'run-timeline', path: `/runs/${on.runs.good}?tab=timeline` },
    { name: 'run-log', path: `/runs/${on.runs.failed}?tab=log` },
    { name: 'run-steps', path: `/runs/${on.runs.good}?tab=steps` },
    { name: 'run-failed', path: `/runs/${on.runs.failed}` },
    { name: 'run-errors', path: `/runs/${on.runs.failed}?tab=errors` },
    { name: 'automation', path: '/automation' },
    {
      name: 'automation-one',
      path: '/automation/ohlcv_daily_ingest',
      async act(page) {
        await page.getByLabel('As if it were (UTC)').fill(`${day(-1)}T01:00`)
        await button(page, 'Try').click()
      },
    },
    { name: 'sql', path: '/sql' },
    { name: 'sql-table', path: `/sql?q=${sql}` },
    { name: 'sql-chart', path: `/sql?q=${sql}&show=chart` },
    { name: 'markets', path: '/markets' },
    { name: 'system', path: '/system' },
    {
      name: 'keys',
      path: '/system',
      async act(page) {
        await page.locator('#main').click()
        await page.keyboard.press('?')
      },
    },
    { name: 'docs', path: '/docs' },
    { name: 'not-found', path: '/nowhere' },
  ]
}

export const scenesOfBeginning: readonly Scene[] = [
  { name: 'empty-overview', path: '/' },
  { name: 'empty-assets', path: '/assets' },
  { name: 'empty-asset', path: `/assets/${silver}` },
  { name: 'empty-runs', path: '/runs' },
  { name: 'empty-automation', path: '/automation' },
  { name: 'empty-sql', path: '/sql' },
  { name: 'empty-markets', path: '/markets' },
]

export const scenesOfLarge: readonly Scene[] = [
  { name: 'large-graph', path: '/graph' },
  { name: 'large-graph-part', path: '/graph?selection=group%3Akraken' },
  { name: 'large-assets', path: '/assets' },
  { name: 'large-overview', path: '/' },
]
