import { expect, test } from 'vitest'
import { z } from 'zod'
import type { PartitionKey, RunAsk } from '#pipeline'
import {
  allOf,
  daily,
  defineAsset,
  definitions,
  heldStates,
  keyed,
  listed,
  memoryIo,
  monthly,
  planRun,
  provide,
  stepsOf,
  within,
} from '#pipeline'
import { keyAt } from '../../../pipeline/plan/space.ts'
import type { PartitionState } from '../../../pipeline/plan/staleness.ts'
import { combinedVersion, staleReason } from '../../../pipeline/plan/staleness.ts'
import { openFrontier } from '../../../pipeline/run/frontier.ts'

const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })
const month = monthly({ since: '2024-01', endOffset: 1 })
const market = keyed(['A', 'B'])
const bronze = defineAsset({ name: 'bronze', partitions: { date, market }, output, run: () => [] })
const silver = defineAsset({ name: 'silver', partitions: { date, market }, deps: { bronze }, output, run: () => [] })
const gold = defineAsset({
  name: 'gold',
  partitions: { month },
  deps: { silver: within(allOf(silver, 'market'), 'date', 'month') },
  output,
  run: () => [],
})
const all = definitions({ assets: [bronze, silver, gold], resources: {}, io: provide(memoryIo) })

const ask = (of: Partial<RunAsk> = {}): RunAsk => ({
  assets: ['bronze', 'silver', 'gold'],
  filter: { keys: {} },
  mode: 'needed',
  now: Date.parse('2024-01-03T00:00:00Z'),
  reason: 'test',
  ...of,
})

const published = (version: string, of: Partial<PartitionState['published']> = {}): PartitionState => ({
  status: 'published',
  published: { codeVersion: '1', version, inputs: {}, run: 'run1', ...of },
})
const states = (of: Readonly<Record<string, Readonly<Record<string, PartitionState>>>>) =>
  new Map(
    Object.entries(of).map(([asset, byKey]) => [
      asset,
      heldStates(new Map(Object.entries(byKey) as [PartitionKey, PartitionState][])),
    ]),
  )
const key = (text: string) => text as PartitionKey

const steps = (of: Partial<RunAsk> = {}, known: Parameters<typeof planRun>[2] = new Map(), resumed?: string) => [
  ...stepsOf(planRun(ask(of), all, known, { resumed })),
]

/** The keys of what can run at once, asset by asset, when each round succeeds. */
function rounds(of: Partial<RunAsk> = {}): string[][] {
  const plan = planRun(ask(of), all, new Map())
  const frontier = openFrontier(plan)
  const found: string[][] = []
  while (frontier.left > 0) {
    const taken = frontier.take(1_000)
    found.push(
      taken.map(
        ({ place, ordinal }) => `${plan.assets[place]!.asset.name} ${keyAt(plan.assets[place]!.space, ordinal)}`,
      ),
    )
    for (const step of taken) frontier.end(step, true)
  }
  return found
}

test('an empty catalogue needs everything, upstream first, and each step waits for what it reads', () => {
  expect(steps().map(({ asset }) => asset)).toEqual([...Array(4).fill('bronze'), ...Array(4).fill('silver'), 'gold'])
  expect(steps().map(({ why }) => why)).toEqual([
    ...Array(4).fill('missing'),
    ...Array(4).fill('reads "bronze", which is made first'),
    'reads "silver", which is made first',
  ])
  expect(rounds().map((round) => round.length)).toEqual([4, 4, 1])
})

test('a window reads only those of its own that exist', () => {
  const of = { now: Date.parse('2024-02-02T00:00:00Z') }
  const plan = planRun(ask(of), all, new Map())
  const { inputs } = plan.assets[2]!

  expect(inputs[0]!.relation.sourcesOf(0)).toHaveLength(62)
  expect(inputs[0]!.relation.sourcesOf(1)).toHaveLength(2)
})

test('a partition can be made as soon as its own inputs are, and what it needs in vain ends with it', () => {
  const plan = planRun(ask(), all, new Map())
  const frontier = openFrontier(plan)
  const [first, second, ...others] = frontier.take(4)

  expect(frontier.end(first!, true)).toEqual([first])
  expect(frontier.take(9)).toEqual([{ place: 1, ordinal: first!.ordinal }])
  expect(frontier.end(second!, false)).toEqual([
    second,
    { place: 1, ordinal: second!.ordinal },
    { place: 2, ordinal: 0 },
  ])
  expect(frontier.end(second!, true)).toBeUndefined()
  for (const step of others) frontier.end(step, true)
  expect(frontier.dropRest()).toEqual([0, 2, 0])
  expect(frontier.left).toBe(1)
})

test('fresh partitions are counted and left alone', () => {
  const fresh = { 'date=2024-01-01/market=A': published('v1'), 'date=2024-01-01/market=B': published('v2') }

  const plan = planRun(ask({ assets: ['bronze'] }), all, states({ bronze: fresh }))

  expect(plan.fresh).toEqual({ bronze: 2 })
  expect([...stepsOf(plan)].map((step) => step.key)).toEqual(['date=2024-01-02/market=A', 'date=2024-01-02/market=B'])
})

test.each([
  ['needed', []],
  [
    'sources',
    [
      ['bronze', 'asked for'],
      ['silver', 'reads "bronze", which is made first'],
    ],
  ],
  [
    'all',
    [
      ['bronze', 'asked for'],
      ['silver', 'asked for'],
    ],
  ],
] as const)('mode %s of a catalogue that is fresh', (mode, expected) => {
  const one = 'date=2024-01-01/market=A'
  const catalogue = states({
    bronze: { [one]: published('v1') },
    silver: { [one]: published('v2', { inputs: { bronze: 'v1' } }) },
  })
  const filter = { keys: { market: ['A'] }, spans: [{ start: 0, end: Date.parse('2024-01-02') }] }

  const plan = planRun(ask({ assets: ['bronze', 'silver'], mode, filter }), all, catalogue)

  expect([...stepsOf(plan)].map(({ asset, why }) => [asset, why])).toEqual(expected)
})

test.each([
  ['missing', ['date=2024-01-01/market=B', 'date=2024-01-02/market=A']],
  ['failed', ['date=2024-01-01/market=B']],
  ['stale', ['date=2024-01-01/market=A']],
  ['needed', ['date=2024-01-01/market=A', 'date=2024-01-01/market=B', 'date=2024-01-02/market=A']],
] as const)('mode %s takes what is so', (mode, keys) => {
  const catalogue = states({
    bronze: {
      'date=2024-01-01/market=A': published('v1', { codeVersion: '0' }),
      'date=2024-01-01/market=B': { status: 'failed', published: undefined },
      'date=2024-01-02/market=B': published('v1'),
    },
  })

  expect(steps({ assets: ['bronze'], mode }, catalogue).map(({ key }) => key)).toEqual(keys)
})

test('one that changed itself and reads what is made first says both', () => {
  const own = 'date=2024-01-01/market=A'
  const catalogue = states({
    bronze: { [own]: published('b', { codeVersion: '0' }) },
    silver: { [own]: published('s', { inputs: { bronze: 'b', trades: 't' } }) },
  })
  const spans = [{ start: Date.parse('2024-01-01'), end: Date.parse('2024-01-02') }]

  const found = steps({ assets: ['bronze', 'silver'], filter: { keys: { market: ['A'] }, spans } }, catalogue)

  expect(found.map(({ why }) => why)).toEqual([
    'stale: code version changed from "0" to "1"',
    'stale: no longer reads "trades"; reads "bronze", which is made first',
  ])
})

test('where partitions are followed, what reads the chosen ones is made with them, and nothing else', () => {
  const filter = {
    keys: { market: ['A'] },
    spans: [{ start: Date.parse('2024-01-02'), end: Date.parse('2024-01-03') }],
  }

  expect(steps({ filter, follow: true, mode: 'all' }).map(({ asset, key }) => `${asset} ${key}`)).toEqual([
    'bronze date=2024-01-02/market=A',
    'silver date=2024-01-02/market=A',
    'gold month=2024-01',
  ])
})

test('where the first asset is not partitioned, the filter chooses of those that read it', () => {
  const settings = defineAsset({ name: 'settings', output, run: () => [] })
  const days = defineAsset({
    name: 'days',
    partitions: { date },
    deps: { settings },
    output,
    run: () => [],
  })
  const two = definitions({ assets: [settings, days], resources: {}, io: provide(memoryIo) })
  const spans = [{ start: Date.parse('2024-01-02'), end: Date.parse('2024-01-03') }]
  const asked = { assets: ['settings', 'days'], filter: { keys: {}, spans }, follow: true, mode: 'all' } as const

  expect([...stepsOf(planRun(ask(asked), two, new Map()))].map(({ asset, key }) => `${asset} ${key}`)).toEqual([
    'settings ',
    'days date=2024-01-02',
  ])
})

test('a run that is taken up again does not repeat its own work', () => {
  const one = 'date=2024-01-01/market=A'
  const filter = { keys: { market: ['A'] } }

  const plan = planRun(
    ask({ assets: ['bronze'], mode: 'all', filter }),
    all,
    states({ bronze: { [one]: published('v1') } }),
    { resumed: 'run1' },
  )

  expect([...stepsOf(plan)].map((step) => step.key)).toEqual(['date=2024-01-02/market=A'])
})

test('what lacks an input that is not asked for is blocked, and says what to select', () => {
  const plan = planRun(ask({ assets: ['silver'] }), all, new Map())

  expect([...stepsOf(plan)][0]!.blocked).toBe(
    'asset "silver" partition "date=2024-01-01/market=A" needs "bronze" "date=2024-01-01/market=A", which is not materialized; select "+silver" to make it too',
  )
})

test('an input that can not exist yet is refused before anything runs', () => {
  const early = daily({ since: '2023-12-30' })
  const oracle = defineAsset({
    name: 'oracle',
    partitions: { date: early, market },
    deps: { bronze },
    output,
    run: () => [],
  })
  const both = definitions({ assets: [bronze, oracle], resources: {}, io: provide(memoryIo) })

  expect(() => planRun(ask({ assets: ['oracle'] }), both, new Map())).toThrow(
    'asset "oracle" partition "date=2023-12-30/market=A" needs "bronze" "date=2023-12-30/market=A", which can not exist',
  )
})

test('a selection without a partition is refused', () => {
  const now = Date.parse('2023-01-01T00:00:00Z')

  expect(() => planRun(ask({ assets: ['bronze'], now }), all, new Map())).toThrow('no partition of it exists there')
})

const inputs = { candles: 'v1' }
test.each([
  ['never attempted', undefined, 'missing'],
  ['attempted without an end', { status: 'missing', published: undefined }, 'missing'],
  ['failed', { status: 'failed', published: undefined }, 'failed before'],
  ['failed after it was published', { ...published('v', { inputs }), status: 'failed' }, 'failed before'],
  ['rejected', { status: 'rejected', published: undefined }, 'rejected before'],
  ['made so', published('v', { inputs }), undefined],
  ['other code', published('v', { inputs, codeVersion: '0' }), 'stale: code version changed from "0" to "1"'],
  ['other input', published('v', { inputs: { candles: 'v0' } }), 'stale: input "candles" changed'],
  ['an input more', published('v', { inputs: { ...inputs, trades: 'v' } }), 'stale: no longer reads "trades"'],
  ['an input less', published('v'), 'stale: reads "candles" since then'],
  [
    'several changes',
    published('v', { inputs: { trades: 'v' }, codeVersion: '0' }),
    'stale: code version changed from "0" to "1"; no longer reads "trades"; reads "candles" since then',
  ],
] as const)('a partition that was %s', (_, state, reason) => {
  expect(staleReason(state as PartitionState | undefined, { codeVersion: '1', inputs })).toBe(reason)
})

test('the version of an input is that of its one file, and depends on keys, versions and their order', () => {
  const file = (name: string, version: string) => ({ key: key(name), version })

  expect(combinedVersion([file('a', 'v1')])).toBe('v1')
  const versions = [
    combinedVersion([]),
    combinedVersion([file('a', 'v1'), file('b', 'v2')]),
    combinedVersion([file('a', 'v2'), file('b', 'v1')]),
    combinedVersion([file('a', 'v1'), file('c', 'v2')]),
  ]
  expect(new Set(versions).size).toBe(4)
})

test('a long list of keys is cut and counted', () => {
  expect(listed(['a', 'b', 'c'])).toBe('"a", "b", "c"')
  expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('"a", "b", "c" and 2 more')
})
