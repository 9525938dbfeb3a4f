import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { AnyAsset, AnySchedule, Engine, TickRow } from '#pipeline'
import {
  decideSchedule,
  defineAsset,
  defineJob,
  defineSchedule,
  definitions,
  memoryIo,
  openEngine,
  partitionOf,
  partitionsIn,
  provide,
  skip,
  sqliteStore,
} from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import type { Definition } from '../vocabulary.ts'
import { caseKeyOf, dimensionsOf, instantOf, single } from '../vocabulary.ts'

type UserCode = 'ok' | 'throws' | 'skips'

function codeOf(theirs: unknown = 'ok'): UserCode {
  if (theirs === 'ok' || theirs === 'throws' || theirs === 'skips') return theirs
  throw new Error(`the case tables have a new kind of user code: ${theirs}`)
}

/** A schedule of a case, and what its author's function does at the next evaluation. */
interface Cast {
  readonly schedule: AnySchedule
  readonly asset: AnyAsset
  readonly definition: Definition | null
}

export const run: Adapter = async (one) => {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-cases-'))
  const zone = process.env.TZ
  if (one.hostTimezone) process.env.TZ = one.hostTimezone
  const author = { code: 'ok' as UserCode }
  const casts = castsOf(one, author)
  let now = instantOf(one.startedAt).getTime()
  const engine = await openEngine({
    definitions: definitions({
      assets: [...casts.values()].map(({ asset }) => asset) as never,
      schedules: [...casts.values()].map(({ schedule }) => schedule),
      resources: {} as never,
      io: provide(memoryIo),
    }),
    store: sqliteStore(join(folder, 'store.sqlite')),
    concurrency: 1,
    clock: () => now,
  })
  try {
    await engine.store.seeAutomations([...casts.keys()], now)
    const compared: Compared[] = []
    for (const evaluation of one.evaluations ?? one.evaluationResults) {
      now = instantOf(evaluation.at).getTime()
      author.code = codeOf(evaluation.userCode)
      compared.push(...(await compareEvaluation(engine, casts, evaluation, now)))
    }
    return compared
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
}

function castsOf(one: Case, author: { readonly code: UserCode }): ReadonlyMap<string, Cast> {
  const most = one.maxCatchupRuns ?? one.maxCatchup
  return new Map(
    Object.entries<Definition>(one.schedules).map(([name, { cron, timezone, partitions }]) => {
      const zone = timezone ?? undefined
      const definition =
        typeof partitions === 'string'
          ? { type: partitions, start: partitions === 'hourly' ? '2019-01-01-00:00' : '2019-01-01', timezone: zone }
          : (partitions ?? null)
      const asset = defineAsset({
        name: `made_by_${name}`,
        partitions: dimensionsOf(definition) as {},
        output: z.strictObject({ n: z.int() }),
        run: () => [],
      }) as AnyAsset
      const schedule = defineSchedule({
        name,
        job: defineJob({ name: `job_${name}`, assets: [asset] }),
        cron,
        ...(zone !== undefined && { timezone: zone }),
        ...(most !== undefined && { catchUpMost: most }),
        ...(one.maxTickRetries !== undefined && { tickRetries: one.maxTickRetries }),
        evaluate() {
          if (author.code === 'throws') throw new Error('the author of the case wants it so')
          return author.code === 'skips' ? skip('the author of the case wants it so') : undefined
        },
      })
      return [name, { schedule, asset, definition }]
    }),
  )
}

async function compareEvaluation(
  engine: Engine,
  casts: ReadonlyMap<string, Cast>,
  evaluation: Case,
  now: number,
): Promise<readonly Compared[]> {
  const compared: Compared[] = []
  const compare = (what: string, expected: unknown, got: unknown) => {
    if (expected !== undefined) compared.push({ what: `${evaluation.at}: ${what}`, expected, got })
  }
  const before = await rowsOf(engine, casts)
  await evaluate(engine, now)
  const after = await rowsOf(engine, casts)
  for (const [name, expected] of Object.entries<readonly Case[]>(evaluation.newTicks ?? {})) {
    const known = new Set(before.get(name)!.map(({ scheduledAt }) => scheduledAt))
    const added = after.get(name)!.filter(({ scheduledAt }) => !known.has(scheduledAt))
    const told = await Promise.all(added.map((tick, at) => describe(engine, casts.get(name)!, tick, expected[at])))
    compare(
      name,
      expected.map(({ tick, ...other }) => ({ tick: iso(tick), ...spoken(other) })),
      told,
    )
  }
  const rows = [...after.values()].flat()
  compare('tick count', evaluation.tickCount, rows.length)
  compare('status', evaluation.status, statuses[rows.at(-1)?.status ?? 'skipped'])
  compare('failures', evaluation.failureCount, rows.at(-1)?.failures)
  compare('runs', evaluation.runs, rows.flatMap(({ runs }) => runs).length)
  if (evaluation.repeatAtSameInstantCreates !== undefined) {
    const runs = (await engine.store.runs(1_000)).length
    await evaluate(engine, now)
    compare('repeated', evaluation.repeatAtSameInstantCreates, (await engine.store.runs(1_000)).length - runs)
  }
  return compared
}

/** What a daemon does in one round. */
async function evaluate(engine: Engine, now: number): Promise<void> {
  const states = new Map((await engine.store.automations()).map((row) => [row.name, row]))
  for (const schedule of engine.definitions.schedules.values()) {
    const state = { ...states.get(schedule.name)!, upSince: now }
    await decideSchedule(engine, schedule, state, { now, signal: new AbortController().signal })
  }
}

/** Ticks of each schedule, oldest first. */
async function rowsOf(
  engine: Engine,
  casts: ReadonlyMap<string, Cast>,
): Promise<ReadonlyMap<string, readonly TickRow[]>> {
  const rows = [...casts.keys()].map(
    async (name) => [name, (await engine.store.ticks(name, 1_000)).toReversed()] as const,
  )
  return new Map(await Promise.all(rows))
}

/** A tick in the words of the case: it asks for the key of the partition, for the start of its window, or for neither. */
async function describe(engine: Engine, { asset, definition }: Cast, tick: TickRow, expected: Case | undefined) {
  const [id] = tick.runs
  const { filter } = (await engine.store.run(id ?? ''))?.ask ?? {}
  const keys = filter && definition ? partitionsIn(asset, filter, new Date(tick.scheduledAt)) : []
  const starts = keys.map((key) => (partitionOf(asset.partitions, key) as Record<string, any>)[single].start as Date)
  return {
    tick: new Date(tick.scheduledAt).toISOString(),
    ...(expected && 'status' in expected && { status: statuses[tick.status] }),
    ...(expected && 'partition' in expected && { partition: keys.map((key) => caseKeyOf(definition, key)) }),
    ...(expected && 'partitionStart' in expected && { partitionStart: starts.map((start) => start.toISOString()) }),
  }
}

/** One partition or none, as a list. */
const spoken = ({ partition, partitionStart, ...other }: Record<string, any>) => ({
  ...('status' in other && { status: other.status }),
  ...(partition !== undefined && { partition: partition === null ? [] : [partition] }),
  ...(partitionStart !== undefined && { partitionStart: [iso(partitionStart)] }),
})

const iso = (text: string) => instantOf(text).toISOString()
const statuses = { succeeded: 'SUCCESS', skipped: 'SKIPPED', failed: 'FAILURE' } as const
