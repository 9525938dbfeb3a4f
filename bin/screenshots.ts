/**
 * Pictures of every page in its main states, of data that is made here: `npm run screenshots` writes them into
 * screenshots/, with names of scenes only those, and `npm run screenshots -- --readme` renews the pictures of the README.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from '../test/web-ui/browser.ts'
import type { Theme, Width } from './screenshots/photograph.ts'
import { photograph, sizes } from './screenshots/photograph.ts'
import type { Scene } from './screenshots/scenes.ts'
import { scenesOfBeginning, scenesOfLarge, scenesOfMonth } from './screenshots/scenes.ts'
import type { Stage } from './screenshots/stage.ts'
import { openBeginning, openLarge, openMonth } from './screenshots/stage.ts'

/** Each in the theme in which it says most. */
const ofReadme: Readonly<Record<string, Theme>> = {
  overview: 'light',
  'large-graph': 'dark',
  'asset-partition': 'light',
  markets: 'dark',
}

const words = process.argv.slice(2)
const isReadme = words.includes('--readme')
const names = words.filter((word) => !word.startsWith('--'))
const folder = join(import.meta.dirname, '..', isReadme ? 'docs/images' : 'screenshots')
if (!isReadme && names.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const startedAt = Date.now()
const { context, close: closeBrowser } = await openBrowser()
try {
  await show(openMonth, scenesOfMonth)
  if (scenesOfBeginning.some(isWanted)) await show(openBeginning, () => scenesOfBeginning)
  if (scenesOfLarge.some(isWanted)) await show(openLarge, () => scenesOfLarge)
} finally {
  await closeBrowser()
}
console.log(`the pictures are in ${folder} after ${Math.round((Date.now() - startedAt) / 1_000)} s`)

async function show<Of extends Stage>(
  open: () => Promise<Of>,
  scenesOf: (stage: Of) => readonly Scene[],
): Promise<void> {
  const stage = await open()
  try {
    const scenes = scenesOf(stage).filter(isWanted)
    const widths = (isReadme ? [1440] : Object.keys(sizes).map(Number)) as Width[]
    const wrong = await Promise.all(
      widths.map(async (width) =>
        photograph(context.browser()!, {
          ...{ url: stage.server.url, link: await stage.server.link(), scenes, width },
          fileOf: (scene, theme) => fileOf(scene, theme, width),
        }),
      ),
    )
    for (const text of [...wrong.flat(), ...stage.troubles]) {
      console.error(String(text))
      process.exitCode = 1
    }
  } finally {
    await stage.close()
  }
}

function isWanted({ name }: Scene): boolean {
  if (isReadme) return Object.hasOwn(ofReadme, name)
  return names.length === 0 || names.some((word) => name.startsWith(word))
}

function fileOf({ name }: Scene, theme: Theme, width: Width): string | undefined {
  if (!isReadme) return join(folder, `${name}-${theme}-${width}.png`)
  return ofReadme[name] === theme ? join(folder, `${name}.png`) : undefined
}
