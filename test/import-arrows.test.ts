import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './cli/run-bullion.ts'

const program = (name: string) => resolve('node_modules/.bin', name)

function treeOf(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** What the table of arrows says of a tree that holds only these files. */
function cruised(files: Readonly<Record<string, string>>): string {
  const config = resolve('.dependency-cruiser.cjs')
  const { stdout, status } = spawnSync(program('depcruise'), ['--config', config, '--progress', 'none', '.'], {
    cwd: treeOf(files),
    encoding: 'utf8',
  })
  return `${status === 0 ? 'allowed' : 'refused'} ${stdout}`
}

test.each([
  ['pipeline/plan/a.ts', '../../market/b.ts', 'pipeline-stands-alone'],
  ['market/a.ts', '../resources/lake/b.ts', 'market-is-pure'],
  ['server/query/a.ts', '../../cli/b.ts', 'server-serves-any-deployment'],
  ['server/query/a.ts', '../../resources/lake/b.ts', 'ports-only'],
  ['server/contract/a.ts', '../query/b.ts', 'contract-stands-alone'],
  ['web-ui/a.ts', '../server/query/b.ts', 'browser-knows-the-contract'],
])('%s may not import %s', (from, to, rule) => {
  const there = join(dirname(from), to)

  expect(cruised({ [from]: `import '${to}'\n`, [there]: 'export const b = 1\n' })).toMatch(
    new RegExp(`^refused [^]*${rule}`),
  )
})

test('what keeps to the arrows passes', () => {
  const files = { 'web-ui/a.ts': "import '../server/contract/b.ts'\n", 'server/contract/b.ts': 'export const b = 1\n' }

  expect(cruised(files)).toMatch(/^allowed/)
})

test.each([
  ['../server/query/b.ts', false],
  ['../pipeline/plan/b.ts', false],
  ['#pipeline', false],
  ['../server/contract/paths.ts', true],
])('what runs in the browser may import %s where it is JSX: %s', (path, isAllowed) => {
  const root = treeOf({
    'biome.json': readFileSync('biome.json', 'utf8'),
    'web-ui/a.tsx': `import { b } from '${path}'\n\nexport const a = <b>{b}</b>\n`,
  })

  const { stdout, stderr, status } = spawnSync(program('biome'), ['lint', '.'], { cwd: root, encoding: 'utf8' })

  expect(status).toBe(isAllowed ? 0 : 1)
  expect(`${stdout}${stderr}`.includes('shares the contract and nothing else')).toBe(!isAllowed)
})
