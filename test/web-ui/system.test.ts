import { afterAll, beforeAll, expect, test } from 'vitest'
import { copied } from './browser.ts'
import { openDeployment } from './deployment.ts'
import { openVisit } from './visit.ts'
import { day } from './workshop.ts'

const secret = 'hf_averysecrettoken'
let on: Awaited<ReturnType<typeof opened>>
const opened = async () => {
  const environment = { BULLION_HF_REPO: 'ana/candles', BULLION_HF_TOKEN: secret, BULLION_CONCURRENCY: '7' }
  return openVisit(await openDeployment({ since: day(3), environment }))
}
beforeAll(async () => {
  on = await opened()
  await on.make(day(3), day(2))
})
afterAll(() => on?.close())

test('who is at work, how much may run at once, and what is held', async () => {
  const { page, go, isAccessible } = on
  await go('/system')
  await page.getByRole('table', { name: 'Processes' }).getByText(`pid ${process.pid}`).waitFor()
  await page.getByRole('img', { name: 'binance: 0 of 4 in use' }).waitFor()
  await page.getByRole('row', { name: /bronze/ }).waitFor()
  await page.getByText('Changes reach this page as they happen').waitFor()
  await page.getByText('SQLite', { exact: true }).waitFor()
  await isAccessible()
})

test('of a secret it is said that it is set, and no more', async () => {
  const { page } = on
  await page.getByRole('textbox', { name: 'Find a setting' }).fill('hub')
  await page.getByText('ana/candles').waitFor()
  await page
    .getByRole('definition')
    .filter({ hasText: /^\s*set\s*$/ })
    .waitFor()
  expect(await page.content()).not.toContain(secret)
  expect(await page.getByRole('button', { name: 'Copy hubToken' }).count()).toBe(0)
  await page.getByRole('textbox', { name: 'Find a setting' }).fill('concurrency')
  await page.getByText('concurrency', { exact: true }).hover()
  await page.getByRole('button', { name: 'Copy concurrency' }).click()
  expect(await copied(page)).toBe('7')
})

test('the API is described beside it', async () => {
  const { page, isAccessible } = on
  await page.getByRole('main').getByRole('link', { name: 'HTTP API' }).click()
  await page.waitForURL('**/docs')
  await page.getByText('/api/v1/runs').first().waitFor()
  await isAccessible()
  on.wasQuiet()
})
