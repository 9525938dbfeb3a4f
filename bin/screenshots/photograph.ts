import type { Browser, Page } from 'playwright-core'
import type { Scene } from './scenes.ts'

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]
export const sizes = { 1440: { width: 1440, height: 900 }, 1024: { width: 1024, height: 768 } } as const
export type Width = keyof typeof sizes

/**
 * Takes pictures of scenes at one width, each in both themes, and returns what is wrong with the pages. `fileOf` says
 * where a picture goes; nowhere if absent.
 */
export async function photograph(
  browser: Browser,
  on: {
    readonly url: string
    /** Lets a browser in. */
    readonly link: string
    readonly scenes: readonly Scene[]
    readonly width: Width
    readonly fileOf: (scene: Scene, theme: Theme) => string | undefined
  },
): Promise<readonly string[]> {
  const wrong: string[] = []
  const context = await browser.newContext({
    viewport: sizes[on.width],
    colorScheme: 'light',
    reducedMotion: 'reduce',
    bypassCSP: true,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error}`))
  let isIn = false
  for (const scene of on.scenes) {
    if (!isIn && !scene.isOutside) await page.goto(on.link)
    isIn ||= !scene.isOutside
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(on.url + scene.path)
    await settled(page)
    if (scene.act) {
      await scene.act(page)
      await settled(page)
    }
    for (const theme of themes) {
      const file = on.fileOf(scene, theme)
      if (file === undefined) continue
      await inTheme(page, theme)
      await drawn(page)
      await page.screenshot({ path: file })
    }
    const over = Number(await page.evaluate(sideways))
    if (over > 0) wrong.push(`${scene.name} is ${over} px wider than the ${on.width} px of the window`)
  }
  await context.close()
  return wrong
}

/** How far the page, or what scrolls in it, can be moved sideways. */
const sideways = `Math.max(...['html', '#main'].map((name) => document.querySelector(name))
  .map((element) => element ? element.scrollWidth - element.clientWidth : 0))`

/** The application follows its own switch, the few other pages what the system says. */
async function inTheme(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
  await page.evaluate(`if (document.documentElement.dataset.theme) document.documentElement.dataset.theme = '${theme}'`)
}

/** Nothing is awaited any more, and the letters are there. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(
    `document.fonts.status === 'loaded' && !document.querySelector('.animate-spin:not([role=img])')`,
  )
  await drawn(page)
}

/** A canvas had its frames to be drawn in. */
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(
    'new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 120))',
  )
