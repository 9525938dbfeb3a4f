/** A worker process of the bench of many processes: `distributed-worker.ts raw|ours SETTINGS`. Ends when its input does. */
import type { Job } from 'bullmq'
import { Worker } from 'bullmq'
import { openEngine, postgresStore } from '#pipeline'
import type { Settings } from './distributed-steps.ts'
import { concurrency, openQueue, rawQueue, steps, used } from './distributed-steps.ts'

const [kind, text] = [process.argv[2]!, process.argv[3]!]
const settings = JSON.parse(text) as Settings
const { hostname, port } = new URL(settings.redis)

if (kind === 'raw') {
  const tellStart = async (job: Job): Promise<void> => {
    if (settings.tellStarts) process.send!({ key: job.data.key, at: performance.timeOrigin + performance.now() })
  }
  const worker = new Worker(rawQueue, tellStart, {
    connection: { host: hostname, port: Number(port), maxRetriesPerRequest: null },
    concurrency,
  })
  await worker.waitUntilReady()
  whenAsked(() => worker.close())
} else {
  const store = await postgresStore({ url: settings.postgres })
  const engine = await openEngine({
    definitions: steps(settings.count, (key) => {
      if (settings.tellStarts) process.send!({ key, at: performance.timeOrigin + performance.now() })
    }),
    ...{ store, concurrency, queue: (clock) => openQueue(settings, store, clock, true) },
  })
  whenAsked(() => engine.close())
}
process.send!('ready')

function whenAsked(close: () => Promise<unknown>): void {
  process.once('message', async () => {
    // What the leader hears of at last is how much memory it took at most.
    process.send!(used())
    await close()
    process.disconnect()
  })
}
