import { join } from 'node:path'
import { z } from 'zod'
import { daily, defineAsset, definitions, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'
import { openSqlite } from '../pipeline/store/sqlite-connection.ts'
import { writes } from '../pipeline/store/writes.ts'
import { inTemporaryFolder, report, timed } from './measure.ts'

/**
 * A backfill of 100,000 partitions of three assets, each reading the one before, in one process: its rate against the
 * store's own transactions for those steps (claim with its inputs, publish; groups of 256, straight on a connection),
 * the memory of the process, and how long a cancel takes in the middle.
 */
const days = 100_000
const together = 256
const now = Date.parse('2026-01-01')
const date = daily({ since: new Date(now - days * 86_400_000).toISOString().slice(0, 10) })
const output = z.strictObject({ n: z.int() })
const first = defineAsset({ name: 'first', partitions: { date }, output, run: () => [] })
const second = defineAsset({ name: 'second', partitions: { date }, deps: { first }, output, run: () => [] })
const third = defineAsset({ name: 'third', partitions: { date }, deps: { second }, output, run: () => [] })
const names = ['first', 'second', 'third']
const ask = { assets: names, filter: { keys: {} }, mode: 'all', now, reason: 'bench' } as const
const total = days * names.length

/** No rows are moved: what is measured is the way of a step, not what it carries. */
const version = '4f53cda18c2baa0c0354bb5f9a3ecbe5'
const emptyIo = () => ({ ...memoryIo(), stage: async () => ({ path: '', rows: 0, bytes: 2, version }) })

const open = (folder: string, name: string) =>
  openEngine({
    definitions: definitions({ assets: [first, second, third], resources: {}, io: provide(emptyIo) }),
    store: sqliteStore(join(folder, `${name}.sqlite`)),
    concurrency: 2 * together,
  })

async function ours(folder: string): Promise<number> {
  const engine = await open(folder, 'ours')
  const ms = await timed(async () => {
    const { state } = await (await engine.start(ask)).result
    const made = Object.values(state.counts.published).reduce((sum, count) => sum + count, 0)
    if (made !== total) throw new Error(`expected ${total} steps, got ${JSON.stringify(state.counts)}`)
  })
  await engine.close()
  return (total / ms) * 1_000
}

async function canceling(folder: string): Promise<number> {
  const engine = await open(folder, 'canceled')
  const run = await engine.start(ask)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const ms = await timed(async () => {
    await engine.cancel(run.id)
    const { state } = await run.result
    if (state.status !== 'canceled') throw new Error(`expected a canceled run, got "${state.status}"`)
  })
  await engine.close()
  return ms
}

async function bare(folder: string, name: string): Promise<number> {
  const connection = openSqlite(join(folder, `${name}.sqlite`), 'writer')
  await writes.createRun(connection, { id: 'run', ask, leader: 'w', now: 0 })
  const space = Array.from({ length: days }, (_, index) => `date=${date.encode(date.at(index))}` as never)
  const ms = await timed(async () => {
    for (let at = 0; at < days; at += together) {
      const keys = space.slice(at, at + together)
      for (const [place, asset] of names.entries()) {
        const source = names[place - 1]
        await group(connection, keys, (key) =>
          writes.claim(connection, {
            ...{ run: 'run', worker: 'w', asset, keys: [key], now: at, leaseMs: 30_000 },
            inputs: source === undefined ? [] : [{ key, name: source, asset: source, keys: [key] }],
          }),
        )
        await group(connection, keys, (key) =>
          writes.publish(
            connection,
            { asset, key, token: 1 },
            {
              ...{ id: `m${at}`, asset, key, run: 'run', path: `${asset}/${key}/m${at}.parquet`, rows: 0, bytes: 2 },
              ...{ version, codeVersion: '1', inputs: source === undefined ? {} : { [source]: version } },
              sources: source === undefined ? {} : { [source]: [at] },
              ...{ checks: [], metadata: {}, at },
            },
          ),
        )
      }
    }
  })
  connection.close()
  return (total / ms) * 1_000
}

async function group(
  connection: ReturnType<typeof openSqlite>,
  keys: readonly never[],
  work: (key: never) => unknown,
): Promise<void> {
  connection.exec('begin immediate')
  for (const key of keys) await work(key)
  connection.exec('commit')
}

await inTemporaryFolder(async (folder) => {
  const before = await bare(folder, 'before')
  const canceled = await canceling(folder)
  const rate = await ours(folder)
  const peak = process.resourceUsage().maxRSS / 1_024
  // Before and after: a machine is not as fast all the time.
  const reference = (before + (await bare(folder, 'after'))) / 2
  const ratio = rate / reference
  const goal = '>= 0.60'
  report({ name: 'backfill 100k x 3', value: rate, unit: 'steps/s', reference, ratio, goal, ok: ratio >= 0.6 })
  const memory = { name: 'backfill 100k x 3, peak memory', value: peak, unit: 'MB' }
  report({ ...memory, reference: null, ratio: null, goal: '< 600', ok: peak < 600 })
  const stop = { name: 'backfill 100k x 3, cancel', value: canceled, unit: 'ms' }
  report({ ...stop, reference: null, ratio: null, goal: '< 1000', ok: canceled < 1_000 })
})
