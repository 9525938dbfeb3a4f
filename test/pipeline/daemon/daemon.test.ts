import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine, Tick } from '#pipeline'
import { automations, defineSchedule, defineSensor, setAutomation, startDaemon } from '#pipeline'
import { gate, until } from '../run/open-engine.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Clock } from './open-deployment.ts'
import { asked, at, engineOn, job } from './open-deployment.ts'

const nightly = defineSchedule({ name: 'nightly', job, cron: '0 1 * * *' })
const storeFile = () => join(temporaryFolder(), 'store.sqlite')

/** A daemon that looks every few milliseconds at a clock of ours. */
function daemonOf(engine: Engine, clock: Clock) {
  const ticks: Tick[] = []
  const onTick = (tick: Tick) => ticks.push(tick)
  const daemon = startDaemon(engine, { clock: () => clock.now, everyMs: 2, retryMs: 0, onTick })
  return { ticks, stop: () => daemon.stop() }
}
const isSeen = async (engine: Engine, name: string) =>
  (await engine.store.automations()).some((row) => row.name === name)

test('a schedule that comes due runs the last complete window, of all markets', async () => {
  const clock = { now: at('2024-03-10T00:59:59Z') }
  const engine = await engineOn(storeFile(), clock, { schedules: [nightly] })
  const { ticks, stop } = daemonOf(engine, clock)
  await until(() => isSeen(engine, 'nightly'))

  clock.now = at('2024-03-10T01:00:00Z')
  await until(() => ticks.length === 1)
  await ticks[0]!.runs[0]!.result
  await stop()

  expect((await engine.store.files('prices')).map(({ key }) => key)).toEqual([
    'date=2024-03-09/market=A',
    'date=2024-03-09/market=B',
  ])
})

test('a daemon wakes when a tick is due, however seldom it looks', async () => {
  const soon = at('2024-03-10T00:59:59.950Z')
  const engine = await engineOn(storeFile(), { now: soon }, { schedules: [nightly] })
  const ticks: Tick[] = []
  const begin = Date.now()
  const clock = () => soon + Date.now() - begin
  const daemon = startDaemon(engine, { clock, everyMs: 600_000, onTick: (tick) => ticks.push(tick) })

  await until(() => ticks.length === 1)
  await daemon.stop()

  expect(ticks[0]).toMatchObject({ scheduledAt: at('2024-03-10T01:00:00Z'), status: 'succeeded' })
})

test('any number of daemons decide each tick of a store once', async () => {
  const clock = { now: at('2024-03-10T00:59:59Z') }
  const file = storeFile()
  const engines = [
    await engineOn(file, clock, { schedules: [nightly] }),
    await engineOn(file, clock, { schedules: [nightly] }),
  ]
  const daemons = engines.map((engine) => daemonOf(engine, clock))
  const [engine] = engines as [Engine]
  await until(() => isSeen(engine, 'nightly'))

  for (const time of ['2024-03-10T01:00:00Z', '2024-03-11T01:00:00Z', '2024-03-12T01:00:00Z']) {
    clock.now = at(time)
    await until(async () => (await engine.store.ticks('nightly', 1))[0]?.scheduledAt === clock.now)
  }
  await Promise.all(daemons.map(({ stop }) => stop()))

  expect(await asked(engine)).toEqual(['2024-03-09', '2024-03-10', '2024-03-11'])
})

test('a schedule that is off does nothing, and begins when it is switched on', async () => {
  const clock = { now: at('2024-03-10T00:00:00Z') }
  const stopped = defineSchedule({ ...nightly, name: 'stopped', defaultStatus: 'stopped' })
  const engine = await engineOn(storeFile(), clock, { schedules: [nightly, stopped] })
  const { definitions, store } = engine
  const on = () => ({ definitions, store, now: clock.now })
  await setAutomation(on(), 'nightly', false)
  clock.now = at('2024-03-13T00:00:00Z')
  const { ticks, stop } = daemonOf(engine, clock)

  await setAutomation(on(), 'nightly', true)
  await setAutomation(on(), 'stopped', true)
  clock.now = at('2024-03-13T01:00:00Z')
  await until(() => ticks.length === 2)
  await setAutomation(on(), 'stopped', false)
  await stop()

  expect(await asked(engine)).toEqual(['2024-03-12', '2024-03-12'])
  const told = await automations(definitions, store, clock.now)
  expect(told.map(({ isOn, lastTick, nextTick }) => [isOn, lastTick?.scheduledAt, nextTick])).toEqual([
    [true, clock.now, at('2024-03-14T01:00:00Z')],
    [false, clock.now, undefined],
  ])
})

test('a switch is for a schedule or sensor that exists', async () => {
  const clock = { now: at('2024-03-10T00:00:00Z') }
  const { definitions, store } = await engineOn(storeFile(), clock, { schedules: [nightly] })

  await expect(setAutomation({ definitions, store, now: 0 }, 'nigthly', true)).rejects.toThrow('did you mean "nightly"')
})

test('neither a sensor that hangs nor one that throws holds up the others', async () => {
  const clock = { now: at('2024-03-10T00:59:59Z') }
  const { passed, open } = gate()
  let begun = 0
  const sensor = { job, every: '1ms', cursor: z.number() } as const
  const slow = defineSensor({
    ...sensor,
    name: 'slow',
    async poll() {
      begun += 1
      await passed
      return {}
    },
  })
  const broken = defineSensor({
    ...sensor,
    name: 'broken',
    async poll() {
      throw new Error('no such folder')
    },
  })
  const engine = await engineOn(storeFile(), clock, { schedules: [nightly], sensors: [slow, broken] })
  const { ticks, stop } = daemonOf(engine, clock)
  await until(() => begun === 1 && ticks.length === 1)

  clock.now = at('2024-03-10T01:00:00Z')
  await until(() => ticks.some(({ definition }) => definition === 'nightly'))
  await until(() => ticks.filter(({ definition }) => definition === 'broken').length === 2)
  open()
  await stop()

  expect(begun).toBe(1)
  expect(ticks.find(({ definition }) => definition === 'broken')?.note).toContain('no such folder')
})

test('a tick that fails is tried again by the next round', async () => {
  const clock = { now: at('2024-03-10T00:59:59Z') }
  let calls = 0
  const shaky = defineSchedule({
    ...nightly,
    name: 'shaky',
    tickRetries: 1,
    evaluate() {
      calls += 1
      if (calls === 1) throw new Error('not now')
    },
  })
  const engine = await engineOn(storeFile(), clock, { schedules: [shaky] })
  const { ticks, stop } = daemonOf(engine, clock)
  await until(() => isSeen(engine, 'shaky'))

  clock.now = at('2024-03-10T01:00:00Z')
  await until(() => ticks.length === 2)
  await stop()

  expect(ticks.map(({ status }) => status)).toEqual(['failed', 'succeeded'])
  expect((await engine.store.ticks('shaky', 10)).map(({ status, failures }) => [status, failures])).toEqual([
    ['succeeded', 1],
  ])
})
