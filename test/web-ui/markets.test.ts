import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDeployment } from './deployment.ts'
import { openVisit } from './visit.ts'
import { day } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openDeployment({ since: day(4) }))
beforeAll(async () => {
  on = await opened()
  // A day between is not made: a gap.
  await on.make(day(4), day(3))
  await on.make(day(2), day(1))
})
afterAll(() => on?.close())

const chart = () => on.page.getByRole('application', { name: /^Candles of/ })
const held = () => new URL(on.page.url()).searchParams.get('at')

test('the candles of a market are drawn, and said in tables', async () => {
  const { page, go, isAccessible } = on
  await go('/markets')
  await chart().locator('canvas').first().waitFor()
  await page.getByRole('table', { name: 'Newest candles' }).getByRole('row').nth(1).waitFor()
  await page
    .getByRole('table', { name: 'Partitions' })
    .getByRole('link', { name: new RegExp(day(2)) })
    .waitFor()
  await isAccessible()
})

test('another asset, market and interval is chosen, and stands in the address', async () => {
  const { page } = on
  await page.getByRole('combobox', { name: 'Asset' }).selectOption('silver_ohlcv_normalized')
  await page.getByRole('combobox', { name: 'Market' }).selectOption('ETH-USDT')
  await page.getByRole('application', { name: /^Candles of ETH-USDT, 1m/ }).waitFor()
  await page.getByRole('combobox', { name: 'Asset' }).selectOption('silver_ohlcv_resampled')
  await page.getByRole('radio', { name: '1h', exact: true }).click()
  await page.getByRole('application', { name: /^Candles of ETH-USDT, 1h/ }).waitFor()
  const address = new URL(page.url()).searchParams
  expect([address.get('market'), address.get('interval')]).toEqual(['ETH-USDT', '1h'])
  await page.reload()
  await page.getByRole('application', { name: /^Candles of ETH-USDT, 1h/ }).waitFor()
})

test('keys go from candle to candle, and each says which version it is from', async () => {
  const { page, isAccessible } = on
  await chart().focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(held).toBe(`${day(2)}T23:00:00.000Z`)
  await page.keyboard.press('ArrowLeft')
  await expect.poll(held).toBe(`${day(2)}T22:00:00.000Z`)
  await page.getByText(`${day(2)} 22:00 UTC`, { exact: true }).waitFor()
  const live = page.locator('[aria-live=polite]').filter({ hasText: '22:00' })
  await live.getByText('first version').waitFor()
  await live.getByRole('link', { name: /market=ETH-USDT/ }).waitFor()
  await isAccessible()
  await live.getByRole('link', { name: /market=ETH-USDT/ }).click()
  await page.getByRole('complementary', { name: /^Partition / }).waitFor()
  await page.goBack()
  await page.getByText(`${day(2)} 22:00 UTC`, { exact: true }).waitFor()
  await chart().focus()
  await page.keyboard.press('Escape')
  await expect.poll(held).toBeNull()
})

test('a day that lacks is a gap, and leads to where it is', async () => {
  const { page, isAccessible } = on
  const gaps = page.getByRole('table', { name: 'Gaps' })
  await gaps
    .getByRole('row')
    .filter({ hasText: `${day(3)} 00:00` })
    .filter({ hasText: '24' })
    .waitFor()
  await gaps.getByRole('row').nth(1).focus()
  await page.keyboard.press('Enter')
  await expect.poll(held).toBe(`${day(4)}T23:00:00.000Z`)
  await isAccessible()

  await page.getByRole('table', { name: 'Newest candles' }).getByRole('row').nth(1).focus()
  await page.keyboard.press('Enter')
  await expect.poll(held).toBe(`${day(2)}T23:00:00.000Z`)
  await page.getByRole('button', { name: 'Let go' }).click()
  await expect.poll(held).toBeNull()
  on.wasQuiet()
})
