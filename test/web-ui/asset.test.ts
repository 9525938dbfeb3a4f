import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDeployment } from './deployment.ts'
import { openVisit } from './visit.ts'
import { day } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openDeployment({ since: day(4) }))
const asset = 'silver_ohlcv_normalized'
const key = (daysAgo: number, market: string) => `date=${day(daysAgo)}/market=${market}`
beforeAll(async () => {
  on = await opened()
  await on.make(day(4), day(1))
})
afterAll(() => on?.close())

const tab = (name: string) => on.page.getByRole('navigation', { name: `Parts of ${asset}` }).getByRole('link', { name })
const panel = () => on.page.getByRole('complementary', { name: /^Partition / })
const map = () => on.page.getByRole('application', { name: `Partitions of ${asset}` })
const table = () => on.page.getByRole('table', { name: `Partitions of ${asset}` })
const title = (name: RegExp) => on.page.getByRole('heading', { level: 1, name })

test('its overview tells how it is and how it is made', async () => {
  const { page, go, isAccessible } = on
  await go(`/assets/${asset}`)
  await title(/^silver_ohlcv_normalized/).waitFor()
  await page.getByText('by date and market').waitFor()
  await page.getByText('75 % of 8').waitFor()
  await page.getByRole('link', { name: 'ohlcv_daily_ingest' }).waitFor()
  await page.getByRole('link', { name: /bronze_binance_ohlcv/ }).waitFor()
  await page.getByRole('row', { name: /open_time/ }).waitFor()
  await page
    .getByText(/8,640|8.6K/)
    .first()
    .waitFor()
  await isAccessible()
})

test('each of its parts is a place of its own', async () => {
  const { page, isAccessible } = on
  await tab('Materializations').click()
  await page
    .getByRole('table', { name: `Materializations of ${asset}` })
    .getByText('current')
    .first()
    .waitFor()
  await isAccessible()
  await tab('Checks').click()
  await page.getByText('one row a candle').waitFor()
  await page.getByText('fails on no published partition').first().waitFor()
  await isAccessible()
  await tab('Lineage').click()
  await page.getByText(/made from 1 partition/).waitFor()
  await isAccessible()
  await tab('Events').click()
  const events = page.getByRole('table', { name: `Events of ${asset}` })
  await expect.poll(() => events.getByRole('row').count()).toBeGreaterThan(6)
  await isAccessible()
  await page.getByRole('combobox', { name: 'Kind of event' }).selectOption('wiped')
  await page.getByText('Nothing was wiped').waitFor()
  await tab('Schema').click()
  await page.getByRole('row', { name: /taker_buy_volume/ }).waitFor()
  await isAccessible()
  await tab('Preview').click()
  await page
    .getByRole('table', { name: 'Result' })
    .getByText(/^(BTC|ETH)-USDT$/)
    .first()
    .waitFor()
  await isAccessible()
  await page.getByRole('combobox', { name: 'Partition' }).fill(key(2, 'ETH-USDT'))
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: 'Result' }).getByText('ETH-USDT').first().waitFor()
  await page.reload()
  await page.getByRole('table', { name: 'Result' }).getByText('ETH-USDT').first().waitFor()
  await page.getByRole('main').getByRole('link', { name: 'Open in SQL' }).first().click()
  await title(/^SQL/).waitFor()
  await page.getByRole('table', { name: 'Result' }).getByRole('row').nth(1).waitFor()
})

test('the map leads to a partition, by keys and by a click', async () => {
  const { page, go, isAccessible } = on
  await go(`/assets/${asset}?tab=partitions`)
  await map().focus()
  await page.keyboard.press('ArrowLeft')
  await page.getByText(`${day(1)} · BTC-USDT: 1 missing`).waitFor({ state: 'attached' })
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowDown')
  await page.getByText(`${day(2)} · ETH-USDT: 1 fresh`).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await panel()
    .getByRole('heading', { name: `${day(2)} · ETH-USDT` })
    .waitFor()
  // Its version, what was checked, what was tried.
  await panel().getByText('1,440 rows', { exact: true }).waitFor()
  await panel().getByText('one row a candle').waitFor()
  await panel()
    .getByText(/^published/)
    .first()
    .waitFor()
  expect(new URL(page.url()).searchParams.get('key')).toBe(key(2, 'ETH-USDT'))
  await isAccessible()
  await panel().getByRole('button', { name: 'Close' }).click()
  await panel().waitFor({ state: 'hidden' })

  const { x, y, width } = (await map().boundingBox())!
  await page.mouse.click(x + width - 20, y + 8)
  await panel()
    .getByRole('heading', { name: `${day(1)} · BTC-USDT` })
    .waitFor()
  await panel().getByText('Nothing was published yet.').waitFor()
  await panel().getByRole('button', { name: 'Close' }).click()
})

test('a status alone is shown, and what is of it is made', async () => {
  const { page, isAccessible } = on
  await page.getByRole('button', { name: /^missing/ }).click()
  await expect.poll(() => table().getByRole('row').count()).toBe(3)
  await isAccessible()
  expect(new URL(page.url()).searchParams.get('status')).toBe('missing')
  await page.getByRole('button', { name: 'Materialize these…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Materialize' })
  expect(await dialog.getByRole('radio', { name: /Only missing/ }).isChecked()).toBe(true)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'All, not only missing' }).click()
  await expect.poll(() => table().getByRole('row').count()).toBe(9)
  await table().getByRole('row').nth(1).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await panel().waitFor()
})

test('what was wiped is missing; it is made again, and an earlier version is gone back to', async () => {
  const { page, go, isAccessible } = on
  const one = key(3, 'BTC-USDT')
  await go(`/assets/${asset}?tab=partitions&key=${encodeURIComponent(one)}`)
  await panel().getByText('1,440 rows', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Wipe…' }).click()
  const wipe = page.getByRole('dialog', { name: `Wipe ${asset}` })
  expect(await wipe.getByLabel('Partitions').inputValue()).toBe(one)
  await isAccessible()
  // All of it wants its name.
  await wipe.getByLabel('Partitions').fill('all')
  expect(await wipe.getByRole('button', { name: 'Wipe', exact: true }).isDisabled()).toBe(true)
  await wipe.getByLabel('Partitions').fill('nonsense')
  await wipe.getByLabel('Partitions').fill(one)
  await wipe.getByRole('button', { name: 'Wipe', exact: true }).click()
  await wipe.getByText('1 partition wiped.').waitFor()
  await wipe.getByRole('button', { name: 'Close' }).last().click()
  await panel().getByText('missing', { exact: true }).waitFor()
  await isAccessible()

  await panel().getByRole('button', { name: 'Materialize this…' }).click()
  await page.getByRole('button', { name: 'Materialize 1 partition' }).click()
  await title(/succeeded$/).waitFor({ timeout: 30_000 })
  await go(`/assets/${asset}?tab=partitions&key=${encodeURIComponent(one)}`)
  await panel().getByText('fresh', { exact: true }).first().waitFor()

  await panel().getByRole('button', { name: 'Roll back to this' }).first().click()
  const sure = page.getByRole('dialog', { name: 'Publish this version again?' })
  await isAccessible()
  await sure.getByRole('button', { name: 'Roll back' }).click()
  await sure.waitFor({ state: 'hidden' })
  await panel()
    .getByText(/rolled/)
    .first()
    .waitFor()
  on.wasQuiet()
})
