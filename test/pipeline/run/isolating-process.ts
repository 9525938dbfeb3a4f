/** A process with an engine and a step that does not end, for a test that kills it: `node isolating-process.ts FOLDER MISDEED`. */
import { join } from 'node:path'
import { openEngine, sqliteStore } from '#pipeline'
import { isolatedAssets } from './isolated-assets.ts'

const [folder, misdeed] = [process.argv[2]!, process.argv[3]!]
const engine = await openEngine({
  definitions: isolatedAssets(folder, true).all(),
  store: sqliteStore(join(folder, 'store.sqlite')),
  concurrency: 1,
  isolation: { module: join(import.meta.dirname, 'isolated-step.ts'), args: [folder] },
})
const params = { misfit: { misdeed } }
const ask = { assets: ['misfit'], filter: { keys: {} }, mode: 'all', now: Date.now(), reason: 'test', params } as const
await (await engine.start(ask)).result
