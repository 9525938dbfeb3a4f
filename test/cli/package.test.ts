import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root, temporaryFolder } from './run-bullion.ts'

const definitionFile = `
import { z } from 'zod'
import { daily, defineAsset, definitions } from 'bullion'
import { lake } from 'bullion/lake'

const squares = defineAsset({
  name: 'squares',
  partitions: { date: daily({ since: '2024-01-01' }) },
  output: z.strictObject({ n: z.int(), square: z.int() }),
  run: () => [1, 2, 3].map((n) => ({ n, square: n * n })),
})
export default definitions({ assets: [squares], resources: {}, io: lake({ url: 'lake' }) })
`

const typeCheck = `
import { defineAsset, materialize } from 'bullion'
import { z } from 'zod'
const one = defineAsset({ name: 'one', output: z.strictObject({ n: z.number() }), run: () => [{ n: 1 }] })
const { rows } = await materialize(one, {})
const n: number = rows[0]!.n
// @ts-expect-error a row has no such column
const m: number = rows[0]!.m
console.log(n, m === undefined)
`

test('the packed package gives the command, the framework with types, and runs an asset of the user', () => {
  const folder = temporaryFolder()
  const project = join(folder, 'project')
  mkdirSync(project)
  // The Node of this test first, as it is on the machine of a user whose Node is new enough.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, NO_COLOR: '1' }
  const run = (command: string, args: readonly string[], cwd: string) =>
    execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^[{]*/, ''),
  ) as
    | [{ filename: string; files: { path: string }[] }]
    | Record<string, { filename: string; files: { path: string }[] }>
  const [{ filename, files }] = Object.values(packed) as [{ filename: string; files: { path: string }[] }]
  expect(files.map(({ path }) => path).filter((path) => /\.test\.|^test\/|^\.ci|home\.json/.test(path))).toEqual([])
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', type: 'module', private: true }))
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, filename), 'zod@4.6.7'], project)

  expect(run('npx', ['bullion', '--help'], project)).toContain('materialize')

  writeFileSync(join(project, 'bullion.config.ts'), definitionFile)
  const made = run(
    'npx',
    ['bullion', 'materialize', 'squares', '--partition', '2024-01-01..2024-01-03', '--json'],
    project,
  )
  expect(JSON.parse(made).counts.published).toEqual({ squares: 3 })
  const answer = run(
    'npx',
    ['bullion', 'query', 'select sum(square)::int as total from squares', '--format', 'csv'],
    project,
  )
  expect(answer).toBe('total\n42\n')

  writeFileSync(join(project, 'check.ts'), typeCheck)
  const compiler = join(root, 'node_modules/.bin/tsc')
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    '--types',
    '',
    'check.ts',
  ]
  const complaints = (() => {
    try {
      return run(compiler, options, project)
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  })()
  expect(complaints.split('\n').filter((line) => line !== '' && !line.includes("'console'"))).toEqual([])
}, 240_000)
