import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, PartitionFilter } from '#pipeline'
import { decideSchedule, memoryIo, openEngine, provide, sqliteStore } from '#pipeline'
import { webDefinitions } from '../../bench/web-definitions.ts'
import { fillWebStore } from '../../bench/web-store.ts'
import { storeFile } from '../../home.ts'
import { openDeployment, openPages } from '../../test/web-ui/deployment.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const bronze = 'bronze_binance_ohlcv'
const toSilver = [bronze, 'silver_ohlcv_normalized', 'silver_ohlcv_resampled']
const toGold = [...toSilver, 'gold_huggingface_ohlcv', 'gold_huggingface_release']

/** Something to take pictures of. */
export interface Stage {
  readonly server: { readonly url: string; link(): Promise<string> }
  /** What went wrong in the server. */
  readonly troubles: readonly unknown[]
  close(): Promise<void>
}

/**
 * A month of the product: what schedules made day by day, then a day that the exchange revised, an outage with its retry,
 * another that nobody has looked at yet, and a day that was wiped.
 */
export async function openMonth() {
  const today = Math.floor(Date.now() / dayMs) * dayMs
  const dayOf = (ago: number): number => today - ago * dayMs
  let ahead = dayOf(10) + hourMs - Date.now()
  const clock = () => Date.now() + ahead
  /** Never back: what was made is not from the future. */
  const goTo = (at: number): void => {
    ahead = Math.max(ahead, at - Date.now())
  }
  const since = new Date(dayOf(30)).toISOString().slice(0, 10)
  const { engine, server, misbehave, troubles, close } = await openDeployment({
    ...{ since, clock, markets: ['BTC-USDT', 'ETH-USDT', 'SOL-USDT'] },
  })
  try {
    await make(engine, toGold, days(dayOf(30), dayOf(10)), 'needed', 'the first days')
    await engine.store.seeAutomations([...engine.definitions.schedules.keys()], clock())
    for (let ago = 9; ago >= 0; ago--) {
      for (const schedule of engine.definitions.schedules.values()) {
        const at = schedule.ticks.atOrAfter(dayOf(ago))!
        if (at + hourMs > Date.now()) continue
        goTo(at + 2_000)
        await tick(engine, schedule.name, at)
      }
    }
    const failures: string[] = []
    goTo(Date.now() - 9 * hourMs)
    misbehave({ revised: { times: Number.POSITIVE_INFINITY } })
    await make(engine, [bronze], days(dayOf(6), dayOf(4)), 'all', 'ask again for what was revised')
    goTo(Date.now() - 4.2 * hourMs)
    misbehave({ '503': { times: Number.POSITIVE_INFINITY } })
    failures.push(await make(engine, toSilver, days(dayOf(14), dayOf(12)), 'all', 'compare with the exchange'))
    misbehave({})
    goTo(Date.now() - 3.9 * hourMs)
    await (await engine.rerun(failures[0]!, 'failed')).result
    goTo(Date.now())
    await engine.wipe({ asset: 'silver_ohlcv_normalized', filter: days(dayOf(17), dayOf(16)) })
    misbehave({ '503': { times: Number.POSITIVE_INFINITY } })
    failures.push(await make(engine, toSilver, days(dayOf(3), dayOf(2)), 'all', 'compare with the exchange'))
    misbehave({})
    const good = (await engine.store.runs(100)).find(
      ({ ask, status }) => ask.reason === 'the first days' && status === 'succeeded',
    )!
    return {
      ...{ server, troubles, close, dayOf },
      /** A run that failed, and one that made everything. */
      runs: { failed: failures.at(-1)!, good: good.id },
    }
  } catch (error) {
    await close()
    throw error
  }
}

const days = (start: number, end: number): PartitionFilter => ({ spans: [{ start, end }], keys: {} })

async function make(
  engine: Engine,
  assets: readonly string[],
  filter: PartitionFilter,
  mode: 'all' | 'needed',
  reason: string,
): Promise<string> {
  const run = await engine.start({ assets, filter, mode, now: engine.clock(), reason })
  await run.result
  return run.id
}

/** What the daemon does at an instant for one schedule, and all that it asked for. */
async function tick(engine: Engine, name: string, at: number): Promise<void> {
  const schedule = engine.definitions.schedules.get(name)!
  const state = { since: at, lastTick: undefined, upSince: at }
  const ticks = await decideSchedule(engine, schedule, state, {
    now: engine.clock(),
    signal: new AbortController().signal,
  })
  for (const { runs } of ticks) for (const run of runs) await run.result
}

/** The product before anything was made. */
export const openBeginning = () =>
  openDeployment({ since: new Date(Date.now() - 30 * dayMs).toISOString().slice(0, 10) })

/** 300 assets in 12 groups. */
export async function openLarge() {
  const path = mkdtempSync(join(tmpdir(), 'bullion-large-'))
  const open = new AsyncDisposableStack()
  open.defer(() => rmSync(path, { recursive: true, force: true }))
  const definitions = webDefinitions({ io: provide(memoryIo), wait: async () => undefined })
  // A few days are enough to be looked at, and quickly there.
  const now = Date.parse('2022-04-20T08:00:00Z')
  await fillWebStore(storeFile(path), definitions, now)
  const startedAt = Date.now()
  const clock = () => now + Date.now() - startedAt
  const engine = await openEngine({ definitions, store: sqliteStore(storeFile(path)), concurrency: 1, clock })
  open.defer(() => engine.close())
  const refused = () => Promise.reject(new Error('there are no rows here'))
  const pages = await openPages({
    ...{ engine, path, name: '300 assets of twelve exchanges' },
    lake: {
      ...{ limits: { rows: 1, memoryMb: 1, timeoutMs: 1 }, query: refused, download: refused, firstRows: refused },
      catalogue: { name: 'catalogue', description: 'what is published', columns: [] },
    },
  })
  open.defer(() => pages.close())
  return { server: pages.server, troubles: pages.troubles, close: () => open.disposeAsync() }
}
