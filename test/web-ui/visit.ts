import { expect } from 'vitest'
import { accessibilityFaults, contrastFaults, openBrowser } from './browser.ts'

interface Deployment {
  readonly server: { readonly url: string; link(next?: string): Promise<string> }
  readonly troubles: readonly unknown[]
  close(): Promise<void>
}

/** A deployment, and a browser that was let in, until both are closed. */
export async function openVisit<D extends Deployment>(
  deployment: D,
  options: Parameters<typeof openBrowser>[0] & { readonly allowed?: readonly RegExp[] } = {},
) {
  const { allowed = [], ...browserOptions } = options
  const browser = await openBrowser({ permissions: ['clipboard-read', 'clipboard-write'], ...browserOptions })
  const { page, context, complaints } = browser
  context.setDefaultTimeout(10_000)
  await page.goto(await deployment.server.link())
  return {
    ...{ ...deployment, page, context },
    /** Loads a page by its address. */
    go: (path: string) => page.goto(deployment.server.url + path),
    /** Whoever sees little, or nothing, can use what is on the screen: in both themes. */
    async isAccessible() {
      expect(await accessibilityFaults(page)).toEqual([])
      expect(await contrastFaults(page)).toEqual([])
    },
    /** Neither the browser nor the server had anything to complain of, but for what a test provoked. */
    wasQuiet() {
      const unexpected = complaints.filter((text) => !allowed.some((one) => one.test(text)))
      expect({ browser: unexpected, server: deployment.troubles }).toEqual({ browser: [], server: [] })
    },
    async close() {
      await browser.close()
      await deployment.close()
    },
  }
}
