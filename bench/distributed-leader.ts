/** A process that leads one run of the bench of many processes: `distributed-leader.ts SETTINGS`. Tells its time and memory. */
import { openEngine, postgresStore } from '#pipeline'
import type { Settings } from './distributed-steps.ts'
import { ask, openQueue, steps, used } from './distributed-steps.ts'
import { timed } from './measure.ts'

const settings = JSON.parse(process.argv[2]!) as Settings
const store = await postgresStore({ url: settings.postgres })
const engine = await openEngine({
  ...{ definitions: steps(settings.count, () => undefined), store, concurrency: 1, works: false },
  queue: (clock) => openQueue(settings, store, clock, false),
})
const ms = await timed(async () => {
  const { state } = await (await engine.start(ask)).result
  if (state.counts.published.empty !== settings.count)
    throw new Error(`not all was made: ${JSON.stringify(state.counts)}`)
})
process.send!({ ms, ...used() })
await engine.close()
process.disconnect()
