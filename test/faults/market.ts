/** Small assets, for processes that suffer faults: the same in every process of a test. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { AnySchedule, AnySensor, Definitions } from '#pipeline'
import { daily, defineAsset, defineJob, defineSchedule, defineSensor, definitions, notNull, provide } from '#pipeline'
import { lake } from '../../resources/lake/open-lake.ts'
import type { Stages } from './stop-at.ts'

/** What goes on in one process. */
export interface Market {
  readonly lake: string
  /** Opens the lake, where it is a container of blobs. */
  readonly azureKey?: string
  readonly days: number
  /** Of the calls of authors' functions that fail, by chance. */
  readonly failing?: number
  /** Of the calls of authors' functions that end their process. */
  readonly dying?: number
  /** A day whose step ends its process. */
  readonly poison?: string
  /** Rows of a partition; such as do not compress. */
  readonly rows?: number
  /** How long a step takes; ms. */
  readonly stepMs?: number
  /** Rows are others each time they are made. */
  readonly isChanging?: boolean
  /** The version of the code of prices. */
  readonly code?: string
  /** Of the schedule; hourly if absent. */
  readonly cron?: string
  /** That the sensor reads; three if absent. */
  readonly messages?: number
  /** How often it looks; ms. */
  readonly pollMs?: number
  /** Versions of a partition that are kept; all if absent. */
  readonly versions?: number
}

/** Prices, of which the second day is refused by a check, and sums of them. */
export function marketDefinitions(
  market: Market,
  stages: Stages,
  automation: { readonly schedules?: boolean; readonly sensors?: boolean } = {},
): Definitions {
  const date = daily({
    since: '2024-01-01',
    until: new Date(Date.UTC(2024, 0, 1 + market.days)).toISOString().slice(0, 10),
  })
  const output = z.strictObject({ n: z.int(), noise: z.number() })
  const retry = { attempts: 4, backoff: '10ms', growth: 'none' } as const
  const author = async (key: string): Promise<void> => {
    stages.reach('during author')
    if (market.poison !== undefined && key === `date=${market.poison}`) process.kill(process.pid, 'SIGKILL')
    if (market.stepMs !== undefined) await new Promise((resolve) => setTimeout(resolve, market.stepMs))
    if (Math.random() < (market.dying ?? 0)) process.kill(process.pid, 'SIGKILL')
    if (Math.random() < (market.failing ?? 0)) throw new Error('by chance')
  }
  const rowsOf = (key: string) =>
    Array.from({ length: market.rows ?? 2 }, (_, n) => ({
      n: Number(key.slice(-2)) + n,
      noise: Math.sin(n * 9_301 + 7) + (market.isChanging ? Math.random() : 0),
    }))
  const { messages = 3 } = market

  const prices = defineAsset({
    name: 'prices',
    partitions: { date },
    output,
    retry,
    ...(market.code !== undefined && { codeVersion: market.code }),
    checks: {
      whole: (rows) => notNull(rows, 'n'),
      wanted: (_, { key }) => (key === 'date=2024-01-02' ? { passed: false, why: 'not this day' } : { passed: true }),
    },
    async run({ key }) {
      await author(key)
      return rowsOf(key)
    },
  })
  const sums = defineAsset({
    name: 'sums',
    partitions: { date },
    deps: { prices },
    output,
    retry,
    async run({ key, inputs }) {
      await author(key)
      return [{ n: (await inputs.prices.toArray()).reduce((sum, { n }) => sum + n, 0), noise: 0 }]
    },
  })
  const job = defineJob({ name: 'ingest', assets: [prices, sums] })
  const hourly = defineSchedule({ name: 'hourly', job, cron: market.cron ?? '0 * * * *', catchUp: 'all' })
  const feed = defineSensor({
    name: 'feed',
    job,
    every: `${market.pollMs ?? 200}ms`,
    cursor: z.int(),
    // A message a poll; each asks for a day under a key of its own, and none for the second day, which is refused.
    async poll({ cursor = 0 }) {
      if (cursor >= messages) return {}
      const partition = { date: date.at([0, 2, 3][cursor % 3]!) }
      return { cursor: cursor + 1, runs: [{ partition, runKey: `message ${cursor + 1}` }] }
    },
  })
  const io = lake({
    ...{ url: market.lake, threads: 1, memoryMb: 128 },
    ...(market.azureKey !== undefined && {
      credentials: { accountKey: market.azureKey },
      cache: { folder: join(tmpdir(), `bullion-cache-${process.pid}`), maxBytes: 50e6 },
    }),
  })
  return definitions({
    assets: [prices, sums],
    schedules: (automation.schedules ? [hourly] : []) as readonly AnySchedule[],
    sensors: (automation.sensors ? [feed] : []) as readonly AnySensor[],
    resources: {},
    retain: market.versions === undefined ? {} : { versions: market.versions },
    io: provide(
      async () => stages.wrap(await io.open()),
      (opened) => io.close?.(opened),
    ),
  })
}
