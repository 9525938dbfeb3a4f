import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset } from '#pipeline'
import { defineAsset } from '#pipeline'
import { openVisit } from './visit.ts'
import { openWorkshop } from './workshop.ts'

const exchanges = ['binance', 'bybit', 'kraken', 'okx']
const each = 40

/** Of four exchanges forty assets each: raw ones, and behind each three that read the one before. */
function manyAssets(): readonly AnyAsset[] {
  const output = z.strictObject({ n: z.int() })
  const layers = ['bronze', 'silver', 'silver', 'gold'] as const
  return exchanges.flatMap((group) => {
    const made: AnyAsset[] = []
    for (let at = 0; at < each; at += 1) {
      const before = at % 4 === 0 ? undefined : made.at(-1)
      const name = `${group}_${Math.floor(at / 4)}_${at % 4}`
      const deps = before ? { before } : {}
      made.push(defineAsset({ name, group, layer: layers[at % 4]!, deps, output, run: () => [{ n: 1 }] }))
    }
    return made
  })
}

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openWorkshop({ assets: manyAssets }), { allowed: [/status of 400/] })
beforeAll(async () => {
  on = await opened()
})
afterAll(() => on?.close())

const canvas = () => on.page.getByRole('application', { name: 'Graph of assets' })
const boxes = () => canvas().getAttribute('data-boxes')
const searched = (name: string) => new URL(on.page.url()).searchParams.get(name)

test('a large graph is shown at once, and a selection leaves of it what it means', async () => {
  const { page, go, isAccessible } = on
  await go('/graph')
  await canvas().waitFor()
  await page.getByRole('status').getByText('160 assets').waitFor()
  await isAccessible()
  await page.keyboard.press('/')
  await page.keyboard.type('+okx_3_3')
  await page.getByRole('status').getByText('4 assets', { exact: true }).waitFor()
  await expect.poll(boxes).toBe('4')
  expect(searched('selection')).toBe('+okx_3_3')
  await page.getByRole('combobox', { name: 'Selection of assets' }).fill('+okx_3_3 and (')
  await page
    .getByText(/expected/)
    .first()
    .waitFor()
  await isAccessible()
  await page.getByRole('combobox', { name: 'Selection of assets' }).fill('+okx_3_3')
})

test('arrow keys go along what reads what, and the details beside say it in words', async () => {
  const { page, isAccessible } = on
  await page.getByRole('status').getByText('4 assets', { exact: true }).waitFor()
  await expect.poll(boxes).toBe('4')
  await canvas().focus()
  await page.keyboard.press('ArrowRight')
  const details = (name: string) => page.getByRole('complementary', { name })
  await details('okx_3_0').waitFor()
  await page.keyboard.press('ArrowRight')
  await details('okx_3_1').getByRole('button', { name: 'okx_3_2' }).waitFor()
  await page.getByText(/^okx_3_1, never made, .*reads 1, read by 1$/).waitFor({ state: 'attached' })
  expect(searched('focus')).toBe('okx_3_1')
  await isAccessible()
  await details('okx_3_1').getByRole('button', { name: 'Show downstream' }).click()
  await page.getByRole('status').getByText('3 assets, 1 next to them', { exact: true }).waitFor()
  await details('okx_3_1').getByRole('button', { name: 'okx_3_2' }).click()
  await details('okx_3_2').waitFor()
  await canvas().focus()
  await page.keyboard.press('Escape')
  await details('okx_3_2').waitFor({ state: 'hidden' })
})

test('a click chooses a box, Enter opens its asset', async () => {
  const { page, go } = on
  await go('/graph?selection=okx_3_2')
  await page.getByRole('status').getByText('1 asset, 2 next to them').waitFor()
  await expect.poll(boxes).toBe('3')
  const { x, y, width, height } = (await canvas().boundingBox())!
  // The box that is meant is in the middle, once it was drawn.
  await expect
    .poll(async () => {
      await page.mouse.click(x + width / 2, y + height / 2)
      return searched('focus')
    })
    .toBe('okx_3_2')
  await canvas().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /^okx_3_2/ }).waitFor()
})

test('a group that is folded is unfolded, and zoomed to', async () => {
  const { page, go, isAccessible } = on
  await go('/graph')
  await canvas().waitFor()
  const folded = Number(await boxes())
  expect(folded).toBeLessThan(160)
  await canvas().focus()
  await page.keyboard.press('ArrowRight')
  await page.getByText(/^group \w+ of \d+ assets, folded; Enter unfolds it$/).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await expect.poll(async () => Number(await boxes())).toBeGreaterThan(folded)
  expect(searched('group')).not.toBeNull()
  await isAccessible()
  await page.reload()
  await expect.poll(async () => Number(await boxes())).toBeGreaterThan(folded)
  await page.getByRole('button', { name: 'Fold as at first' }).click()
  await expect.poll(async () => Number(await boxes())).toBe(folded)
  await page.getByRole('button', { name: /^Zoom in/ }).click()
  await page.getByRole('button', { name: /^Show all/ }).click()
})

test('as a list it tells each edge', async () => {
  const { page, isAccessible } = on
  await page.getByRole('radio', { name: 'List' }).click()
  const list = page.getByRole('table', { name: 'What reads what' })
  const row = list
    .getByRole('row')
    .filter({ has: page.getByText('binance_0_1', { exact: true }) })
    .filter({ hasText: 'binance_0_2' })
  await row.getByRole('link', { name: 'binance_0_0' }).waitFor()
  await row.getByRole('link', { name: 'binance_0_2' }).waitFor()
  await isAccessible()
  expect(searched('view')).toBe('list')
  await row.getByRole('link', { name: 'binance_0_0' }).click()
  await page.getByRole('heading', { level: 1, name: /^binance_0_0/ }).waitFor()
  on.wasQuiet()
})
