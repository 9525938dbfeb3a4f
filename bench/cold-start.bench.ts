import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { inTemporaryFolder, report, takeTurns, timed } from './measure.ts'

/** `bullion assets` in a home that holds something, from nothing to its last line. */
const root = resolve(import.meta.dirname, '..')
const bullion = join(root, 'bin/bullion.js')
/** Libraries that a listing has no use for. */
const heavy = ['ccxt', '@duckdb', 'apache-arrow', '@huggingface']

await inTemporaryFolder(async (folder) => {
  const home = join(folder, 'home')
  const run = (args: readonly string[]) => {
    const ended = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (ended.status !== 0) throw new Error(`${args.join(' ')} ended with ${ended.status}: ${ended.stderr}`)
    return ended.stdout
  }
  run([bullion, 'demo', '--days', '2', '--market', 'BTC-USDT', '--home', home])
  const list = [bullion, 'assets', '--home', home]
  const ms = await takeTurns({ ours: () => timed(() => run(list)), node: () => timed(() => run(['-e', '0'])) }, 9)
  report({
    name: 'bullion assets, cold',
    value: ms.ours,
    unit: 'ms',
    reference: ms.node,
    ratio: ms.ours / ms.node,
    goal: '< 400 ms',
    ok: ms.ours < 400,
  })

  const hook = `data:text/javascript,import{registerHooks}from'node:module';registerHooks({load(u,c,n){process.stdout.write('LOAD '+u+'\\n');return n(u,c)}})`
  const loaded = run(['--import', hook, ...list])
    .split('\n')
    .filter((line) => line.startsWith('LOAD '))
  const found = heavy.filter((name) => loaded.some((line) => line.includes(`/node_modules/${name}`)))
  report({
    name: 'heavy libraries it loads',
    value: found.length,
    unit: found.join(' ') || '-',
    reference: null,
    ratio: null,
    goal: '0',
    ok: loaded.some((line) => line.endsWith('/cli/main.ts')) && found.length === 0,
  })
})
