import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { focused, tabOrder } from './browser.ts'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
// A key that can not be read is refused with 400, which the browser tells its console.
const opened = async () => openVisit(await openWorkshop(), { allowed: [/status of 400/] })
beforeAll(async () => {
  on = await opened()
  on.world.failing.add(`date=${day(5)}/market=ETH-USDT`)
  await on.make(['prices'], 'two days', day(5), day(3))
  on.world.failing.clear()
})
afterAll(() => on?.close())

const dialog = () => on.page.getByRole('dialog', { name: 'Materialize' })
const plan = () => dialog().getByRole('region', { name: 'The plan' })
const begin = (name: string) => dialog().getByRole('button', { name, exact: true })
const of = async (asset: string) => {
  await on.go(`/assets/${asset}`)
  await on.page.getByRole('button', { name: 'Materialize…' }).click()
  await dialog().waitFor()
}
const title = (name: RegExp) => on.page.getByRole('heading', { level: 1, name })
beforeEach(() => on.go('/'))

test('it begins with which assets, and is gone through by the keyboard', async () => {
  const { page, isAccessible } = on
  await page.getByRole('button', { name: 'Materialize…' }).click()
  await dialog().getByText('Which assets?').waitFor()
  await isAccessible()
  expect(await begin('Materialize').isDisabled()).toBe(true)
  await page.keyboard.type('pri')
  await dialog()
    .getByRole('option', { name: /^prices/ })
    .waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await begin('Materialize 7 partitions').waitFor()
  await isAccessible()
  const order = await tabOrder(page, (one) => one.startsWith('button Materialize'))
  const wanted = ['All there are', 'Priority and tags', 'The plan', 'Cancel']
  const places = wanted.map((name) => order.findIndex((one) => one.includes(name)))
  expect(places, order.join(' | ')).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(order.at(-1)).toBe('button Materialize 7 partitions')
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'hidden' })
  // The keyboard is where it was before.
  await expect.poll(() => focused(page)).toBe('button Materialize…')
})

test('days are chosen in the calendar, by hand and by keys', async () => {
  const { page, isAccessible } = on
  await of('prices')
  await dialog().getByRole('radio', { name: 'Range' }).click()
  await dialog()
    .getByRole('radio', { name: /All again/ })
    .click()
  const [first, last] = [dialog().getByLabel('First day'), dialog().getByLabel('Last, included')]
  await first.fill(day(5))
  await last.fill(day(4))
  await begin('Materialize 4 partitions').waitFor()
  await dialog().getByRole('button', { name: 'The newest' }).click()
  expect([await first.inputValue(), await last.inputValue()]).toEqual([day(1), day(1)])
  await begin('Materialize 2 partitions').waitFor()
  await isAccessible()

  const here = dialog().locator(`[data-day="${day(1)}"]`)
  expect(await here.getAttribute('aria-label')).toMatch(/^\d+ \w+ \d{4}: 2 missing$/)
  await here.click()
  await here.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Shift+ArrowLeft')
  expect([await first.inputValue(), await last.inputValue()]).toEqual([day(3), day(1)])
  await begin('Materialize 6 partitions').waitFor()

  // Of one market alone.
  await dialog().getByRole('checkbox', { name: 'BTC-USDT' }).click()
  await begin('Materialize 3 partitions').waitFor()
  await isAccessible()
})

test('keys are written, and what can not be read is said beside them', async () => {
  const { isAccessible } = on
  await of('prices')
  await dialog().getByRole('radio', { name: 'Keys' }).click()
  const keys = dialog().getByRole('textbox', { name: 'Keys and ranges' })
  await keys.fill(`${day(2)},market=ETH-USDT`)
  await begin('Materialize 1 partition').waitFor()
  await keys.fill(`${day(2)},market=DOGE`)
  await dialog()
    .getByText(/"DOGE"/)
    .waitFor()
  expect(await keys.getAttribute('aria-invalid')).toBe('true')
  await plan().getByText('No plan yet').waitFor()
  expect(await begin('Materialize').isDisabled()).toBe(true)
  await isAccessible()
})

test('a parameter out of bounds is said beside it, and one that is fine goes along', async () => {
  const { page, isAccessible } = on
  await of('prices')
  const depth = dialog().getByRole('textbox', { name: /depth/ })
  await depth.fill('-1')
  await dialog()
    .getByText(/depth/)
    .filter({ hasText: /expected|small|>=|1/ })
    .first()
    .waitFor()
  expect(await begin('Materialize').isDisabled()).toBe(true)
  await isAccessible()
  await depth.fill('7')
  await dialog()
    .getByRole('radio', { name: /Only failed/ })
    .click()
  await begin('Materialize 1 partition').click()
  await title(/succeeded$/).waitFor()
  await page.getByText('{"prices":{"depth":7}}').waitFor()
})

test('only those that are missing, or stale; and with nothing to make it says so', async () => {
  const { page, isAccessible, world, make } = on
  await make(['candles'], 'candles', day(5), day(3))
  await of('prices')
  await dialog()
    .getByRole('radio', { name: /Only missing/ })
    .click()
  await begin('Materialize 6 partitions').waitFor()
  await dialog()
    .getByRole('radio', { name: /Only stale/ })
    .click()
  await plan().getByText('There is nothing to make').waitFor()
  await isAccessible()
  await plan().getByRole('button', { name: 'Make them all again' }).click()
  world.value = 2
  await begin('Materialize 10 partitions').click()
  await title(/succeeded$/).waitFor()

  // What read the older prices is stale now.
  await of('candles')
  await dialog()
    .getByRole('radio', { name: /Only stale/ })
    .click()
  await begin('Materialize 4 partitions').waitFor()
  await page.keyboard.press('Escape')
})

test('what can not be made yet is told with why, and with what helps', async () => {
  const { page, isAccessible } = on
  await of('means')
  await plan().getByRole('region', { name: 'Blocked' }).waitFor()
  await isAccessible()
  await plan().getByRole('button', { name: 'Make what they read, too' }).click()
  expect(await dialog().getByRole('combobox', { name: 'Assets' }).inputValue()).toBe('+means')
  await begin('Materialize 15 partitions').waitFor()
  await page.keyboard.press('Escape')
})

test('what reads it is made after it, in one run', async () => {
  const { page } = on
  await of('prices')
  await dialog().getByRole('radio', { name: 'Keys' }).click()
  await dialog().getByRole('textbox', { name: 'Keys and ranges' }).fill(day(1))
  await dialog()
    .getByRole('radio', { name: /All again/ })
    .click()
  await dialog()
    .getByRole('checkbox', { name: /Also make what reads it/ })
    .click()
  await begin('Materialize 5 partitions').waitFor()
  await dialog().getByRole('button', { name: 'Priority and tags' }).click()
  await dialog().getByLabel('Priority').fill('much')
  await dialog().getByText('expected a number, such as 10').waitFor()
  await dialog().getByLabel('Priority').fill('7')
  await dialog().getByLabel('Tags of the run').fill('team=research')
  await begin('Materialize 5 partitions').click()
  await title(/succeeded$/).waitFor()
  await page.getByText('team=research').waitFor()
  for (const asset of ['prices', 'candles', 'means']) {
    await page.getByRole('table', { name: 'Progress by asset' }).getByRole('row', { name: asset }).waitFor()
  }
  on.wasQuiet()
})
