import { expect, test } from 'vitest'
import { startDaemon } from '#pipeline'
import { expectSound, newPlace, withEngine } from './place.ts'
import type { Place } from './shared-place.ts'
import { eventually, withStore } from './shared-place.ts'
import { startProcess } from './start-process.ts'

const hour = 3_600_000

const stages = [
  ['before seeAutomations', 1],
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
  ['before adoptRuns', 1],
  ['after adoptRuns', 1],
  ['after publish', 1],
  ['before heartbeat', 2],
] as const

/** A schedule that has three instants to catch up with, and a sensor with three messages to read. */
async function begunPlace(): Promise<Place> {
  const place = newPlace()
  await withStore(place, (store) => store.seeAutomations(['hourly'], Math.floor(Date.now() / hour - 2) * hour))
  return place
}

/** Instants that were decided, and the runs that messages asked for. */
const decided = (place: Place) =>
  withStore(place, async (store) => ({
    ticks: (await store.ticks('hourly', 100)).length,
    messages: (await store.runs(100)).filter(({ ask }) => ask.reason === 'sensor feed').length,
    cursor: await store.cursor('feed'),
    open: (await store.unfinishedRuns()).length,
  }))

const isDone = async (place: Place) => {
  const { ticks, cursor, open } = await decided(place)
  return ticks >= 3 && cursor === '3' && open === 0
}

/** What a daemon that nobody disturbs makes of the rest. */
const goOn = (place: Place) =>
  withEngine(place, async (engine) => {
    const daemon = startDaemon(engine, { everyMs: 50 })
    await eventually(() => isDone(place))
    await daemon.stop()
  })

async function expectOnce(place: Place): Promise<void> {
  expect(await decided(place)).toEqual({ ticks: 3, messages: 3, cursor: '3', open: 0 })
  const statuses = await withStore(place, (store) => store.states('sums'))
  expect([...statuses].map(([key, { status }]) => `${key} ${status}`).sort()).toEqual([
    'date=2024-01-01 published',
    'date=2024-01-03 published',
    'date=2024-01-04 published',
  ])
  await expectSound(place)
}

test.for(stages)('kill -9 of a daemon %s (the call number %i of its kind)', async ([stage, nth]) => {
  const place = await begunPlace()
  const victim = startProcess('daemon-process.ts', { ...place, stop: { stage, nth, action: 'kill' } })
  await victim.line(new RegExp(`stage: ${stage}`))
  expect(await victim.end).toBe('SIGKILL')

  await goOn(place)

  await expectOnce(place)
})

test('two daemons that start at once decide every tick once, also when one of them is killed', async () => {
  const place = await begunPlace()
  const daemons = [1, 2].map(() => startProcess('daemon-process.ts', place))
  await Promise.all(daemons.map((daemon) => daemon.line(/worker/)))
  // Whichever comes first: it may decide all there is.
  await Promise.any(daemons.map((daemon) => daemon.line(/tick/)))
  daemons[0]!.kill('SIGKILL')

  await eventually(() => isDone(place))
  daemons[1]!.kill('SIGTERM')
  await daemons[1]!.line(/closed/)
  expect(await daemons[1]!.end).toBe(0)

  await expectOnce(place)
})

test('a daemon that was told to go leaves its runs to the next', async () => {
  const place = { ...(await begunPlace()), stepMs: 100 }
  const daemon = startProcess('daemon-process.ts', place)
  await daemon.line(/tick hourly/)
  daemon.kill('SIGTERM')
  expect(await daemon.end).toBe(0)

  await goOn(place)

  await expectOnce(place)
})
