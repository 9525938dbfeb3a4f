import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineSchedule, scheduledAsk, skip } from '#pipeline'
import { temporaryFolder } from '../temporary-folder.ts'
import { asked, at, date, decide, engineOn, job } from './open-deployment.ts'

const nightly = defineSchedule({ name: 'nightly', job, cron: '0 1 * * *' })
const storeFile = () => join(temporaryFolder(), 'store.sqlite')

/** An engine whose schedule was first seen at `since`. */
async function begun(schedule: typeof nightly, since: string, file = storeFile()) {
  const clock = { now: at(since) }
  const engine = await engineOn(file, clock, { schedules: [schedule] })
  await engine.store.seeAutomations([schedule.name], clock.now)
  return engine
}
const told = (ticks: readonly { status: string; note: string | undefined }[]) =>
  ticks.map(({ status, note }) => [status, note])

test('missed days are made up for, each tick with the window that was complete by it', async () => {
  const engine = await begun(nightly, '2024-03-10T00:00:00Z')

  await decide(engine, nightly, at('2024-03-12T09:00:00Z'))
  await decide(engine, nightly, at('2024-03-12T09:00:00Z'))

  expect(await asked(engine)).toEqual(['2024-03-09', '2024-03-10', '2024-03-11'])
  expect((await engine.store.ticks('nightly', 10)).map(({ status, runs }) => [status, runs.length])).toEqual([
    ['succeeded', 1],
    ['succeeded', 1],
    ['succeeded', 1],
  ])
})

test('a recheck asks sources again for the days that it counts back', () => {
  const recheck = defineSchedule({ name: 'recheck', job, cron: '30 1 * * *', windowsBack: [1, 7], again: true })

  const ask = scheduledAsk(recheck, at('2024-03-10T01:30:00Z'))

  expect(ask?.mode).toBe('sources')
  expect(ask?.filter.spans?.map(({ start }) => new Date(start).toISOString().slice(0, 10))).toEqual([
    '2024-03-08',
    '2024-03-02',
  ])
})

test('a tick before the first window is complete is skipped', async () => {
  const engine = await begun(nightly, '2024-01-01T00:00:00Z')

  const ticks = await decide(engine, nightly, at('2024-01-01T01:00:00Z'))

  expect(told(ticks)).toEqual([['skipped', 'no window is complete yet']])
  expect(await engine.store.runs(10)).toEqual([])
})

test('a schedule decides its partitions by itself, or says why it does not', async () => {
  const schedule = defineSchedule({
    name: 'nightly',
    job,
    cron: '0 1 * * *',
    tags: { team: 'market' },
    priority: 3,
    evaluate({ at }) {
      if (at.getUTCDate() === 11) return skip('a holiday')
      const partition = { date: date.decode('2024-02-01'), market: 'A' as const }
      return {
        runs: [
          { partition, runKey: 'a', tags: { by: 'hand' } },
          { partition, runKey: 'a' },
          { partition: { ...partition, market: 'B' as const }, runKey: 'b', priority: 9 },
        ],
      }
    },
  })
  const engine = await begun(schedule, '2024-03-10T00:00:00Z')

  const ticks = await decide(engine, schedule, at('2024-03-12T01:00:00Z'))

  expect(told(ticks)).toEqual([
    ['succeeded', undefined],
    ['skipped', 'a holiday'],
    ['succeeded', undefined],
  ])
  // A run key tells requests of one tick apart; the next tick may use it again.
  expect(await asked(engine)).toEqual(['2024-02-01 A', '2024-02-01 B', '2024-02-01 A', '2024-02-01 B'])
  const [second, first] = (await engine.store.runs(2)).map(({ ask }) => ask)
  expect(first).toMatchObject({ tags: { team: 'market', by: 'hand' }, priority: 3 })
  expect(second).toMatchObject({ tags: { team: 'market' }, priority: 9 })
})

test('a tick that fails is tried again, keeps its count, holds back the later ones, and is given up', async () => {
  const failing = new Set(['10', '11'])
  const schedule = defineSchedule({
    name: 'nightly',
    job,
    cron: '0 1 * * *',
    tickRetries: 1,
    evaluate({ at }) {
      if (failing.has(String(at.getUTCDate()))) throw new Error('no such table')
    },
  })
  const engine = await begun(schedule, '2024-03-10T00:00:00Z')
  const now = at('2024-03-12T02:00:00Z')
  const rows = async () =>
    (await engine.store.ticks('nightly', 10)).map(({ scheduledAt, status, failures, runs }) => [
      new Date(scheduledAt).getUTCDate(),
      `${status} ${failures} ${runs.length}`,
    ])

  expect(told(await decide(engine, schedule, now))).toEqual([['failed', 'Error: no such table']])
  expect(await rows()).toEqual([[10, 'failed 1 0']])
  await decide(engine, schedule, now)
  expect(await rows()).toEqual([[10, 'failed 2 0']])
  await decide(engine, schedule, now)
  failing.clear()
  await decide(engine, schedule, now)

  expect(await rows()).toEqual([
    [12, 'succeeded 0 1'],
    [11, 'succeeded 1 1'],
    [10, 'failed 2 0'],
  ])
})

test('a function that does not end is given up after its timeout', async () => {
  const schedule = defineSchedule({
    name: 'nightly',
    job,
    cron: '0 1 * * *',
    tickTimeout: '1ms',
    evaluate: () => new Promise<undefined>(() => undefined),
  })
  const engine = await begun(schedule, '2024-03-10T00:00:00Z')

  const [tick] = await decide(engine, schedule, at('2024-03-10T01:00:00Z'))

  expect(tick?.status).toBe('failed')
  expect(tick?.note).toContain('took longer than its timeout of 1 ms')
})

test('two daemons that decide one tick make its run once', async () => {
  const file = storeFile()
  const engines = [
    await begun(nightly, '2024-03-10T00:00:00Z', file),
    await begun(nightly, '2024-03-10T00:00:00Z', file),
  ]

  const ticks = await Promise.all(engines.map((engine) => decide(engine, nightly, at('2024-03-12T09:00:00Z'))))

  expect(ticks.flat()).toHaveLength(3)
  expect(await asked(engines[0]!)).toHaveLength(3)
})

test.each(['before', 'after'])(
  'a crash just %s a tick is written down neither loses nor doubles its run',
  async (when) => {
    const file = storeFile()
    const clock = { now: at('2024-03-10T00:00:00Z') }
    const dying = await engineOn(file, clock, {
      schedules: [nightly],
      store: (store) => ({
        ...store,
        async decideTick(...args) {
          if (when === 'after') await store.decideTick(...args)
          throw new Error('the process is gone')
        },
      }),
    })
    await dying.store.seeAutomations(['nightly'], clock.now)
    clock.now = at('2024-03-10T01:00:00Z')
    await expect(decide(dying, nightly, clock.now)).rejects.toThrow('the process is gone')
    await dying.close()

    const next = await engineOn(file, clock, { schedules: [nightly] })
    const ticks = await decide(next, nightly, clock.now)
    for (const run of [...ticks.flatMap(({ runs }) => runs), ...(await next.resume())]) await run.result

    expect(await asked(next)).toEqual(['2024-03-09'])
    expect(await next.store.files('prices')).toHaveLength(2)
  },
)
