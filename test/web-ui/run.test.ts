import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openWorkshop())
let run: string
beforeAll(async () => {
  on = await opened()
  on.world.failing.add(`date=${day(4)}/market=BTC-USDT`)
  run = (await on.make(['prices', 'candles', 'means'], 'five days')).id
})
afterAll(() => on?.close())

const tab = (name: string) =>
  on.page.getByRole('navigation', { name: 'About this run' }).getByRole('link', { name, exact: name !== 'Errors' })
const log = () => on.page.getByRole('log')
const title = (name: RegExp) => on.page.getByRole('heading', { level: 1, name })

test('its progress tells what became of each asset, and leads to the steps', async () => {
  const { page, go, isAccessible } = on
  await go(`/runs/${run}`)
  await title(/^five days\s*failed$/).waitFor()
  const table = page.getByRole('table', { name: 'Progress by asset' })
  await table.getByRole('row', { name: /prices.*10/ }).waitFor()
  await page.getByText('What was asked for').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: '1 failed' }).click()
  const steps = page.getByRole('table', { name: 'Steps' })
  await expect.poll(() => steps.getByRole('row').count()).toBe(2)
  expect(new URL(page.url()).searchParams.get('end')).toBe('failed')
  await isAccessible()
  await steps.getByRole('row').nth(1).click()
  const details = page.getByRole('complementary', { name: 'The step' })
  await details.getByText(/no answer for/).waitFor()
  await isAccessible()
  await details.getByRole('link', { name: 'Its log' }).click()
  await log()
    .getByText(/no answer for/)
    .first()
    .waitFor()
})

test('its errors are told once for all that failed alike, with what to do', async () => {
  const { page, isAccessible } = on
  await tab('Errors').click()
  await page.getByRole('heading', { name: '1 partition' }).waitFor()
  await page.getByText(`bullion runs retry ${run}`).waitFor()
  await isAccessible()
  await page.getByRole('link', { name: 'Its partition' }).click()
  await page
    .getByRole('complementary', { name: /^Partition / })
    .getByText('failed', { exact: true })
    .first()
    .waitFor()
  await page.goBack()
  await page.getByRole('link', { name: 'All its errors' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('level')).toBe('error')
})

test('its log is searched, and narrowed to warnings and to one asset', async () => {
  const { page, go, isAccessible } = on
  await go(`/runs/${run}?tab=log`)
  await log().getByText('asking the exchange').first().waitFor()
  await isAccessible()
  const lines = () => log().getByRole('button')
  await page.getByRole('radio', { name: 'Warnings' }).click()
  await expect.poll(() => lines().filter({ hasText: 'asking the exchange' }).count()).toBe(0)
  await lines().filter({ hasText: 'the exchange is slow today' }).first().waitFor()
  await page.getByRole('radio', { name: 'All', exact: true }).click()
  await page.getByRole('textbox', { name: 'Find in the log' }).fill('slow')
  await expect.poll(() => lines().count()).toBe(5)
  await page.getByRole('combobox', { name: 'Asset' }).selectOption('candles')
  await page.getByText('No line is like this').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await lines().filter({ hasText: 'no answer for' }).first().waitFor()

  // A line has an address.
  await lines().filter({ hasText: 'no answer for' }).first().click()
  await page.getByRole('button', { name: 'Link to this line' }).click()
  await page.getByText('The address leads here').waitFor()
  await isAccessible()
  await page.reload()
  await page.getByText('The address leads here').waitFor()
})

test('its timeline is gone through by the keyboard', async () => {
  const { page, isAccessible } = on
  await tab('Timeline').click()
  const drawing = page.getByRole('application', { name: /^Steps by worker over time/ })
  await drawing.focus()
  await page.keyboard.press('n')
  const details = page.getByRole('complementary', { name: 'The step' })
  const first = await details.getByRole('heading').innerText()
  await isAccessible()
  for (let more = 0; more < 30; more += 1) await page.keyboard.press('n')
  await expect.poll(() => details.getByRole('heading').innerText()).toBe('means')
  expect(first).toBe('prices')
  await page.keyboard.press('+')
  await expect.poll(() => new URL(page.url()).searchParams.get('window')).toMatch(/^-?\d+--?\d+$|^-?\d+-\d+$/)
  await page.keyboard.press('0')
  await expect.poll(() => new URL(page.url()).searchParams.get('window')).toBeNull()
  await page.keyboard.press('Escape')
  await details.waitFor({ state: 'hidden' })
})

test('what failed is retried from there, and followed as it runs, until it is canceled', async () => {
  const { page, go, isAccessible, hold, world } = on
  world.failing.clear()
  const release = hold()
  await go(`/runs/${run}`)
  await page.getByRole('button', { name: 'Retry from failure' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/runs/') && !url.pathname.endsWith(run))
  await title(/running$/).waitFor()
  await page.getByText(/Retry of/).waitFor()
  await isAccessible()
  await tab('Log').click()
  await page.getByText('follows the newest').waitFor()
  await isAccessible()
  release()
  await title(/succeeded$/).waitFor()
  await log()
    .getByText(/published/)
    .first()
    .waitFor()

  // Again, and this time somebody changes their mind.
  const letGo = hold()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Run all of it again' }).click()
  await title(/running$/).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  const sure = page.getByRole('dialog', { name: 'Cancel this run?' })
  await isAccessible()
  await sure.getByRole('button', { name: 'Cancel the run' }).click()
  await title(/canceled$/).waitFor()
  letGo()
  await tab('Errors').click()
  await page.getByText('Nothing failed').waitFor()
  on.wasQuiet()
})
