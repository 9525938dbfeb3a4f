import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, defineJob, defineSchedule } from '#pipeline'
import type { ScheduleState } from '../../../pipeline/plan/due-ticks.ts'
import { dueTicks } from '../../../pipeline/plan/due-ticks.ts'

const output = z.strictObject({ n: z.int() })
const dated = defineAsset({
  name: 'dated',
  partitions: { date: daily({ since: '2019-01-01' }) },
  output,
  run: () => [],
})
const whole = defineAsset({ name: 'whole', output, run: () => [] })
const partitioned = defineJob({ name: 'partitioned', assets: [dated] })
const plain = defineJob({ name: 'plain', assets: [whole] })
const nightly = { name: 'nightly', cron: '0 0 * * *' } as const
const at = (text: string) => Date.parse(text)

/** The instants due at `now`, without their seconds. */
function due(schedule: Parameters<typeof dueTicks>[0], now: string, of: Partial<ScheduleState> = {}) {
  const state = { since: at('2019-03-01'), lastTick: undefined, upSince: at('2019-03-01'), ...of }
  return dueTicks(schedule, state, at(now)).map((tick) => new Date(tick).toISOString().slice(0, 16))
}
const decided = (time: string, of: { status?: string; failures?: number } = {}) => ({
  lastTick: { scheduledAt: at(time), status: 'succeeded', failures: 0, ...of },
})

test('a tick of the very instant at which a schedule began is due, one before it is not', () => {
  const schedule = defineSchedule({ ...nightly, job: partitioned })

  expect(due(schedule, '2019-03-01T00:00:00Z')).toEqual(['2019-03-01T00:00'])
  expect(due(schedule, '2019-03-01T00:00:00Z', { since: at('2019-03-01T00:00:00.001Z') })).toEqual([])
})

test('a tick that was decided is not due again', () => {
  const schedule = defineSchedule({ ...nightly, job: partitioned })

  expect(due(schedule, '2019-03-01T23:59:59Z', decided('2019-03-01'))).toEqual([])
  expect(due(schedule, '2019-03-02T00:00:00Z', decided('2019-03-01'))).toEqual(['2019-03-02T00:00'])
})

test.each([
  ['a dated job catches up with five', partitioned, {}, ['03-06', '03-07', '03-08', '03-09', '03-10']],
  ['a bound of its own', partitioned, { catchUpMost: 2 }, ['03-09', '03-10']],
  ['only the latest', partitioned, { catchUp: 'latest' }, ['03-10']],
  ['a job without time only makes the newest', plain, {}, ['03-10']],
  ['unless it wants all', plain, { catchUp: 'all', catchUpMost: 3 }, ['03-08', '03-09', '03-10']],
  [
    'a bound beyond the downtime',
    partitioned,
    { catchUpMost: 100 },
    ['02', '03', '04', '05', '06', '07', '08', '09', '10'].map((day) => `03-${day}`),
  ],
] as const)('after nine days of downtime: %s', (_, job, options, expected) => {
  const schedule = defineSchedule({ ...nightly, job: job as typeof partitioned, ...options })

  expect(due(schedule, '2019-03-10T09:00:00Z', decided('2019-03-01')).map((tick) => tick.slice(5, 10))).toEqual(
    expected,
  )
})

test('without catching up only what comes due while a daemon runs is made', () => {
  const schedule = defineSchedule({ ...nightly, job: partitioned, catchUp: 'none' })
  const state = { ...decided('2019-03-01'), upSince: at('2019-03-10T09:00:00Z') }

  expect(due(schedule, '2019-03-10T09:00:00Z', state)).toEqual([])
  expect(due(schedule, '2019-03-11T00:00:01Z', state)).toEqual(['2019-03-11T00:00'])
})

test('a schedule that was switched on again begins there, however old its last tick', () => {
  const schedule = defineSchedule({ ...nightly, job: partitioned })
  const state = { ...decided('2019-03-01'), since: at('2019-03-09T12:00:00Z') }

  expect(due(schedule, '2019-03-10T09:00:00Z', state)).toEqual(['2019-03-10T00:00'])
})

test('a tick that failed is due again until its retries are used', () => {
  const schedule = defineSchedule({ ...nightly, job: partitioned, tickRetries: 2 })
  const failed = (failures: number) => decided('2019-03-02', { status: 'failed', failures })

  expect(due(schedule, '2019-03-03T01:00:00Z', failed(2))).toEqual(['2019-03-02T00:00', '2019-03-03T00:00'])
  expect(due(schedule, '2019-03-03T01:00:00Z', failed(3))).toEqual(['2019-03-03T00:00'])
})

test('a job without time leaves a failed tick when the next one is due', () => {
  const schedule = defineSchedule({ ...nightly, job: plain, tickRetries: 2 })

  expect(due(schedule, '2019-03-03T00:00:00Z', decided('2019-03-02', { status: 'failed', failures: 1 }))).toEqual([
    '2019-03-03T00:00',
  ])
})

const chicago = { timezone: 'America/Chicago', catchUpMost: 9 }
test.each([
  [
    'an hour that is skipped',
    '0 * * * *',
    '2019-03-10T07:00Z',
    '2019-03-10T09:00Z',
    ['10T07:00', '10T08:00', '10T09:00'],
  ],
  [
    'an hour that comes twice',
    '0 * * * *',
    '2019-11-03T05:30Z',
    '2019-11-03T09:30Z',
    ['03T06:00', '03T07:00', '03T08:00', '03T09:00'],
  ],
  [
    'midnight before and after spring',
    '0 0 * * *',
    '2019-03-10T06:00Z',
    '2019-03-12T05:00Z',
    ['10T06:00', '11T05:00', '12T05:00'],
  ],
  [
    'a time that is skipped',
    '30 2 * * *',
    '2019-03-09T06:00Z',
    '2019-03-12T05:00Z',
    ['09T08:30', '10T08:00', '11T07:30'],
  ],
  [
    'a time that comes twice',
    '30 1 * * *',
    '2019-11-02T05:00Z',
    '2019-11-05T06:00Z',
    ['02T06:30', '03T07:30', '04T07:30'],
  ],
])('downtime over a change of clocks: %s', (_, cron, since, now, expected) => {
  const schedule = defineSchedule({ name: 'local', job: partitioned, cron, ...chicago })

  expect(due(schedule, now, { since: at(since) }).map((tick) => tick.slice(8))).toEqual(expected)
})

test('several crons tick together, and once where they meet', () => {
  const schedule = defineSchedule({ name: 'both', job: partitioned, cron: ['0 0 * * *', '0 */12 * * *'] })

  expect(due(schedule, '2019-03-02T00:00:00Z')).toEqual(['2019-03-01T00:00', '2019-03-01T12:00', '2019-03-02T00:00'])
})

test('a schedule that can not be is refused where it is defined', () => {
  const code = (of: object) => {
    try {
      defineSchedule({ ...nightly, job: plain, ...of })
      return 'accepted'
    } catch (error) {
      return (error as { code?: string }).code
    }
  }

  expect(code({})).toBe('accepted')
  expect(code({ cron: '61 * * * *' })).toBe('cron.malformed')
  expect(code({ cron: [] })).toBe('schedule.malformed')
  expect(code({ timezone: 'Europe/Berln' })).toBe('timezone.unknown')
  expect(code({ catchUpMost: 0 })).toBe('schedule.malformed')
  expect(code({ tickRetries: 1.5 })).toBe('schedule.malformed')
  expect(code({ tickTimeout: 'soon' })).toBe('duration.malformed')
})
