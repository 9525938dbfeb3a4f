import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openBrowser } from './browser.ts'
import { openDeployment } from './deployment.ts'

const text = 'select 6 * 7 as answer'

test('a page of others that leads to a query does not have it asked; a person does', async () => {
  const { server, close } = await openDeployment({ since: '2024-01-01' })
  onTestFinished(close)
  const other = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end(`<a href="${server.url}/sql?q=${encodeURIComponent(text)}">Look</a>`)
  })
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { page, close: closeBrowser } = await openBrowser()
  onTestFinished(closeBrowser)
  const asked: string[] = []
  page.on('request', (request) => void (request.url().endsWith('/api/v1/sql') && asked.push(request.url())))
  await page.goto(await server.link())
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

  await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
  await page.getByRole('link', { name: 'Look' }).click()

  // The tables are told after all that the page asks by itself.
  await page.getByRole('textbox', { name: 'SQL' }).getByText('answer').waitFor()
  await page
    .getByRole('button', { name: /silver_ohlcv_normalized/ })
    .first()
    .waitFor()
  expect(asked).toEqual([])
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('table', { name: 'Result' }).getByText('42').waitFor()
})
