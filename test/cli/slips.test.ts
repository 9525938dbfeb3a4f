import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownProject, startOwnProject } from './own-project.ts'
import { bullion, ended, temporaryFolder } from './run-bullion.ts'

const names = [
  'daily',
  'defineAsset',
  'defineSchedule',
  'defineJob',
  'definitions',
  'eager',
  'keyed',
  'memoryIo',
  'provide',
]
const source = `
const prices = defineAsset({
  name: 'prices', partitions: { date: daily({ since: '2024-01-01', until: '2024-01-03' }), market: keyed(['BTC', 'ETH']) },
  automation: eager(), output: z.strictObject({ n: z.int() }),
  run: ({ partition }) => { if (partition.market === 'ETH') throw Object.assign(new Error('no\\nsecond line'), { retryable: false }); return [{ n: 1 }] },
})
const nightly = defineSchedule({ name: 'nightly', job: defineJob({ name: 'all', assets: [prices] }), cron: '30 1 * * *' })
export default definitions({ assets: [prices], resources: {}, io: provide(memoryIo), schedules: [nightly] })
`

test('a slip on the command line makes and wipes nothing', async () => {
  const run = ownProject(names, source)
  expect((await run('runs')).err).toContain('start with: bullion materialize SELECTION')
  expect((await run('materialize', 'prices', '--partition', 'market=BTC')).code).toBe(0)
  const slips: readonly (readonly [readonly string[], string])[] = [
    [['wipe', 'prices', '--partition', '', '--yes'], 'names no partition'],
    [['wipe', 'prices', '--partition', ' , ', '--yes'], 'names no partition'],
    [['wipe', 'prices', '--partition', '2024-01-01', '--all', '--yes'], "'--all' cannot be used with"],
    [['materialize', 'prices', '--partition', ''], 'names no partition'],
    [['runs', '--limit', 'x'], 'whole number above 0'],
    [['partitions', 'prices', '--limit', 'x'], 'whole number above 0'],
    [['backfill', 'prices', '--from', 'x', '--to', '2024-01-02'], 'expected --from to be a date'],
    [['tick', 'nightly', '--at', 'x'], 'expected an instant such as'],
    [['demo'], 'bullion up'],
    [['up', '--live', 'binance'], '--live is about the product'],
  ]
  for (const [args, message] of slips) {
    const answer = await run(...args)
    expect([args.join(' '), answer.code, answer.err]).toEqual([args.join(' '), 2, expect.stringContaining(message)])
  }
  expect((await run('partitions', 'prices')).out).toContain('4 partitions: 2 fresh, 2 missing')
  expect((await run('runs', '--tag', 'a=b')).out).toBe('no run has the tag "a=b"\n')
}, 120_000)

test('one partition is named alike by every command, and a failure is one line of a table', async () => {
  const run = ownProject(names, source)
  expect((await run('materialize', 'prices', '--all')).code).toBe(1)

  expect((await run('why', 'prices', 'date=2024-01-01,market=BTC')).out).toMatch(/^no {2}eager/)
  expect((await run('why', 'prices', '2024-01-01')).out).toMatch(/^0 of 2 eager/)
  expect((await run('history', 'prices', 'date=2024-01-01,market=BTC')).out).toContain('published')
  expect((await run('partitions', 'prices', '--partition', '2024-01-01')).out).toMatch(
    /market=ETH +failed .* no second line\n/,
  )
  expect((await run('doctor')).out).toMatch(/definitions of its own\)\n.*lake /)
}, 60_000)

test('a project of its own stays up and runs its schedules', async () => {
  const up = startOwnProject(names, source)('up')
  const end = ended(up)
  await new Promise<void>((heard) => up.stdout!.on('data', (text) => String(text).includes('nightly') && heard()))
  up.kill('SIGTERM')

  const { code, out } = await end
  expect(code).toBe(143)
  expect(out).toMatch(/staying up; .*\n +nightly +next 20/)
}, 60_000)

test.each([
  [['sandbox', '--seed', 'x'], '--seed must be a whole number'],
  [['sandbox', '--faults', 'sloow'], 'unknown fault "sloow"'],
  [['demo', '--faults', 'sloow'], 'unknown fault "sloow"'],
  [['demo', '--replay', '/not/there'], 'there is no folder "/not/there"'],
])(
  'what the sandbox can not do is bad input: %j',
  async (args, message) => {
    const answer = await bullion(['--home', join(temporaryFolder(), 'home'), ...args])
    expect([answer.code, answer.err]).toEqual([2, expect.stringContaining(message)])
  },
  30_000,
)
