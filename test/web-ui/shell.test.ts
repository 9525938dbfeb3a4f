import { afterAll, beforeAll, expect, test } from 'vitest'
import { focused } from './browser.ts'
import { openVisit } from './visit.ts'
import { day, openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
const opened = async () =>
  // Refused answers and a server that is away are what these tests are about.
  openVisit(await openWorkshop(), {
    allowed: [/status of (40[14]|503)/, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY/],
  })
let run: string
beforeAll(async () => {
  on = await opened()
  run = (await on.make(['prices'], 'the days before', day(3))).id
})
afterAll(() => on?.close())

const title = (name: string | RegExp) => on.page.getByRole('heading', { level: 1, name }).waitFor()
const palette = () => on.page.getByRole('dialog', { name: 'Commands' })

test('the palette finds an asset, a run, a page and a command, and goes there', async () => {
  const { page, isAccessible, go } = on
  await go('/')
  await title('Overview')
  const find = async (typed: string, option: RegExp) => {
    await page.keyboard.press('ControlOrMeta+K')
    await palette().getByRole('combobox').waitFor()
    await page.keyboard.type(typed)
    await palette().getByRole('option', { name: option }).waitFor()
  }
  await find('cand', /candles/)
  await isAccessible()
  await page.keyboard.press('Enter')
  await title(/^candles/)

  await find('the days before', /the days before/)
  await page.keyboard.press('Enter')
  await title(/^the days before/)
  expect(page.url()).toContain(`/runs/${run}`)

  await find('syst', /System/)
  await page.keyboard.press('Enter')
  await title('System')

  // Tab on an asset: what can be done with it.
  await find('means', /means/)
  await page.keyboard.press('Tab')
  await palette().getByRole('option', { name: 'In the graph' }).waitFor()
  await page.keyboard.type('graph')
  await page.keyboard.press('Enter')
  await title('Graph')
  expect(new URL(page.url()).searchParams.get('focus')).toBe('means')

  await find('make pri', /prices/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Materialize' }).waitFor()
  await page.keyboard.press('Escape')
})

test('keys go to pages, to the search, and to the list of keys', async () => {
  const { page, isAccessible, go } = on
  await go('/')
  await title('Overview')
  for (const [keys, name] of [
    ['g a', 'Assets'],
    ['g g', 'Graph'],
    ['g r', 'Runs'],
    ['g t', 'Automation'],
    ['g s', 'SQL'],
    ['g m', 'Markets'],
    ['g y', 'System'],
    ['g o', 'Overview'],
  ] as const) {
    for (const key of keys.split(' ')) await page.keyboard.press(key)
    await title(name)
    await page.locator('h1').click()
  }
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await title('Runs')
  await page.keyboard.press('/')
  expect(await focused(page)).toContain('Find by reason, id or tag')
  // What is typed into a field is no command.
  await page.keyboard.type('g a?')
  await title('Runs')
  await page.keyboard.press('Escape')
  await page.locator('h1').click()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  await help.getByText('go to Markets').waitFor()
  await isAccessible()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })
})

test('the colours that were chosen stay', async () => {
  const { page } = on
  const shown = () => page.evaluate('document.documentElement.dataset.theme')
  const before = await shown()
  await page.getByRole('button', { name: /colours$/ }).click()
  const after = before === 'dark' ? 'light' : 'dark'
  expect(await shown()).toBe(after)
  await page.reload()
  await title('Runs')
  expect(await shown()).toBe(after)
  await page.getByRole('button', { name: /colours$/ }).click()

  await page.getByRole('button', { name: 'Narrow the menu' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Widen the menu' }).click()
  await page.getByRole('button', { name: 'Narrow the menu' }).waitFor()
})

test('what is not there is said, with a way on', async () => {
  const { page, isAccessible, go } = on
  await go('/nowhere/at-all')
  await title('Not found')
  await isAccessible()
  await page.getByRole('main').getByRole('link', { name: 'overview' }).click()
  await title('Overview')

  await go('/assets/price')
  await page.getByText('There is no such asset').waitFor()
  await page.getByText(/did you mean "prices"/).waitFor()
  await isAccessible()
  await page.getByRole('link', { name: 'Search the assets' }).click()
  await page.getByRole('table', { name: 'Assets' }).getByRole('link', { name: 'prices' }).waitFor()

  await go('/runs/no-such-run')
  await page
    .getByRole('main')
    .getByText(/"no-such-run"/)
    .first()
    .waitFor()
  await isAccessible()
  await page.getByRole('main').getByRole('link', { name: /runs/i }).click()
  await title('Runs')

  await go('/automation/no-such-schedule')
  await page
    .getByRole('main')
    .getByText(/"no-such-schedule"/)
    .first()
    .waitFor()
  await isAccessible()
})

test('a server that is gone is said to be, and what it says is shown once it is back', async () => {
  const { page, isAccessible, go, server, make } = on
  await go('/')
  await title('Overview')
  await page.getByText('Changes are shown as they happen').waitFor({ state: 'attached' })
  await server.shut()
  const banner = page.getByRole('alert').filter({ hasText: 'The server is out of reach' })
  await banner.waitFor()
  await isAccessible()

  await make(['candles'], 'made meanwhile', day(3))
  await server.openAgain()
  await banner.waitFor({ state: 'hidden', timeout: 20_000 })
  await page.getByRole('link', { name: 'made meanwhile' }).first().waitFor()
})

test('a session that has ended leads to where another begins', async () => {
  const { page, isAccessible, go, context, server } = on
  await go('/')
  await title('Overview')
  await context.clearCookies()
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page
    .getByText(/bullion link/)
    .first()
    .waitFor()
  await isAccessible()

  // The stream of changes is refused, too; another tab that is let in lets this one in.
  await server.shut()
  await server.openAgain()
  const banner = page.getByRole('alert').filter({ hasText: 'Your session has ended' })
  await banner.waitFor()
  await isAccessible()
  const other = await context.newPage()
  await other.goto(await server.link())
  await other.close()
  await banner.waitFor({ state: 'hidden' })

  await context.clearCookies()
  await page.reload()
  await page.getByRole('heading', { name: 'Who is there?' }).waitFor()
  await isAccessible()
  await page.goto(await server.link('/runs'))
  await title('Runs')
  on.wasQuiet()
})
