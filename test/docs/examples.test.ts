import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** The TypeScript blocks of a page; names that the reader is to supply are declared. */
function examplesOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!)
  return `declare function fetchPrices(market: string, since: Date): { at: number; price: number }[]\n${blocks.join('\n')}`
    .replaceAll("'bullion/lake'", "'../../resources/lake/open-lake.ts'")
    .replaceAll("'bullion'", "'#pipeline'")
}

const pages = ['README.md', 'docs/add-an-asset.md', 'docs/concepts.md', 'docs/correct-data.md']

test.each(pages)('the example of %s compiles', (page) => {
  // Inside the repository, so that '#pipeline' and zod mean what they mean there.
  const folder = join(root, 'test', `.example-${page.replace(/\W/g, '-')}`)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'example.ts'), examplesOf(page))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: { rootDir: '../..' }, include: ['example.ts'] }),
  )

  const complaints = (() => {
    try {
      return execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  })()

  expect(complaints).toBe('')
})
