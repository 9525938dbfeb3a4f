import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { accessibilityFaults, openBrowser } from './browser.ts'
import { openDeployment } from './deployment.ts'

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
const dayMs = 86_400_000

test('from the link over the graph and a backfill that fails to a query on what was made', async () => {
  const yesterday = day(Date.now() - dayMs)
  const since = day(Date.now() - 5 * dayMs)
  const { server, troubles, make, misbehave, close } = await openDeployment({ since })
  onTestFinished(close)
  const first = await make(since, day(Date.now() - 2 * dayMs))
  expect(first.state.status).toBe('succeeded')
  const { page, complaints, close: closeBrowser } = await openBrowser()
  onTestFinished(closeBrowser)

  // The link lets this browser in.
  await page.goto(await server.link())
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

  // What reads what.
  await page.getByRole('link', { name: 'Graph', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Graph' }).waitFor()

  // The exchange answers with nothing but maintenance while the missing days are made.
  misbehave({ '503': { times: Number.POSITIVE_INFINITY } })
  await page.goto(`${server.url}/assets/bronze_binance_ohlcv`)
  await page.getByRole('button', { name: 'Materialize…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Materialize' })
  await dialog.getByRole('radio', { name: /Only missing/ }).click()
  await dialog.getByRole('checkbox', { name: /Also make what reads it/ }).click()
  await dialog.getByRole('button', { name: /^Materialize \d+ partitions$/ }).click()
  await page.waitForURL('**/runs/*')
  const failed = page.url()
  await heading(page, /failed$/).waitFor({ timeout: 120_000 })

  // What went wrong, in the words of the exchange.
  await page.getByRole('link', { name: 'Errors' }).click()
  await page
    .getByText(/HTTP 503/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'Log', exact: true }).click()
  await page.getByRole('radio', { name: 'Errors' }).click()
  await page
    .getByRole('log')
    .getByText(/503 Service Unavailable/)
    .first()
    .waitFor()
  expect(await accessibilityFaults(page)).toEqual([])

  // It is well again, and only what failed is made again.
  misbehave({})
  await page.getByRole('button', { name: 'Retry from failure' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/runs/') && !failed.endsWith(url.pathname))
  await heading(page, /succeeded$/).waitFor({ timeout: 120_000 })

  // What was made can be asked for.
  await page.getByRole('link', { name: 'SQL', exact: true }).click()
  await page.getByRole('textbox', { name: 'SQL' }).click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(
    `select market, count(*) as candles from silver_ohlcv_normalized where open_time >= '${yesterday}' group by market order by market`,
  )
  await page.keyboard.press('ControlOrMeta+Enter')
  const result = page.getByRole('table', { name: 'Result' })
  await result.waitFor()
  expect(await result.getByRole('row').allInnerTexts()).toEqual([
    expect.stringContaining('market'),
    expect.stringMatching(/BTC-USDT\s+1,?440/),
    expect.stringMatching(/ETH-USDT\s+1,?440/),
  ])

  expect(complaints).toEqual([])
  expect(troubles).toEqual([])
}, 120_000)

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name })
