import { setTimeout as sleep } from 'node:timers/promises'
import { everyPartition, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'
import { webDefinitions } from './web-definitions.ts'

/** Makes partitions in a store, so many a second, until it is ended: what those who watch it have to show. */
const [file, perSecond] = process.argv.slice(2) as [string, string]
const everyMs = 1_000 / Number(perSecond)
let turn = performance.now()
const definitions = webDefinitions({
  io: provide(() => memoryIo()),
  wait() {
    turn = Math.max(turn + everyMs, performance.now() - 100)
    return sleep(Math.max(0, turn - performance.now()))
  },
})
const engine = await openEngine({ definitions, store: sqliteStore(file), concurrency: 50 })
const assets = [...definitions.assets.values()].filter(
  ({ layer, name }) => layer === 'bronze' && name !== 'bronze_wide',
)
const run = await engine.start({
  assets: assets.map(({ name }) => name),
  filter: everyPartition,
  mode: 'all',
  now: Date.now(),
  reason: 'all of bronze again',
})
process.stdout.write(`${run.id}\n`)
await run.result
