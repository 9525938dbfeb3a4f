/** A process that leads a backfill of empty steps, for a test that kills it: `node backfill-process.ts STORE DAYS`. */
import { z } from 'zod'
import { daily, defineAsset, definitions, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'

const [file, days] = [process.argv[2]!, Number(process.argv[3])]
const now = Date.parse('2026-01-01')
const date = daily({ since: new Date(now - days * 86_400_000).toISOString().slice(0, 10) })
const output = z.strictObject({ n: z.int() })
const first = defineAsset({ name: 'first', partitions: { date }, output, run: () => [] })
const second = defineAsset({ name: 'second', partitions: { date }, deps: { first }, output, run: () => [] })
const third = defineAsset({ name: 'third', partitions: { date }, deps: { second }, output, run: () => [] })

// A run of this kind moves no rows, so that what is counted is what the store was told.
const version = '4f53cda18c2baa0c0354bb5f9a3ecbe5'
const stage = async () => ({ path: '', rows: 0, bytes: 2, version })
const engine = await openEngine({
  definitions: definitions({
    assets: [first, second, third],
    resources: {},
    io: provide(() => ({ ...memoryIo(), stage })),
  }),
  store: sqliteStore(file),
  concurrency: 64,
})
await engine.freeDead()
const [resumed] = await engine.resume()
const ask = { assets: ['first', 'second', 'third'], filter: { keys: {} }, mode: 'all', now, reason: 'test' } as const
const run = resumed ?? (await engine.start(ask))
process.stdout.write(`${resumed ? 'resumed' : 'started'} ${run.plan.size}\n`)
const { state } = await run.result
await engine.close()
process.stdout.write(`${state.status}\n`)
