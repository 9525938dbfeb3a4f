import { join } from 'node:path'
import { z } from 'zod'
import { daily, defineAsset, definitions, openEngine, sqliteStore } from '#pipeline'
import { lake } from '../resources/lake/open-lake.ts'
import { inTemporaryFolder, median, report, timed } from './measure.ts'

/** One step on an engine that is open: from asking to a parquet file that readers see, durably. */
const asset = defineAsset({
  name: 'one',
  partitions: { date: daily({ since: '2020-01-01' }) },
  output: z.strictObject({ n: z.int(), x: z.number() }),
  run: () => Array.from({ length: 1_440 }, (_, n) => ({ n, x: n / 7 })),
})

await inTemporaryFolder(async (folder) => {
  const io = lake({ url: join(folder, 'lake') })
  const engine = await openEngine({
    definitions: definitions({ assets: [asset], resources: {}, io }),
    store: sqliteStore(join(folder, 'store.sqlite')),
    concurrency: 4,
  })
  const times: number[] = []
  for (let day = 0; day < 60; day++) {
    const start = Date.parse('2020-01-01') + day * 86_400_000
    const filter = { keys: {}, spans: [{ start, end: start + 1 }] }
    const ask = { assets: ['one'], filter, mode: 'needed', now: Date.parse('2024-01-01'), reason: 'bench' } as const
    times.push(await timed(async () => (await engine.start(ask)).result))
  }
  await engine.close()
  // The first steps load the engine and compile the code.
  const ms = median(times.slice(10))
  report({
    name: 'one step, asked to published',
    value: ms,
    unit: 'ms',
    reference: null,
    ratio: null,
    goal: '< 20 ms',
    ok: ms < 20,
  })
})
