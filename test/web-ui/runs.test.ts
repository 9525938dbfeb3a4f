import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openWorkshop())
let good: string
let bad: string
beforeAll(async () => {
  on = await opened()
  good = (await on.make(['prices', 'candles'], 'a good day', day(5), day(4))).id
  on.world.failing.add(`date=${day(4)}/market=BTC-USDT`)
  bad = (await on.make(['prices'], 'a bad day', day(4), day(3))).id
})
afterAll(() => on?.close())

const table = () => on.page.getByRole('table', { name: 'Runs' })
const row = (text: string | RegExp) => table().getByRole('row').filter({ hasText: text })
const rows = async () =>
  (await table().getByRole('row').getByRole('link').allInnerTexts()).filter((text) => text !== '')

test('runs are found by status, by what they made and by words, and the address says which', async () => {
  const { page, go, isAccessible } = on
  await go('/runs')
  await row('a bad day').waitFor()
  expect(await rows()).toEqual(['a bad day', 'a good day'])
  await isAccessible()

  await page.getByRole('radio', { name: 'Failed' }).click()
  await expect.poll(rows).toEqual(['a bad day'])
  expect(new URL(page.url()).searchParams.get('status')).toBe('failed')
  await page.getByRole('radio', { name: 'Canceled' }).click()
  await page.getByText('No run is like this').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Show all runs' }).click()
  await expect.poll(rows).toEqual(['a bad day', 'a good day'])

  await page.getByRole('combobox', { name: 'Asset' }).fill('candles')
  await expect.poll(rows).toEqual(['a good day'])
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect.poll(rows).toEqual(['a bad day', 'a good day'])

  await page.keyboard.press('Escape')
  await page.locator('h1').click()
  await page.keyboard.press('/')
  await page.locator('[data-main-search]:focus').waitFor()
  await page.keyboard.type('bad')
  await expect.poll(rows).toEqual(['a bad day'])
  await page.reload()
  await expect.poll(rows).toEqual(['a bad day'])
  await page.getByRole('combobox', { name: 'Created' }).selectOption('Chosen days')
  await page.getByLabel('From this day, UTC').fill(day(9))
  await page.getByLabel('To this day, UTC').fill(day(8))
  await page.getByText('No run is like this').waitFor()
})

test('an address that was sent by somebody shows what they saw', async () => {
  const { page, go } = on
  await go('/runs?status=succeeded&asset=candles&since=24h')
  await expect.poll(rows).toEqual(['a good day'])
  expect(await page.getByRole('radio', { name: 'Succeeded' }).isChecked()).toBe(true)
  expect(await page.getByRole('combobox', { name: 'Asset' }).inputValue()).toBe('candles')
  expect(await page.getByRole('combobox', { name: 'Created' }).inputValue()).toBe('24h')

  await go('/runs?status=nonsense&since=nonsense')
  await expect.poll(rows).toEqual(['a bad day', 'a good day'])
})

test('several runs are canceled at once, and those that failed are retried at once', async () => {
  const { page, go, isAccessible, hold, engine, world } = on
  await go('/runs')
  const release = hold()
  const begun = []
  for (const [reason, from] of [
    ['held one', 3],
    ['held two', 2],
  ] as const) {
    const filter = { spans: [{ start: Date.parse(day(from)), end: Date.parse(day(from - 1)) }], keys: {} }
    begun.push(await engine.start({ assets: ['prices'], filter, mode: 'all', now: engine.clock(), reason }))
  }
  // They appear without a reload, and so does their end.
  for (const text of ['held one', 'held two']) {
    await row(text).filter({ hasText: 'running' }).waitFor()
    await row(text).getByRole('checkbox').click()
  }
  const chosen = page.getByRole('region', { name: 'Chosen runs' })
  await chosen.getByText('2 runs chosen').waitFor()
  expect(await chosen.getByRole('button', { name: /^Retry/ }).isDisabled()).toBe(true)
  await isAccessible()
  await chosen.getByRole('button', { name: 'Cancel 2' }).click()
  const sure = page.getByRole('dialog', { name: 'Cancel 2 runs?' })
  await isAccessible()
  await sure.getByRole('button', { name: 'Cancel the runs' }).click()
  for (const text of ['held one', 'held two']) await row(text).filter({ hasText: 'canceled' }).waitFor()
  await chosen.waitFor({ state: 'hidden' })
  await Promise.all(begun.map(({ result }) => result))
  release()

  world.failing.clear()
  await row('a bad day').focus()
  await page.keyboard.press('Space')
  await chosen.getByRole('button', { name: 'Retry from failure 1' }).click()
  await table().getByRole('img', { name: 'a retry of another run' }).first().waitFor()
  await expect.poll(() => row('succeeded').count()).toBe(2)
})

test('Enter opens the run that the keyboard is on', async () => {
  const { page } = on
  await row(bad).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/runs/${bad}`)
  await page.goBack()
  await row(good).getByRole('link').click()
  await page.waitForURL(`**/runs/${good}`)
  on.wasQuiet()
})
