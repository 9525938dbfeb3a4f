import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Engine, Tick } from '#pipeline'
import {
  daily,
  defineAsset,
  defineJob,
  defineSchedule,
  defineSensor,
  definitions,
  keyed,
  memoryIo,
  openEngine,
  provide,
  scheduledAsk,
  sqliteStore,
  startDaemon,
} from '#pipeline'

const date = daily({ since: '2024-01-01' })
const market = keyed(['A', 'B'])
const prices = defineAsset({
  name: 'prices',
  partitions: { date, market },
  output: z.strictObject({ n: z.int() }),
  run: () => [{ n: 1 }],
})
const job = defineJob({ name: 'ingest', assets: [prices] })
const nightly = defineSchedule({ name: 'nightly', job, cron: '0 1 * * *' })
const recheck = defineSchedule({ name: 'recheck', job, cron: '30 1 * * *', windowsBack: [1, 7], again: true })

const at = (text: string) => Date.parse(text)

async function engineOn(file: string, clock: () => number, spec: { sensors?: readonly any[] } = {}): Promise<Engine> {
  const io = memoryIo()
  const engine = await openEngine({
    definitions: definitions({
      assets: [prices],
      schedules: [nightly, recheck],
      resources: {},
      io: provide(() => io),
      ...spec,
    }),
    store: sqliteStore(file),
    concurrency: 4,
    clock,
  })
  onTestFinished(() => engine.close())
  return engine
}

function storeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-daemon-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'store.sqlite')
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return
    await sleep(5)
  }
  throw new Error('what was waited for did not happen in two seconds')
}

test('a schedule that comes due runs the last complete window, of all markets, once', async () => {
  let now = at('2024-03-10T00:59:59Z')
  const engine = await engineOn(storeFile(), () => now)
  const ticks: Tick[] = []
  const daemon = startDaemon(engine, { clock: () => now, everyMs: 5, onTick: (tick) => ticks.push(tick) })
  await sleep(30)
  expect(ticks).toEqual([])

  now = at('2024-03-10T01:00:00Z')
  await until(() => ticks.length === 1)
  await ticks[0]!.run!.result
  await sleep(30)
  await daemon.stop()

  expect(ticks.map(({ definition, scheduledAt }) => [definition, scheduledAt])).toEqual([['nightly', now]])
  expect((await engine.store.files('prices')).map(({ key }) => key)).toEqual([
    'date=2024-03-09/market=A',
    'date=2024-03-09/market=B',
  ])
})

test('two daemons on one store decide each tick once', async () => {
  let now = at('2024-03-10T00:59:59Z')
  const file = storeFile()
  const engines = [await engineOn(file, () => now), await engineOn(file, () => now)]
  const ticks: Tick[] = []
  const daemons = engines.map((engine) =>
    startDaemon(engine, { clock: () => now, everyMs: 5, onTick: (tick) => ticks.push(tick) }),
  )

  for (const time of ['2024-03-10T01:00:00Z', '2024-03-11T01:00:00Z', '2024-03-12T01:00:00Z']) {
    now = at(time)
    await until(async () => (await engines[0]!.store.lastTick('nightly'))?.scheduledAt === now)
    await sleep(20)
  }
  await Promise.all(ticks.map((tick) => tick.run?.result))
  await Promise.all(daemons.map((daemon) => daemon.stop()))

  expect(ticks.filter(({ definition }) => definition === 'nightly')).toHaveLength(3)
  expect(await engines[0]!.store.runs(10)).toHaveLength(5)
})

test('after downtime only the newest missed tick runs', async () => {
  let now = at('2024-03-10T01:00:01Z')
  const file = storeFile()
  const before = await engineOn(file, () => now)
  await before.store.decideTick(
    { definition: 'nightly', scheduledAt: at('2024-03-10T01:00:00Z'), decidedAt: now, run: null, note: null },
    undefined,
  )

  now = at('2024-03-14T09:00:00Z')
  const ticks: Tick[] = []
  const daemon = startDaemon(before, { clock: () => now, everyMs: 5, onTick: (tick) => ticks.push(tick) })
  await until(() => ticks.length === 1)
  await sleep(30)
  await daemon.stop()

  expect(ticks.map(({ scheduledAt }) => new Date(scheduledAt).toISOString())).toEqual(['2024-03-14T01:00:00.000Z'])
})

test('a recheck asks sources again for the days that it counts back', () => {
  const ask = scheduledAsk(recheck, at('2024-03-10T01:30:00Z'))

  expect(ask.mode).toBe('sources')
  expect(ask.filter.spans?.map(({ start }) => new Date(start).toISOString().slice(0, 10))).toEqual([
    '2024-03-08',
    '2024-03-02',
  ])
})

test('a sensor keeps its cursor and asks for each run once, also over a restart', async () => {
  const now = at('2024-03-10T12:00:00Z')
  const file = storeFile()
  const seen: (number | undefined)[] = []
  const sensor = defineSensor({
    name: 'arrivals',
    job,
    every: '5ms',
    cursor: z.number(),
    async poll({ cursor }) {
      seen.push(cursor)
      const runs =
        cursor === undefined ? [{ partition: { date: date.decode('2024-02-01'), market: 'A' as const } }] : []
      return { cursor: 1, runs }
    },
  })
  for (let start = 0; start < 2; start++) {
    const engine = await engineOn(file, () => now, { sensors: [sensor] })
    const runs: Tick[] = []
    const daemon = startDaemon(engine, { everyMs: 5, onTick: (tick) => runs.push(tick) })
    await until(() => seen.length > 3 * (start + 1))
    await Promise.all(runs.map((tick) => tick.run?.result))
    await daemon.stop()
  }

  const engine = await engineOn(file, () => now)
  expect(seen[0]).toBeUndefined()
  expect(seen.slice(1).every((cursor) => cursor === 1)).toBe(true)
  expect((await engine.store.runs(10)).map(({ ask }) => ask.reason)).toEqual(['sensor arrivals'])
  expect((await engine.store.files('prices')).map(({ key }) => key)).toEqual(['date=2024-02-01/market=A'])
})

test('a sensor that throws is told of and does not stop the schedules', async () => {
  let now = at('2024-03-10T00:59:59Z')
  const broken = defineSensor({
    name: 'broken',
    job,
    every: '5ms',
    cursor: z.number(),
    poll: async () => {
      throw new Error('no such folder')
    },
  })
  const engine = await engineOn(storeFile(), () => now, { sensors: [broken] })
  const ticks: Tick[] = []
  const daemon = startDaemon(engine, { clock: () => now, everyMs: 5, onTick: (tick) => ticks.push(tick) })
  now = at('2024-03-10T01:00:00Z')
  await until(() => ticks.some(({ definition }) => definition === 'nightly'))
  await daemon.stop()

  expect(ticks.find(({ definition }) => definition === 'broken')?.error).toContain('no such folder')
})
