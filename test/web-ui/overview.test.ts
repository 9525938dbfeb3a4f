import { afterAll, beforeAll, expect, test } from 'vitest'
import { copied, tabOrder } from './browser.ts'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () => openVisit(await openWorkshop())
beforeAll(async () => {
  on = await opened()
})
afterAll(() => on?.close())

const key = (daysAgo: number, market: string) => `date=${day(daysAgo)}/market=${market}`
const panel = (name: string) => on.page.locator('section').filter({ has: on.page.getByRole('heading', { name }) })

test('where nothing was ever made it says how to begin', async () => {
  const { page, isAccessible } = on
  await page.getByRole('heading', { name: 'Nothing is made yet' }).waitFor()
  await page.getByText('3 assets are defined').waitFor()
  await isAccessible()

  await page.getByRole('button', { name: 'Copy bullion up' }).click()
  expect(await copied(page)).toBe('bullion up')
  await page.getByRole('link', { name: 'See how they depend on each other' }).click()
  await page.getByRole('heading', { level: 1, name: 'Graph' }).waitFor()
})

test('a run that goes on appears by itself, and is gone from there when it has ended', async () => {
  const { page, isAccessible, go, hold, make } = on
  await go('/')
  const release = hold()
  const made = make(['prices', 'candles', 'means'], 'the first backfill')
  await panel('Running now').getByRole('link', { name: 'the first backfill' }).waitFor()
  await page.getByText('1 run going on.').waitFor()
  await panel('Running now').getByText('0 of 25').waitFor()
  await isAccessible()

  release()
  expect((await made).state.status).toBe('succeeded')
  await panel('Newest runs').getByRole('link', { name: 'the first backfill' }).waitFor()
  await panel('Running now').getByText('Nothing is being made.').waitFor()
  await page.getByText('All is well.').waitFor()
  const figures = page.getByRole('region', { name: 'In numbers' })
  await figures.getByRole('link', { name: /Published partitions\s*25 of 25/ }).waitFor()
  await figures.getByRole('link', { name: /Healthy assets\s*3 of 3/ }).waitFor()
  await isAccessible()
})

test('what failed needs attention, and is retried from there', async () => {
  const { page, isAccessible, world, engine } = on
  world.failing.add(key(1, 'BTC-USDT'))
  const span = { start: Date.parse(day(1)), end: Date.parse(day(0)) }
  const filter = { spans: [span], keys: {} }
  await (await engine.start({ assets: ['prices'], filter, mode: 'all', now: engine.clock(), reason: 'again' })).result

  const attention = panel('Needs attention')
  await attention.getByRole('listitem').filter({ hasText: 'prices' }).waitFor()
  await page.getByText(/1 asset failing/).waitFor()
  await isAccessible()

  world.failing.clear()
  await attention.getByRole('button', { name: 'Retry…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Materialize' })
  expect(await dialog.getByRole('radio', { name: /Only failed/ }).isChecked()).toBe(true)
  await dialog.getByRole('button', { name: 'Materialize 1 partition' }).click()
  await page.getByRole('heading', { level: 1, name: /succeeded$/ }).waitFor()

  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await attention.getByText('No asset fails or is late').waitFor()
})

test('each of its numbers leads to what it counts', async () => {
  const { page, go } = on
  const leads: readonly (readonly [RegExp, string, RegExp])[] = [
    [/Healthy assets/, 'Assets', /\/assets$/],
    [/Runs in 24 hours/, 'Runs', /\/runs\?since=24h$/],
    [/^Rows/, 'SQL', /\/sql$/],
    [/^Workers/, 'System', /\/system$/],
  ]
  for (const [name, title, address] of leads) {
    await go('/')
    await page.getByRole('region', { name: 'In numbers' }).getByRole('link', { name }).click()
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    expect(page.url()).toMatch(address)
  }
})

test('the keyboard comes by everything in the order in which it is read', async () => {
  const { page, go } = on
  await go('/')
  await panel('Newest runs').getByRole('link', { name: 'the first backfill' }).waitFor()
  const order = await tabOrder(page, () => false)
  const wanted = ['Skip to the page', 'Overview', 'System', 'Materialize…', 'Healthy assets', 'All runs']
  const places = wanted.map((name) => order.findIndex((one) => one.replace(/^\w+ /, '').startsWith(name)))
  expect(places, order.join(' | ')).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  on.wasQuiet()
})
