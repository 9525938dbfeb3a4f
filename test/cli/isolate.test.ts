import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownProject } from './own-project.ts'
import { root, temporaryFolder } from './run-bullion.ts'

test('a step that is isolated is made by the same command over the same definitions', async () => {
  const lake = JSON.stringify(join(temporaryFolder(), 'lake'))
  const { href } = new URL(`file://${join(root, 'resources/lake/open-lake.ts')}`)
  const run = ownProject(
    ['defineAsset', 'definitions', 'sql'],
    `
import { lake } from '${href}'
const pids = defineAsset({ name: 'pids', output: z.object({ pid: z.int(), parent: z.int() }), isolate: true, run: () => [{ pid: process.pid, parent: process.ppid }] })
const copies = defineAsset({ name: 'copies', deps: { pids }, output: z.object({ is_other: z.boolean() }), run: ({ inputs }) => sql\`select pid <> \${process.pid} and parent = \${process.pid} as is_other from \${inputs.pids}\` })
const fatal = defineAsset({ name: 'fatal', output: z.object({ n: z.int() }), isolate: { memoryMb: 512 }, retry: { attempts: 1 }, run: () => { console.log('so long'); process.exit(9) } })
export default definitions({ assets: [pids, copies, fatal], resources: {}, io: lake({ url: ${lake} }) })
`,
  )

  const made = await run('materialize', '*', '--json')

  expect([made.code, made.err]).toEqual([1, ''])
  expect(JSON.parse(made.out).counts).toMatchObject({ published: { pids: 1, copies: 1 }, failed: { fatal: 1 } })
  expect((await run('query', 'select is_other from copies', '--format', 'csv')).out).toBe('is_other\ntrue\n')
  const [{ run: id }] = JSON.parse((await run('runs', '--json')).out)
  expect((await run('runs', 'show', id)).out).toContain('the process of asset "fatal" ended with exit code 9')
  expect((await run('runs', 'logs', id)).out).toContain('so long')
  expect((await run('--help')).out).not.toContain('make-step')
})
