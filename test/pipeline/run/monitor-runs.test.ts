import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAsset } from '#pipeline'
import type { RunFacts, WatchedRun } from '../../../pipeline/run/monitor-runs.ts'
import { nextOfRun } from '../../../pipeline/run/monitor-runs.ts'
import { asking, engineOf, gate, newPlace, until } from './open-engine.ts'

const now = 1_000_000
const limits = { resumeMost: 3, startMs: 60_000, stopMs: 30_000 }
const queued = {
  status: 'queued',
  admittedAt: null,
  startedAt: null,
  resumes: 0,
  stopping: null,
  timeoutMs: null,
} as const
const running = { ...queued, status: 'running', admittedAt: now, startedAt: now } as const
const timed = { ...running, timeoutMs: 10_000 } as const
const late = 'took longer than its timeout of 10 s'

test.each<[string, WatchedRun, Partial<RunFacts>, object]>([
  ['a queued run waits as long as it must', queued, { now: now + 1e9 }, { type: 'leave' }],
  ['an admitted run has time to start', { ...queued, admittedAt: now }, { now: now + 60_000 }, { type: 'leave' }],
  [
    'and fails if it does not',
    { ...queued, admittedAt: now },
    { now: now + 60_001 },
    { type: 'fail', reason: 'did not start within 60 s' },
  ],
  [
    'unless nobody is there to start it',
    { ...queued, admittedAt: now },
    { now: now + 60_001, leader: 'dead' },
    { type: 'leave' },
  ],
  ['a run that is led is left alone', running, { now: now + 1e9 }, { type: 'leave' }],
  ['a run whose leader died is taken up', { ...running, resumes: 2 }, { leader: 'dead' }, { type: 'resume' }],
  [
    'but not for ever',
    { ...running, resumes: 3 },
    { leader: 'dead' },
    { type: 'fail', reason: 'its process died 4 times; it is not taken up again' },
  ],
  ['a leader that left in order is no death', { ...running, resumes: 3 }, { leader: 'none' }, { type: 'resume' }],
  ['within its time', timed, { now: now + 10_000 }, { type: 'leave' }],
  ['over its time', timed, { now: now + 10_001 }, { type: 'stop', reason: late }],
  ['told to stop, with time to do so', { ...timed, stopping: late }, { now: now + 40_000 }, { type: 'leave' }],
  [
    'told to stop, and it did not',
    { ...timed, stopping: late },
    { now: now + 40_001 },
    { type: 'fail', reason: `${late}, and did not stop when told to` },
  ],
  ['over its time, with nobody to tell', timed, { now: now + 10_001, leader: 'dead' }, { type: 'fail', reason: late }],
])('%s', (_, run, facts, care) => {
  expect(nextOfRun(run, { now, leader: 'alive', ...facts }, limits)).toEqual(care)
})

const output = z.strictObject({ n: z.int() })

test('a run over its timeout is stopped and has failed, for that reason', async () => {
  let time = now
  const isIn = gate()
  const slow = defineAsset({
    name: 'slow',
    output,
    run: ({ signal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        isIn.open()
      }),
  })
  const engine = await engineOf([slow], newPlace(), { clock: () => time, leaseMs: 30 })
  const run = await engine.start(asking(engine, { timeout: '10s' }))
  await isIn.passed
  await until(async () => (await engine.store.run(run.id))?.startedAt === now)

  time += 10_001

  expect((await run.result).state).toMatchObject({ status: 'failed', counts: { canceled: { slow: 1 } } })
  expect(await engine.store.run(run.id)).toMatchObject({ status: 'failed', reason: late })
})

test('a leader hears that its run was ended from outside', async () => {
  const place = newPlace()
  const isIn = gate()
  const slow = defineAsset({
    name: 'slow',
    output,
    run({ signal }) {
      isIn.open()
      return stuck(signal)
    },
  })
  const engine = await engineOf([slow], place, { leaseMs: 30 })
  const run = await engine.start(asking(engine))
  await isIn.passed

  await engine.store.failRun(run.id, 'no use', now)

  expect((await run.result).state.status).toBe('failed')
  expect(await engine.store.run(run.id)).toMatchObject({ status: 'failed', reason: 'no use' })
})

test('a run that kills its process again and again is given up, and says so', async () => {
  const place = newPlace()
  const deadly = defineAsset({ name: 'deadly', output, run: ({ signal }) => stuck(signal) })
  const first = await engineOf([deadly], place)
  const { id } = await first.start(asking(first))
  let leader = first
  for (let deaths = 0; deaths < 4; deaths++) {
    await until(async () => (await first.store.run(id))?.status === 'running')
    const heir = await engineOf([deadly], place)
    await heir.store.inherit(leader.worker, heir.worker, Date.now(), 30_000)
    expect(await heir.resume()).toHaveLength(deaths < 3 ? 1 : 0)
    leader = heir
  }

  const reason = 'its process died 4 times; it is not taken up again'
  expect(await first.store.run(id)).toMatchObject({ status: 'failed', resumes: 3, reason })
})

const stuck = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
