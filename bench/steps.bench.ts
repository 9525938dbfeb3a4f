import { join } from 'node:path'
import { z } from 'zod'
import { daily, defineAsset, definitions, memoryIo, openEngine, partitionsIn, provide, sqliteStore } from '#pipeline'
import { openSqlite } from '../pipeline/store/sqlite-connection.ts'
import { writes } from '../pipeline/store/writes.ts'
import { inTemporaryFolder, report, takeTurns, timed } from './measure.ts'

/**
 * Empty steps a second: the whole way from a plan to published partitions, against the store's own transactions for
 * those steps: its operations, statements and JSON alike, straight on its connection in groups of as many, without the
 * engine, the queue and the thread.
 */
const asset = defineAsset({
  name: 'empty',
  partitions: { date: daily({ since: '1976-01-01' }) },
  output: z.strictObject({ n: z.int() }),
  run: () => [],
})
const ask = {
  assets: ['empty'],
  filter: { keys: {} },
  mode: 'all',
  now: Date.parse('2026-01-01'),
  reason: 'bench',
} as const
const keys = partitionsIn(asset, ask.filter, new Date(ask.now))
const together = 256

async function ours(folder: string, round: number): Promise<number> {
  // No rows are moved: what is measured is the way of a step, not what it carries.
  const stage = async () => ({ path: '', rows: 0, bytes: 2, version: '4f53cda18c2baa0c0354bb5f9a3ecbe5' })
  const io = { ...memoryIo(), stage }
  const store = sqliteStore(join(folder, `ours-${round}.sqlite`))
  const engine = await openEngine({
    definitions: definitions({ assets: [asset], resources: {}, io: provide(() => io) }),
    store,
    // Twice a group, so that one group is made while the other is being committed.
    concurrency: 2 * together,
  })
  const ms = await timed(async () => {
    const { state } = await (await engine.start(ask)).result
    if (state.counts.published.empty !== keys.length)
      throw new Error(`expected ${keys.length} steps, got ${JSON.stringify(state.counts)}`)
  })
  await engine.close()
  return (keys.length / ms) * 1_000
}

async function bare(folder: string, round: number): Promise<number> {
  const connection = openSqlite(join(folder, `bare-${round}.sqlite`), 'writer')
  await writes.createRun(connection, { id: 'run', ask, leader: 'w', now: 0 })
  const transaction = async (
    part: readonly (typeof keys)[number][],
    work: (key: (typeof keys)[number]) => Promise<unknown>,
  ) => {
    connection.exec('begin immediate')
    for (const key of part) await work(key)
    connection.exec('commit')
  }
  const ms = await timed(async () => {
    for (let at = 0; at < keys.length; at += together) {
      const part = keys.slice(at, at + together)
      await transaction(part, (key) =>
        writes.claim(connection, {
          run: 'run',
          worker: 'w',
          asset: 'empty',
          keys: [key],
          now: at,
          leaseMs: 30_000,
          inputs: [],
        }),
      )
      await transaction(part, (key) =>
        writes.publish(
          connection,
          { asset: 'empty', key, token: 1 },
          {
            ...{
              id: `m${at}`,
              asset: 'empty',
              key,
              run: 'run',
              path: `empty/${key}/m${at}.parquet`,
              rows: 0,
              bytes: 2,
            },
            ...{
              version: '4f53cda18c2baa0c0354bb5f9a3ecbe5',
              codeVersion: '1',
              inputs: {},
              checks: [],
              metadata: {},
              at,
            },
          },
        ),
      )
    }
  })
  connection.close()
  return (keys.length / ms) * 1_000
}

await inTemporaryFolder(async (folder) => {
  const rate = await takeTurns({ ours: (round) => ours(folder, round), bare: (round) => bare(folder, round) }, 9)
  const ratio = rate.ours / rate.bare
  report({
    name: 'empty steps',
    value: rate.ours,
    unit: 'steps/s',
    reference: rate.bare,
    ratio,
    goal: '>= 0.60',
    ok: ratio >= 0.6,
  })
})
