import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '#pipeline'
import { daily, defineAsset, everyPartition, instantOf, parsePast, stepsOf } from '#pipeline'
import type { Place } from './open-engine.ts'
import { asking, engineOf, gate, make, newPlace, now, rowsOf } from './open-engine.ts'

const date = daily({ since: '2024-01-01' })
const output = z.strictObject({ n: z.int() })
const monday = 'date=2024-01-01'
const hour = 3_600_000

/** Days of candles whose rows are the number of the run that made them, and a reader that doubles them. */
async function deployment(place: Place = newPlace()) {
  const world = { n: 0, at: now, hold: async () => {} }
  const candles = defineAsset({
    name: 'candles',
    partitions: { date },
    output,
    async run() {
      await world.hold()
      return [{ n: world.n }]
    },
  })
  const doubled = defineAsset({
    name: 'doubled',
    partitions: { date },
    deps: { candles },
    output,
    run: async ({ inputs }) => (await inputs.candles.toArray()).map(({ n }) => ({ n: 2 * n })),
  })
  const engine = await engineOf([candles, doubled], place, { clock: () => world.at })
  /** Makes all of it with other rows, an hour after the last time. Returns the run. */
  const again = async (): Promise<string> => {
    world.n += 1
    world.at += hour
    return (await make(engine, { mode: 'all' })).id
  }
  return { engine, place, world, candles, doubled, again }
}

const back = (engine: Engine, to: Parameters<Engine['rollback']>[0]['to'], of: object = {}) =>
  engine.rollback({ assets: ['candles'], filter: everyPartition, to, ...of })

const onMonday = { filter: { spans: [{ start: Date.parse('2024-01-01'), end: Date.parse('2024-01-02') }], keys: {} } }

const outcomes = (done: Awaited<ReturnType<typeof back>>) => done.map(({ key, outcome }) => [key, outcome])

test('what a run published is published again, and what reads it is stale', async () => {
  const { engine, candles, again } = await deployment()
  const first = await again()
  await again()

  const done = await back(engine, { type: 'run', run: first })

  expect(done.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 1 }])
  const steps = [...stepsOf(await engine.plan(asking(engine)))]
  expect(steps.map(({ asset, why }) => [asset, why])).toEqual(
    Array(3).fill(['doubled', 'stale: input "candles" changed']),
  )
})

test('what was published at an instant is published again, of the chosen partitions alone', async () => {
  const { engine, candles, world, again } = await deployment()
  await again()
  const then = world.at
  await again()

  const done = await back(engine, { type: 'instant', at: then }, onMonday)

  expect(outcomes(done)).toEqual([[monday, 'rolled-back']])
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 1 }])
  expect(await rowsOf(engine, candles, 'date=2024-01-02')).toEqual([{ n: 2 }])
})

test('one materialization is published again, and a dry run changes nothing', async () => {
  const { engine, candles, again } = await deployment()
  await again()
  await again()
  const [newest, oldest] = await engine.store.history('candles', monday as never)
  const to = { type: 'materialization', id: oldest!.id } as const

  const [dry] = await back(engine, to, { dryRun: true })
  expect(dry).toMatchObject({ key: monday, outcome: 'rolled-back', from: newest!.id, to: oldest!.id })
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 2 }])

  await back(engine, to)
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 1 }])
  expect(outcomes(await back(engine, to))).toEqual([[monday, 'current']])
})

test('a partition whose file is damaged or was given up, or that is new since, is left alone and said', async () => {
  const { engine, place, candles, again } = await deployment()
  const first = await again()
  await again()
  const versions = await Promise.all(
    [1, 2].map(async (day) => (await engine.store.history('candles', `date=2024-01-0${day}` as never))[1]!),
  )
  await place.io.discard(versions[0]!.path)
  await engine.store.dropVersions([versions[1]!.number], now)

  const done = await back(engine, { type: 'run', run: first })

  expect(done.map(({ key, outcome, why }) => [key, outcome, why])).toEqual([
    [monday, 'damaged', 'it is gone'],
    ['date=2024-01-02', 'removed', null],
    ['date=2024-01-03', 'rolled-back', null],
  ])
  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 2 }])
  expect((await back(engine, { type: 'instant', at: 0 })).map(({ outcome }) => outcome)).toEqual([
    ...['absent', 'absent', 'absent'],
  ])
})

test('a partition that is being made is neither put back nor wiped', async () => {
  const { engine, world, candles, again } = await deployment()
  const first = await again()
  await again()
  const [isIn, goOn] = [gate(), gate()]
  world.hold = async () => {
    isIn.open()
    await goOn.passed
  }
  const { result } = await engine.start(asking(engine, { assets: ['candles'], mode: 'all', ...onMonday }))
  await isIn.passed

  for (const dryRun of [true, false]) {
    expect(outcomes(await back(engine, { type: 'run', run: first }, { ...onMonday, dryRun }))).toEqual([
      [monday, 'held'],
    ])
    expect(await engine.wipe({ asset: 'candles', ...onMonday, dryRun })).toEqual({ wiped: [], held: [monday] })
  }
  goOn.open()
  await result

  expect(await rowsOf(engine, candles, monday)).toEqual([{ n: 2 }])
})

test('a rollback to what never was is refused', async () => {
  const { engine, again } = await deployment()
  await again()

  await expect(back(engine, { type: 'run', run: 'nosuchrun' })).rejects.toThrow('no run has the id "nosuchrun"')
  await expect(back(engine, { type: 'materialization', id: 'no' })).rejects.toThrow(/nothing that was chosen/)
  const idle = await make(engine)
  await expect(back(engine, { type: 'run', run: idle.id })).rejects.toThrow(/nothing that was chosen/)
})

test('wiped partitions are missing, so that the next run makes them and what reads them', async () => {
  const { engine, candles, doubled, world, again } = await deployment()
  await again()

  expect((await engine.wipe({ asset: 'candles', ...onMonday, dryRun: true })).wiped).toEqual([monday])
  expect(await engine.wipe({ asset: 'candles', ...onMonday })).toEqual({ wiped: [monday], held: [] })
  expect(await rowsOf(engine, candles, monday)).toEqual([])
  expect(await engine.wipe({ asset: 'candles', ...onMonday })).toEqual({ wiped: [], held: [] })

  world.n = 7
  expect((await make(engine)).ends).toEqual({ published: 2 })
  expect(await rowsOf(engine, doubled, monday)).toEqual([{ n: 14 }])
  expect(await engine.store.history('candles', monday as never)).toHaveLength(2)
})

test('a version knows what it was made from, and from what it came out the same', async () => {
  const { engine, again } = await deployment()
  await again()
  const readByMonday = async () => {
    const [version] = await engine.store.history('doubled', monday as never)
    return (await engine.store.materializations(version!.sources.candles!)).map(({ id }) => id)
  }
  const newest = async () => [(await engine.store.history('candles', monday as never))[0]!.id]
  const first = await newest()
  expect(await readByMonday()).toEqual(first)

  await engine.wipe({ asset: 'candles', ...onMonday })
  await make(engine, { assets: ['candles'] })
  expect(await readByMonday()).toEqual(first)
  expect((await make(engine, { assets: ['doubled'], mode: 'all' })).ends).toEqual({ unchanged: 3 })

  expect(await newest()).not.toEqual(first)
  expect(await readByMonday()).toEqual(await newest())
})

test('the past is named by an instant, a run or a materialization', async () => {
  const { engine, world, again } = await deployment()
  const run = await again()
  const { id } = (await engine.store.history('candles', monday as never))[0]!
  const named = (text: string) => parsePast(engine.store, text)

  expect(await named('2024-03-10T01:00')).toEqual({ type: 'instant', at: Date.parse('2024-03-10T01:00Z') })
  expect(await named('2024-03-10 01:00:03')).toEqual({ type: 'instant', at: Date.parse('2024-03-10T01:00:03Z') })
  expect(await named('2024-03-10T01:00+02:00')).toEqual({ type: 'instant', at: Date.parse('2024-03-09T23:00Z') })
  expect(await named('2024-03-10')).toEqual({ type: 'instant', at: Date.parse('2024-03-10Z') })
  expect(await named(run)).toEqual({ type: 'run', run })
  expect(await named(id)).toEqual({ type: 'materialization', id })
  for (const text of ['2024-13-01', '2024-11-31', '2023-02-29T01:00', 'yesterday', ''])
    await expect(named(text)).rejects.toThrow(/expected an instant/)

  expect(await instantOf(engine.store, { type: 'run', run }, 0)).toBe(world.at)
  await expect(instantOf(engine.store, { type: 'materialization', id }, 0)).rejects.toThrow(/no run has the id/)
})
