import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copied } from './browser.ts'
import { openDeployment } from './deployment.ts'
import { openVisit } from './visit.ts'
import { day } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
// A query that can not be read is refused with 400, which the browser tells its console.
const opened = async () => openVisit(await openDeployment({ since: day(3) }), { allowed: [/status of 400/] })
beforeAll(async () => {
  on = await opened()
  await on.make(day(3), day(2))
})
afterAll(() => on?.close())

const answer = () => on.page.getByRole('table', { name: 'Result' })
const write = async (text: string) => {
  await on.page.getByRole('textbox', { name: 'SQL' }).click()
  await on.page.keyboard.press('ControlOrMeta+A')
  await on.page.keyboard.insertText(text)
}
const ask = async (text: string) => {
  await write(text)
  await on.page.keyboard.press('ControlOrMeta+Enter')
}
const query = `select market, count(*) as candles, sum(volume) as volume from silver_ohlcv_normalized group by market order by market`

test('before the first question it offers some', async () => {
  const { page, go, isAccessible } = on
  await go('/sql')
  await page.getByText('Ask the lake').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: /Daily close and volume/ }).click()
  await answer().getByText('BTC-USDT').first().waitFor()
  await isAccessible()
})

test('what can not be answered is said in place, and the text stays', async () => {
  const { page, isAccessible } = on
  await ask('select nothing_like_it from silver_ohlcv_normalized')
  await page.getByRole('alert').filter({ hasText: 'nothing_like_it' }).waitFor()
  await isAccessible()
  await ask('drop table silver_ohlcv_normalized')
  await page
    .getByRole('alert')
    .filter({ hasText: /select/i })
    .waitFor()
  await page.getByRole('textbox', { name: 'SQL' }).getByText('drop table').waitFor()
})

test('the names of tables and columns are completed, and written by a click', async () => {
  const { page } = on
  await write('select * from silver_ohlcv_n')
  await page.keyboard.type('o')
  await page
    .getByRole('option', { name: /silver_ohlcv_normalized/ })
    .first()
    .waitFor()
  await page.keyboard.press('Escape')
  await write('select ')
  await page.getByRole('textbox', { name: 'Find a table or column' }).fill('taker_buy_v')
  await page
    .getByRole('list', { name: 'Tables' })
    .getByRole('button', { name: /^taker_buy_volume/ })
    .first()
    .click()
  await page.getByRole('textbox', { name: 'SQL' }).getByText('select taker_buy_volume').waitFor()
})

test('an answer is a table, a chart and a file', async () => {
  const { page, isAccessible } = on
  await ask(query)
  await expect.poll(() => answer().getByRole('row').count()).toBe(3)
  await answer()
    .getByRole('row', { name: /BTC-USDT/ })
    .getByText(/1,?440/)
    .waitFor()
  await answer().getByRole('row').nth(1).focus()
  await page.keyboard.press('Enter')
  const row = page.getByRole('dialog')
  await row.getByText('BTC-USDT').waitFor()
  await isAccessible()
  await page.keyboard.press('Escape')

  await page.getByRole('radio', { name: 'Chart' }).click()
  await page.getByRole('img', { name: /candles over market, 2 points/ }).waitFor()
  await page.getByRole('checkbox', { name: 'volume' }).click()
  await page.getByRole('img', { name: /candles, volume over market/ }).waitFor()
  await isAccessible()
  expect(new URL(page.url()).searchParams.get('show')).toBe('chart')
  await page.getByRole('radio', { name: 'Table' }).click()

  await page.getByRole('button', { name: 'Download' }).click()
  const file = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'CSV' }).click()
  const saved = await file
  expect(saved.suggestedFilename()).toBe('answer.csv')
  const lines = (await readFile(await saved.path(), 'utf8')).trim().split(/\r?\n/)
  expect(lines[0]).toBe('market,candles,volume')
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
    ['BTC-USDT', '1440'],
    ['ETH-USDT', '1440'],
  ])
})

test('a question that takes too long is given up', async () => {
  const { page, isAccessible } = on
  await ask('select sum(a.range * b.range) from range(10000000) a, range(100000) b')
  const cancel = page.getByRole('button', { name: /^Cancel/ })
  await cancel.waitFor()
  await isAccessible()
  await cancel.click()
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
  // The next one does not wait for it.
  await ask('select 42 as it')
  await answer().getByText('42').waitFor()
})

test('what was asked before is found again, kept by a name, and sent to others', async () => {
  const { page, context, isAccessible } = on
  await page.getByRole('button', { name: 'Saved and before' }).click()
  const library = page.getByRole('dialog', { name: 'Saved and before' })
  await library
    .getByRole('button', { name: /group by market/ })
    .first()
    .waitFor()
  await isAccessible()
  await library
    .getByRole('button', { name: /group by market/ })
    .first()
    .click()
  await answer()
    .getByRole('row', { name: /ETH-USDT/ })
    .waitFor()
  await page.getByRole('button', { name: 'Saved and before' }).click()
  await library.getByRole('textbox', { name: 'Name of this query' }).fill('by market')
  await page.keyboard.press('Enter')
  await library.getByRole('button', { name: 'Forget by market' }).waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Address copied' }).waitFor()
  const other = await context.newPage()
  await other.goto(await copied(page))
  // Nothing is asked before a person has read it.
  await other.getByRole('textbox', { name: 'SQL' }).getByText('group by market').waitFor()
  expect(await other.getByRole('table', { name: 'Result' }).count()).toBe(0)
  await other.getByRole('button', { name: 'Run', exact: true }).click()
  await other
    .getByRole('table', { name: 'Result' })
    .getByRole('row', { name: /ETH-USDT/ })
    .waitFor()
  await other.close()
  on.wasQuiet()
})
