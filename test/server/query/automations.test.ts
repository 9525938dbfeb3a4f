import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAsset, defineSchedule, defineSensor, eager, onCron } from '#pipeline'
import { whenOf } from '../../../server/queries.ts'
import { at, decide, engineOn, job } from '../../pipeline/daemon/open-deployment.ts'
import { asking, engineOf, newPlace } from '../../pipeline/run/open-engine.ts'
import { ask } from '../asking-of.ts'
import { servedOf } from '../served.ts'

const nightly = defineSchedule({ name: 'nightly', description: 'yesterday', job, cron: '30 1 * * *' })
const files = defineSensor({
  ...{ name: 'files', job, every: '30s', defaultStatus: 'stopped', cursor: z.string() },
  async poll({ cursor }) {
    if (cursor === 'bad') throw new Error('no files')
    return { cursor: 'next', skip: 'nothing new' }
  },
})

async function opened() {
  const clock = { now: at('2024-01-05T01:00:00Z') }
  const engine = await engineOn(newPlace().file, clock, { schedules: [nightly], sensors: [files] })
  await engine.store.seeAutomations(['nightly', 'files'], clock.now)
  return { clock, engine, served: servedOf(engine) }
}

test('schedules and sensors are told with when they tick and what they make', async () => {
  const { served } = await opened()

  expect(await ask(served, 'automations')).toEqual({
    items: [
      {
        ...{ name: 'nightly', kind: 'schedule', description: 'yesterday', isOn: true, when: 'daily at 01:30 UTC' },
        ...{ cron: ['30 1 * * *'], timezone: 'UTC', everyMs: null, makes: ['prices'], lastTick: null, recent: [] },
        nextTick: at('2024-01-05T01:30:00Z'),
      },
      {
        ...{ name: 'files', kind: 'sensor', description: null, isOn: false, when: 'every 30s', cron: null },
        ...{ timezone: null, everyMs: 30_000, makes: ['prices'], lastTick: null, nextTick: null, recent: [] },
      },
    ],
    conditions: [],
    isDaemonUp: false,
  })
  const { upcoming } = await ask(served, 'automation', { name: 'nightly' })
  expect(upcoming).toHaveLength(10)
  expect(upcoming.slice(0, 2)).toEqual([at('2024-01-05T01:30:00Z'), at('2024-01-06T01:30:00Z')])
  expect(await ask(served, 'automation', { name: 'files' })).toMatchObject({ upcoming: [], cursor: null })
  await expect(ask(served, 'automation', { name: 'nightl' })).rejects.toMatchObject({ code: 'definition.unknown' })
})

test.each([
  ['* * * * *', 'every minute UTC'],
  ['*/5 * * * *', 'every 5 minutes UTC'],
  ['*/7 * * * *', '*/7 * * * * UTC'],
  ['5 * * * *', 'hourly at :05 UTC'],
  ['0 6 * * 1', 'Mondays at 06:00 UTC'],
  ['0 6 1 * *', '0 6 1 * * UTC'],
])('the cron "%s" is read as "%s"', (cron, words) => {
  expect(whenOf(defineSchedule({ name: 'one', job, cron }))).toBe(words)
})

test('a tick is told with its runs, page by page', async () => {
  const { clock, engine, served } = await opened()
  for (const day of ['05', '06', '07']) {
    clock.now = at(`2024-01-${day}T01:30:00Z`)
    await decide(engine, nightly, clock.now)
  }

  const first = await ask(served, 'ticks', { name: 'nightly', limit: 2 })
  const second = await ask(served, 'ticks', { name: 'nightly', limit: 2, cursor: first.next! })

  const days = [...first.items, ...second.items].map(({ scheduledAt }) => new Date(scheduledAt).getUTCDate())
  expect([days, second.next]).toEqual([[7, 6, 5], null])
  expect(first.items[0]).toMatchObject({ status: 'succeeded', runs: [expect.any(String)] })
  expect((await ask(served, 'ticks', { name: 'nightly', status: 'failed' })).items).toEqual([])
  const [item] = (await ask(served, 'automations')).items
  expect(item!.recent.map(({ at: instant }) => new Date(instant).getUTCDate())).toEqual([5, 6, 7])
  expect(item!.lastTick).toMatchObject({ scheduledAt: clock.now })
  await expect(ask(served, 'ticks', { name: 'nightly', cursor: 'x' })).rejects.toMatchObject({ status: 400 })
})

test('a schedule is switched for every process', async () => {
  const { engine, served } = await opened()

  expect(await ask(served, 'switchAutomation', { name: 'nightly', isOn: false })).toEqual({ isOn: false })

  expect(await ask(served, 'automation', { name: 'nightly' })).toMatchObject({
    isOn: false,
    upcoming: [],
    nextTick: null,
  })
  expect((await engine.store.automations()).find(({ name }) => name === 'nightly')).toMatchObject({ isOn: false })
})

test('a tick of a far future is not tried: all that would be there by then would be looked through', async () => {
  const { served } = await opened()

  for (const far of [8_640_000_000_000_000, Number.MAX_SAFE_INTEGER]) {
    const tried = ask(served, 'tryTick', { name: 'nightly', at: far })
    await expect(tried).rejects.toThrow('expected a tick within a year from now')
  }
})

test('a tick is tried without a trace: its runs, why there are none, and what its function threw', async () => {
  const { engine, served } = await opened()

  expect(await ask(served, 'tryTick', { name: 'nightly', at: at('2024-01-05T01:30:00Z') })).toMatchObject({
    ...{ skip: null, error: null },
    runs: [
      { reason: 'schedule nightly', runKey: null, size: 2, assets: [{ asset: 'prices', count: 2, why: 'missing' }] },
    ],
  })
  expect(await ask(served, 'tryTick', { name: 'files' })).toMatchObject({ skip: 'nothing new', error: null, runs: [] })
  await engine.store.moveCursor({ definition: 'files', decidedAt: 1, cursorBefore: null, cursorAfter: '"bad"' })
  expect(await ask(served, 'tryTick', { name: 'files' })).toMatchObject({ skip: null, error: 'no files', runs: [] })
  expect(await engine.store.ticks('nightly', 9)).toEqual([])
  expect(await engine.store.runs(9)).toEqual([])
  expect(await engine.store.cursor('files')).toBe('"bad"')
})

test('conditions are told in words, and whether a process is there that ticks', async () => {
  const output = z.strictObject({ n: z.int() })
  const assets = [
    defineAsset({ name: 'a', output, automation: eager(), run: () => [] }),
    defineAsset({ name: 'b', output, automation: onCron('0 6 * * *'), run: () => [] }),
    defineAsset({ name: 'c', output, run: () => [] }),
  ]
  const place = newPlace()
  const engine = await engineOf(assets, place)
  const served = servedOf(engine)
  const { conditions, isDaemonUp } = await ask(served, 'automations')
  expect(conditions.map(({ asset }) => asset)).toEqual(['a', 'b'])
  for (const { condition } of conditions) expect(condition).toMatch(/^[a-z]/i)
  expect(isDaemonUp).toBe(false)

  const about = { role: 'daemon', version: '1', pools: [], concurrency: 0, ticks: true, code: {} } as const
  await engineOf(assets, place, { about })

  expect((await ask(served, 'automations')).isDaemonUp).toBe(true)
  const { items } = await ask(served, 'workers')
  for (const { startedAt } of items) expect(Math.abs(startedAt! - Date.now())).toBeLessThan(60_000)
  expect(items.map(({ role, differs }) => [role, differs])).toEqual([
    ['daemon', ['lacks a, b, c']],
    [null, []],
  ])
})

test('the system tells what it is and holds, and no secret', async () => {
  const output = z.strictObject({ n: z.int() })
  const assets = [
    defineAsset({ name: 'a', layer: 'bronze', pool: 'slow', output, run: () => [{ n: 1 }] }),
    defineAsset({ name: 'b', output, run: () => [{ n: 1 }, { n: 2 }] }),
  ]
  const engine = await engineOf(assets, newPlace(), { pools: { slow: 2 } })
  await (await engine.start(asking(engine))).result
  const settings = [
    { name: 'BULLION_KEY', value: 'hunter2', isSecret: true },
    { name: 'BULLION_TOKEN', value: 'not set', isSecret: true },
    { name: 'BULLION_HOME', value: '/home', isSecret: false },
  ]
  const lake = { query: async () => ({ columns: [], rows: [{ version: 'v1.5.5' }], isCut: false }) }
  const place = 'postgres://bullion:hunter2@db.example/bullion'
  const about = { settings, store: { kind: 'postgres', place, bytes: () => null } }

  const told = await ask(servedOf(engine, { about, lake }), 'system')

  expect(JSON.stringify(told)).not.toContain('hunter2')
  expect(told).toMatchObject({
    ...{ name: 'test', isSandbox: true, versions: { bullion: '1.2.3', node: process.versions.node, duckdb: 'v1.5.5' } },
    store: { place: 'postgres://bullion@db.example/bullion', runs: 1, materializations: 2, bytes: null },
    lake: {
      files: 2,
      rows: 3,
      byLayer: [
        { layer: 'bronze', rows: 1 },
        { layer: 'none', rows: 2 },
      ],
    },
    queue: { kind: 'local', queuedRuns: 0, runningRuns: 0, runningSteps: 0 },
    pools: [
      { pool: '', limit: null, running: 0, assets: 1 },
      { pool: 'slow', limit: 2, running: 0, assets: 1 },
    ],
    settings: [{ value: 'set' }, { value: 'not set' }, { value: '/home' }],
  })
})
