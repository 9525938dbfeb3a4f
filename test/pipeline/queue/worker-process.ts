/** A process that works on steps, for tests to kill: says what it begins and ends, and never ends steps of "hangs". */

import { bullmqQueue } from '#pipeline'

const [url, prefix, pools] = process.argv.slice(2) as [string, string, string]

const queue = await bullmqQueue({
  ...{ url, prefix, pools: JSON.parse(pools), concurrency: 4, lockMs: 1_000, stalledMs: 1_000 },
  code: new Map(['works', 'hangs'].map((asset) => [asset, '1'])),
  askOf: async () => ({ mode: 'needed', now: 0 }),
})
queue.work(async ({ asset, keys: [key] }, _signal, report) => {
  process.send!(['begun', key])
  report({ key: key!, outcome: 'started' })
  if (asset === 'hangs') await new Promise(() => setInterval(() => undefined, 1_000))
  report({ key: key!, outcome: 'published' })
  process.send!(['ended', key])
})
process.on('message', () => void queue.close().then(() => process.disconnect()))
process.send!(['ready'])
