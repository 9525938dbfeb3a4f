import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnySensor } from '#pipeline'
import { defineSensor, pollSensor } from '#pipeline'
import { temporaryFolder } from '../temporary-folder.ts'
import { asked, at, date, engineOn, job } from './open-deployment.ts'

const now = at('2024-03-10T12:00:00Z')
const storeFile = () => join(temporaryFolder(), 'store.sqlite')
const day = (text: string, market: 'A' | 'B' = 'A') => ({ date: date.decode(text), market })
type Poll = Parameters<typeof defineSensor<typeof job, z.ZodNumber>>[0]['poll']

const arrivals = (poll: Poll) => defineSensor({ name: 'arrivals', job, every: '1s', cursor: z.number(), poll })

async function begun(sensor: AnySensor, file = storeFile()) {
  const engine = await engineOn(file, { now }, { sensors: [sensor] })
  await engine.store.seeAutomations([sensor.name], now)
  const signal = new AbortController().signal
  return { engine, poll: (afterMs: number) => pollSensor(engine, sensor, { now: now + afterMs, signal }) }
}

test('a sensor goes on from where it was, and asks for several runs at once', async () => {
  const seen: (number | undefined)[] = []
  const { engine, poll } = await begun(
    arrivals(async ({ cursor = 0 }) => {
      seen.push(cursor)
      const runs = cursor === 0 ? [{ partition: day('2024-02-01') }, { partition: day('2024-02-01', 'B') }] : []
      return { cursor: cursor + 1, runs }
    }),
  )

  await poll(0)
  await poll(1_000)

  expect(seen).toEqual([0, 1])
  expect(await asked(engine)).toEqual(['2024-02-01 A', '2024-02-01 B'])
  expect(
    (await engine.store.ticks('arrivals', 10)).map((tick) => [tick.status, tick.cursorBefore, tick.cursorAfter]),
  ).toEqual([['succeeded', null, '1']])
  expect(await engine.store.cursor('arrivals')).toBe('2')
})

test('a sensor is not called before its time, by any daemon', async () => {
  let calls = 0
  const sensor = arrivals(async () => {
    calls += 1
    return { cursor: calls }
  })
  const file = storeFile()
  const [one, other] = [await begun(sensor, file), await begun(sensor, file)]

  await Promise.all([one.poll(0), other.poll(0)])
  await one.poll(999)
  expect(calls).toBe(1)
  await other.poll(1_000)

  expect(calls).toBe(2)
})

test('a run key is asked for once, and a poll that finds nothing new says so', async () => {
  const { engine, poll } = await begun(
    arrivals(async () => ({ runs: [{ partition: day('2024-02-01'), runKey: 'file-7' }] })),
  )

  const ticks = [await poll(0), await poll(1_000)]

  expect(ticks.map((tick) => [tick?.status, tick?.note])).toEqual([
    ['succeeded', undefined],
    ['skipped', 'every run key was used before'],
  ])
  expect(await asked(engine)).toEqual(['2024-02-01 A'])
})

test('a poll that fails leaves the cursor where it was and is remembered', async () => {
  let isBroken = false
  const seen: (number | undefined)[] = []
  const { engine, poll } = await begun(
    arrivals(async ({ cursor }) => {
      seen.push(cursor)
      if (isBroken) throw new Error('no such folder')
      return { cursor: 5 }
    }),
  )
  await poll(0)
  isBroken = true
  const tick = await poll(1_000)
  await poll(2_000)

  expect(tick).toMatchObject({ status: 'failed', note: 'Error: no such folder' })
  expect(seen).toEqual([undefined, 5, 5])
  expect((await engine.store.ticks('arrivals', 10)).map(({ status }) => status)).toEqual(['failed', 'failed'])
})

test('a window given as text is refused, and does not ask for every window', async () => {
  const { engine, poll } = await begun(
    arrivals(async () => ({ cursor: 1, runs: [{ partition: { date: '2024-02-01' as never, market: 'A' } }] })),
  )

  await poll(0)

  expect(await asked(engine)).toEqual([])
  const [tick] = await engine.store.ticks('arrivals', 1)
  expect([tick!.status, tick!.note]).toEqual([
    'failed',
    'PipelineError: partition "date=2024-02-01" does not fit: expected a window, such as date.at(0)',
  ])
})

test('a poll that finds nothing leaves no tick, unless it says why', async () => {
  let why: string | undefined
  const { engine, poll } = await begun(arrivals(async () => (why === undefined ? {} : { skip: why })))

  await poll(0)
  why = 'the folder is empty'
  await poll(1_000)

  expect((await engine.store.ticks('arrivals', 10)).map(({ status, note }) => [status, note])).toEqual([
    ['skipped', 'the folder is empty'],
  ])
})

test('a sensor that does not end is told to by its signal, and given up', async () => {
  let signaled = false
  const sensor = defineSensor({
    name: 'slow',
    job,
    every: '1s',
    tickTimeout: '1ms',
    cursor: z.number(),
    poll: ({ signal }) =>
      new Promise<{}>(() => {
        signal.addEventListener('abort', () => {
          signaled = true
        })
      }),
  })
  const { poll } = await begun(sensor)

  expect((await poll(0))?.note).toContain('took longer than its timeout of 1 ms')
  expect(signaled).toBe(true)
})
