import type { Page } from '#pipeline'

/** How long one request goes on looking where nothing is found; ms. */
const mostMs = 40

/** The first page that holds anything, or the one reached in time: each page looks at a stretch only. */
export async function firstFound<Item>(
  before: number | undefined,
  pageAt: (before: number | undefined) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const until = performance.now() + mostMs
  let page = await pageAt(before)
  while (page.items.length === 0 && page.next !== undefined && performance.now() < until) {
    page = await pageAt(page.next)
  }
  return page
}
