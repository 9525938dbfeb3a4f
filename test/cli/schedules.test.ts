import { expect, test } from 'vitest'
import { ownProject } from './own-project.ts'

/** A project of one daily asset and its schedules, whose home holds one day. */
async function project() {
  const run = ownProject(
    ['daily', 'defineAsset', 'defineJob', 'defineSchedule', 'definitions', 'memoryIo', 'provide', 'skip'],
    `
const prices = defineAsset({
  name: 'prices', partitions: { date: daily({ since: '2024-01-01' }) }, output: z.strictObject({ n: z.int() }), run: () => [{ n: 1 }],
})
const job = defineJob({ name: 'ingest', assets: [prices] })
export default definitions({
  assets: [prices], resources: {}, io: provide(memoryIo),
  schedules: [
    defineSchedule({ name: 'nightly', job, cron: '30 1 * * *' }),
    defineSchedule({ name: 'weekly', job, cron: '0 6 * * 1', timezone: 'Europe/Berlin', defaultStatus: 'stopped' }),
    defineSchedule({ name: 'careful', job, cron: '0 * * * *', evaluate: () => skip('a holiday') }),
  ],
})
`,
  )
  const made = await run('materialize', 'prices', '--partition', '2024-01-02')
  expect(made.err).toBe('')
  return run
}

test('schedules are listed, switched, and told what they would do', async () => {
  const run = await project()
  const states = async () => {
    const { out } = await run('schedules', '--json')
    return (JSON.parse(out) as { name: string; isOn: boolean }[]).map(({ name, isOn }) => `${name} ${isOn}`)
  }
  expect(await states()).toEqual(['nightly true', 'weekly false', 'careful true'])
  expect((await run('schedules')).out).toMatch(/nightly +on +daily at 01:30 UTC +- +- +20\d\d-/)

  expect((await run('schedules', 'off', 'nightly')).out).toBe('"nightly" is off\n')
  await run('schedules', 'on', 'weekly')
  expect(await states()).toEqual(['nightly false', 'weekly true', 'careful true'])
  const mistaken = await run('schedules', 'on', 'nigthly')
  expect([mistaken.code, mistaken.err]).toEqual([2, expect.stringContaining('did you mean "nightly"')])

  const fresh = await run('tick', 'nightly', '--at', '2024-01-03T01:30:00Z')
  expect(fresh.out).toContain('schedule nightly: 0 partitions would be made')
  const due = await run('tick', 'nightly', '--at', '2024-01-04T01:30:00Z')
  expect(due.out).toMatch(/1 partition would be made\n {2}1 of prices: .+\nnothing was written/)
  expect((await run('tick', 'careful')).out).toContain('would ask for nothing: a holiday')

  expect((await run('ticks', 'nightly')).out).toBe('"nightly" has not ticked yet\n')
  expect(JSON.parse((await run('runs', '--json')).out)).toHaveLength(1)
}, 60_000)
