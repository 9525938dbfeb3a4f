import { afterAll, beforeAll, expect, test } from 'vitest'
import { tabOrder } from './browser.ts'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openWorkshop(), { allowed: [/status of 400/] })
beforeAll(async () => {
  on = await opened()
  await on.make(['prices', 'candles'], 'the days before', day(5), day(1))
})
afterAll(() => on?.close())

const table = () => on.page.getByRole('table', { name: 'Assets' })
const told = (text: string) => on.page.getByRole('status').getByText(text, { exact: true })
const names = async () => {
  const found = await table().getByRole('row').getByRole('link').allInnerTexts()
  return found.filter((text) => text !== '')
}

test('each asset is a row of its layer, found by a part of its name', async () => {
  const { page, go, isAccessible } = on
  await go('/assets')
  await table()
    .getByRole('row', { name: /prices/ })
    .waitFor()
  expect(await names()).toEqual(['prices', 'candles', 'means'])
  for (const layer of ['Bronze', 'Silver', 'Gold']) await table().getByText(layer, { exact: true }).waitFor()
  await isAccessible()

  await page.keyboard.press('/')
  await page.keyboard.type('can')
  await told('1 asset').waitFor()
  expect(await names()).toEqual(['candles'])
  await page.keyboard.press('Escape')
  await told('3 assets').waitFor()
})

test('a selection is completed by the keyboard, and what can not be read is said', async () => {
  const { page, isAccessible } = on
  const field = page.getByRole('combobox', { name: 'Selection of assets' })
  await field.click()
  await page.keyboard.type('lay')
  await page.getByRole('option', { name: /^layer:/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('layer:')
  await page.getByRole('option', { name: /^silver/ }).waitFor()
  await isAccessible()
  await page.keyboard.type('sil')
  await expect.poll(() => page.getByRole('option').count()).toBe(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('layer:silver')
  await told('1 asset').waitFor()
  expect(page.url()).toContain('selection=layer%3Asilver')

  await page.keyboard.type(' and (')
  await page.getByText(/expected/).waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await isAccessible()
  // What could be read last is still shown.
  expect(await names()).toEqual(['candles'])

  await field.fill('nobody_knows_this')
  await page.getByText(/nobody_knows_this/).waitFor()
  await page.getByRole('button', { name: 'Clear the selection' }).click()
  await told('3 assets').waitFor()
})

test('what it is narrowed to stands in the address, and is there again after a reload', async () => {
  const { page, isAccessible } = on
  await page.getByRole('main').getByRole('button', { name: 'Health' }).first().click()
  await page.getByRole('menuitemcheckbox', { name: /never made/ }).click()
  await isAccessible()
  await page.keyboard.press('Escape')
  await told('1 of 3 assets').waitFor()
  await page.getByRole('radio', { name: 'Flat' }).click()
  expect(new URL(page.url()).searchParams.get('health')).toBe('unmade')

  await page.reload()
  await told('1 of 3 assets').waitFor()
  expect(await names()).toEqual(['means'])
  expect(await page.getByRole('radio', { name: 'Flat' }).isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Any health' }).click()
  await told('3 assets').waitFor()
})

test('rows are put in order by a column, up and down', async () => {
  const { page } = on
  const byName = page.getByRole('columnheader', { name: 'Asset' })
  await byName.getByRole('button').click()
  await expect.poll(names).toEqual(['candles', 'means', 'prices'])
  expect(await byName.getAttribute('aria-sort')).toBe('ascending')
  await byName.getByRole('button').click()
  await expect.poll(names).toEqual(['prices', 'means', 'candles'])
})

test('arrow keys go from row to row, Space selects, and what was selected is made', async () => {
  const { page, isAccessible } = on
  await table()
    .getByRole('row', { name: /prices/ })
    .focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.keyboard.press('End')
  await page.keyboard.press('Space')
  await told('3 assets, 2 selected').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Materialize…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Materialize' })
  expect(await dialog.getByRole('combobox', { name: 'Assets' }).inputValue()).toBe('means, candles')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })

  await table()
    .getByRole('row', { name: /candles/ })
    .focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /^candles/ }).waitFor()
  on.wasQuiet()
})

test('the keyboard comes to the search, the selection, the facets and one row, in that order', async () => {
  const { page, go } = on
  await go('/assets')
  await table()
    .getByRole('row', { name: /prices/ })
    .waitFor()
  await page.getByRole('link', { name: 'Show as graph' }).focus()
  const order = await tabOrder(page, (one) => one.startsWith('row'))
  const wanted = ['Search assets', 'Selection of assets', 'By layer', 'Layer', 'Tag', 'Select all that are loaded']
  const places = wanted.map((name) => order.findIndex((one) => one.replace(/^\w+ /, '') === name))
  expect(places, order.join(' | ')).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(order.at(-1)).toMatch(/^row .*prices/)
  on.wasQuiet()
})
