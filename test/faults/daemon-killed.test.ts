import { expect, test } from 'vitest'
import { startDaemon } from '#pipeline'
import { expectAllWell, fleet, goHome } from './fleet.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, withStore } from './shared-place.ts'

const machines = fleet()
const hour = 3_600_000

const stages = [
  ['before decideTick', 1],
  ['after decideTick', 1],
  ['after decideTick', 3],
  ['before lead', 1],
  ['after lead', 2],
  ['before admitRuns', 2],
  ['after admitRuns', 2],
  ['before claimPoll', 1],
  ['after claimPoll', 1],
  ['before moveCursor', 1],
  ['after moveCursor', 1],
  ['after adoptRuns', 1],
  ['before progress', 3],
  ['after progress', 4],
  ['before heartbeat', 2],
] as const

/** A schedule that has three instants to catch up with, and a sensor with three messages to read. */
async function begunPlace(of: Parameters<typeof machines.newPlace>[0] = {}): Promise<SharedPlace> {
  const place = await machines.newPlace(of)
  await withStore(place, (store) => store.seeAutomations(['hourly'], Math.floor(Date.now() / hour - 2) * hour))
  return place
}

/** Instants that were decided, and the runs that messages asked for. */
const decided = (place: SharedPlace) =>
  withStore(place, async (store) => ({
    ticks: (await store.ticks('hourly', 100)).map(({ runs }) => runs.length),
    messages: (await store.runs(100)).filter(({ ask }) => ask.reason === 'sensor feed').length,
    cursor: await store.cursor('feed'),
    open: (await store.unfinishedRuns()).length,
  }))

const untilDone = (place: SharedPlace) =>
  eventually(async () => {
    const { ticks, cursor, open } = await decided(place)
    return ticks.length >= 3 && cursor === '3' && open === 0
  }, 60_000)

async function expectOnce(place: SharedPlace): Promise<void> {
  expect(await decided(place)).toEqual({ ticks: [1, 1, 1], messages: 3, cursor: '3', open: 0 })
  const statuses = await withStore(place, (store) => store.states('sums'))
  expect([...statuses].map(([key, { status }]) => `${key} ${status}`).sort()).toEqual([
    'date=2024-01-01 published',
    'date=2024-01-03 published',
    'date=2024-01-04 published',
  ])
  await expectAllWell(place)
}

test.concurrent.for(stages)(
  'kill -9 of the daemon %s (the call number %i of its kind)',
  { timeout: 120_000 },
  async ([stage, nth]) => {
    const place = await begunPlace({ stepMs: stage.endsWith('progress') ? 100 : 0 })
    const worker = machines.start({ ...place, role: 'worker' })
    const victim = machines.start({ ...place, role: 'daemon', stop: { stage, nth, action: 'kill' } })
    await victim.line(new RegExp(`stage: ${stage}`))
    expect(await victim.end).toBe('SIGKILL')

    await machines.lead(place, async (engine) => {
      const daemon = startDaemon(engine, { everyMs: 100 })
      await untilDone(place)
      await daemon.stop()
    })
    await goHome(worker)

    await expectOnce(place)
  },
)

test('of two daemons that start at once one is killed: every tick is decided once', { timeout: 120_000 }, async () => {
  const place = await begunPlace({ stepMs: 50 })
  const worker = machines.start({ ...place, role: 'worker' })
  const daemons = [1, 2].map(() => machines.start({ ...place, role: 'daemon' }))
  await Promise.all(daemons.map((daemon) => daemon.line(/daemon/)))
  await eventually(async () => (await decided(place)).open > 0)
  daemons[0]!.kill('SIGKILL')

  await untilDone(place)
  await goHome(worker, daemons[1]!)

  await expectOnce(place)
})

test.for(['before decideTick', 'after decideTick', 'after lead', 'after progress'])(
  'a daemon that stands still %s for longer than its lease doubles nothing',
  { timeout: 120_000 },
  async (stage) => {
    const place = await begunPlace({ stepMs: 50 })
    const worker = machines.start({ ...place, role: 'worker' })
    const sleeper = machines.start({ ...place, role: 'daemon', stop: { stage, action: 'stop' } })
    await sleeper.line(/stage:/)
    const other = machines.start({ ...place, role: 'daemon' })
    await untilDone(place)
    sleeper.kill('SIGCONT')
    await sleeper.line(/daemon/)
    await goHome(sleeper, other, worker)

    await expectOnce(place)
  },
)

test('a daemon that is told to go leaves its runs to the next', { timeout: 120_000 }, async () => {
  const place = await begunPlace({ stepMs: 100 })
  const worker = machines.start({ ...place, role: 'worker' })
  const first = machines.start({ ...place, role: 'daemon' })
  await first.line(/tick hourly/)
  await goHome(first)
  const second = machines.start({ ...place, role: 'daemon' })
  await untilDone(place)
  await goHome(second, worker)

  await expectOnce(place)
})
