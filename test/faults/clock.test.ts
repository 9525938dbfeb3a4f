import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome } from './place.ts'
import { eventually, withStore } from './shared-place.ts'
import { startProcess } from './start-process.ts'

const preload = ['shift-clock.ts']
const hour = 3_600_000

test.for([
  ['on', 'SIGUSR2'],
  ['back', 'SIGHUP'],
] as const)('a clock that is set an hour %s while a process works changes nothing in the end', async ([, signal]) => {
  const place = newPlace({ days: 12, stepMs: 150 })
  const shifted = startProcess('run-process.ts', { ...place, leaseMs: 1_000, rounds: ['needed'] }, { preload })
  await shifted.line(/run \w+ began/)
  shifted.kill(signal)
  await shifted.line(/clock:/)
  const other = startProcess('run-process.ts', { ...place, leaseMs: 1_000, rounds: ['needed'] })

  await Promise.all([shifted.line(/closed/), other.line(/closed/)])

  expect(await outcome(place)).toHaveLength(23)
  await finish(place)
  expect((await outcome(place)).filter((row) => !row.includes(' published '))).toEqual([
    'prices date=2024-01-02 rejected -',
  ])
  await expectSound(place, { stuckMs: 0, orphanMs: -2 * hour })
})

test('a process that others take for dead, since their clock is ahead, is a worker again', async () => {
  const place = newPlace({ stepMs: 500, days: 12 })
  const alive = startProcess('run-process.ts', { ...place, leaseMs: 1_000, rounds: ['needed'] })
  const [, worker] = await alive.line(/worker (\w+)/)
  await alive.line(/run \w+ began/)
  const ahead = startProcess('daemon-process.ts', { ...place, leaseMs: 1_000 }, { preload })
  await ahead.line(/worker/)
  ahead.kill('SIGUSR2')

  // It is taken for dead, and a moment later it is there again.
  const isKnown = () => withStore(place, async (store) => (await store.workers()).some(({ id }) => id === worker))
  await eventually(async () => !(await isKnown()))
  await eventually(isKnown)
  alive.kill('SIGKILL')
  await alive.end
  ahead.kill('SIGTERM')
  await ahead.end

  await finish(place)
  await expectSound(place, { stuckMs: 0, orphanMs: -2 * hour, ticksMs: 0 })
})

test('a daemon whose clock jumps an hour ahead and back, beside one whose clock is right, decides no instant twice', async () => {
  const place = newPlace()
  const begin = Math.floor(Date.now() / hour) * hour
  await withStore(place, (store) => store.seeAutomations(['hourly'], begin))
  const ticks = () => withStore(place, (store) => store.ticks('hourly', 100))
  const [jumping, right] = [
    startProcess('daemon-process.ts', place, { preload }),
    startProcess('daemon-process.ts', place),
  ]
  await Promise.all([jumping.line(/worker/), right.line(/worker/)])
  jumping.kill('SIGUSR2')
  await eventually(async () => (await ticks()).length >= 2)
  jumping.kill('SIGHUP')
  await jumping.line(/clock: 0 h/)
  await eventually(() => withStore(place, async (store) => (await store.unfinishedRuns()).length === 0))
  for (const daemon of [jumping, right]) daemon.kill('SIGTERM')
  await Promise.all([jumping.end, right.end])

  const decided = (await ticks()).map(({ scheduledAt, runs }) => [scheduledAt - begin, runs.length])
  expect(decided.slice(-2)).toEqual([
    [hour, 1],
    [0, 1],
  ])
  await expectSound(place, { stuckMs: 0, orphanMs: -2 * hour })
})
