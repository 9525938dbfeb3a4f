/** A process that takes up what others left and makes what is missing, then makes it all again: `node run-process.ts HOW`. */
import { openEngine, sqliteStore } from '#pipeline'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import { everything } from './shared-place.ts'
import type { StopAt } from './stop-at.ts'
import { stagesOf } from './stop-at.ts'

export interface RunHow extends Market {
  readonly store: string
  readonly stop?: StopAt
  readonly leaseMs?: number
  readonly rounds?: readonly ('needed' | 'all')[]
}

const how = JSON.parse(process.argv[2]!) as RunHow
const say = (text: string) => process.stdout.write(`${text}\n`)
const stages = stagesOf(how.stop)
const engine = await openEngine({
  definitions: marketDefinitions(how, stages),
  store: stages.wrap(sqliteStore(how.store)),
  concurrency: 2,
  ...(how.leaseMs !== undefined && { leaseMs: how.leaseMs }),
})
say(`worker ${engine.worker}`)
await engine.freeDead()
for (const run of await engine.resume()) say(`resumed ${run.id} ${(await run.result).state.status}`)
for (const mode of how.rounds ?? ['needed', 'all']) {
  const run = await engine.start(everything(mode))
  say(`run ${run.id} began`)
  const { state, failures } = await run.result
  for (const { asset, key, error } of failures) say(`failed ${asset} ${key}: ${error}`)
  say(`run ${run.id} ${state.status}`)
}
await engine.close()
say('closed')
