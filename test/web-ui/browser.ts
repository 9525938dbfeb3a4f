import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** A real browser until it is closed, and what its console said that is no good. */
export async function openBrowser(options: BrowserContextOptions = {}) {
  if (program === undefined) throw new Error('these tests need Chromium; install it with: apt-get install -y chromium')
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { context, page, complaints, close: () => browser.close() }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Serious and critical faults of what is on the screen, each with the elements it is about. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await settled(page)
  return faultsOf(page, {})
}

/** What can not be read well in the other theme than the one that is shown. */
export async function contrastFaults(page: Page): Promise<readonly string[]> {
  const turn = async () => {
    await page.evaluate(`(() => {
      const { dataset } = document.documentElement
      dataset.theme = dataset.theme === 'dark' ? 'light' : 'dark'
    })()`)
    await settled(page)
  }
  await turn()
  const faults = await faultsOf(page, { runOnly: ['color-contrast'] })
  await turn()
  return faults
}

/** Colours that fade are neither the one nor the other for a moment. */
const settled = (page: Page): Promise<unknown> =>
  page.evaluate(`(async () => {
    await new Promise(requestAnimationFrame)
    const fading = document.getAnimations().filter((one) => one instanceof CSSTransition)
    await Promise.allSettled(fading.map(({ finished }) => finished))
  })()`)

async function faultsOf(page: Page, options: object): Promise<readonly string[]> {
  // The page's own policy lets nobody add a script: the browser's tools may.
  const session = await page.context().newCDPSession(page)
  const { result: known } = await session.send('Runtime.evaluate', { expression: 'typeof axe' })
  if (known.value === 'undefined') await session.send('Runtime.evaluate', { expression: axe })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...options })}).then(({ violations }) => JSON.stringify(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ target, failureSummary }) => target.join(' ') + ' (' + failureSummary + ')').join('; '))))`,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  return JSON.parse(String(result.value)) as string[]
}

/** What the keyboard is on, by its role and its name or text; empty where that is nothing. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const one = document.activeElement
    if (!one || one === document.body) return ''
    return (one.getAttribute('role') ?? one.localName) + ' ' + (one.getAttribute('aria-label') ?? one.textContent)
  })()`)

/** What Tab comes by from here on, until \`isEnough\`. */
export async function tabOrder(page: Page, isEnough: (focused: string) => boolean): Promise<readonly string[]> {
  const order: string[] = []
  while (order.length < 80) {
    await page.keyboard.press('Tab')
    const here = await focused(page)
    if (here === '') break
    order.push(here)
    if (isEnough(here)) break
  }
  return order
}

/** What was copied last. */
export const copied = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()')
