import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Condition, Dimensions } from '#pipeline'
import {
  allDepsMatch,
  allow,
  and,
  anyDepsMatch,
  anyDepsUpdated,
  codeVersionChanged,
  cronTickPassed,
  daily,
  defineAsset,
  definitions,
  eager,
  explained,
  ignore,
  initialEvaluation,
  inLatestTimeWindow,
  inProgress,
  keyed,
  memoryIo,
  missing,
  newlyRequested,
  newlyTrue,
  not,
  onCron,
  onMissing,
  or,
  printExplained,
  provide,
  replace,
  since,
  without,
} from '#pipeline'
import type { AutomationCursor } from '../../../pipeline/plan/automation-cursor.ts'
import { layoutOf, parseCursor, printCursor, recalled } from '../../../pipeline/plan/automation-cursor.ts'
import type { AutomationFacts } from '../../../pipeline/plan/evaluate-clause.ts'
import { evaluateConditions } from '../../../pipeline/plan/evaluate-conditions.ts'
import { allPartitions, difference, ordinals, parseSet, printSet, setOf } from '../../../pipeline/plan/partition-set.ts'
import { keyAt, spaceOf } from '../../../pipeline/plan/space.ts'

const output = z.strictObject({ n: z.int() })

interface Spec {
  readonly automation?: Condition
  readonly partitions?: Dimensions
  readonly reads?: readonly string[]
  readonly codeVersion?: string
}

/** Assets and what became of them, evaluated step by step; `text` is what is true of all assets then. */
function worldOf(specs: Readonly<Record<string, Spec>>, begin = '2024-01-04T12:00:00Z') {
  let assets = assetsOf(specs)
  let cursor: AutomationCursor | undefined
  let revision = 0
  const looked: string[] = []
  const made: Record<string, string> = {}
  const running: Record<string, string> = {}
  let updates: { asset: string; text: string; targets: readonly string[] }[] = []
  const facts: AutomationFacts = {
    revision: () => revision,
    missing(name, space) {
      looked.push(name)
      return difference(allPartitions(space), parseSet(space, made[name] ?? ''))
    },
    inProgress: (name, space) => parseSet(space, running[name] ?? ''),
    failed: (_, space) => setOf(space, []),
    updated: (name, space) =>
      updates
        .filter(({ asset }) => asset === name)
        .map(({ text, targets }) => {
          const partitions = parseSet(space, text)
          return { partitions, changed: partitions, isToMake: (asset) => targets.includes(asset) }
        }),
  }
  const world = {
    now: new Date(begin),
    looked,
    redefine(next: Readonly<Record<string, Spec>>) {
      assets = assetsOf(next)
    },
    make(asset: string, text = '*', targets: readonly string[] = []) {
      revision++
      made[asset] = made[asset] === undefined ? text : `${made[asset]},${text}`
      updates.push({ asset, text, targets })
    },
    set(what: 'running' | 'made', asset: string, text: string) {
      revision++
      ;(what === 'running' ? running : made)[asset] = text
    },
    evaluation() {
      const evaluation = evaluateConditions(assets, facts, cursor, { now: world.now })
      cursor = evaluation.cursor
      updates = []
      return evaluation
    },
    evaluate(): Record<string, string> {
      return Object.fromEntries([...world.evaluation().requested].map(([name, set]) => [name, printSet(set)]))
    },
    /** As if the process had ended and another one went on. */
    restart() {
      cursor = cursor && parseCursor(printCursor(cursor))
    },
  }
  return world
}

function assetsOf(specs: Readonly<Record<string, Spec>>) {
  const list = new Map<string, AnyAsset>()
  for (const [name, { automation, partitions = {}, reads = [], codeVersion }] of Object.entries(specs)) {
    const deps = Object.fromEntries(reads.map((read) => [read, list.get(read)!]))
    list.set(
      name,
      defineAsset({
        name,
        partitions,
        deps: deps as {},
        output,
        ...(automation && { automation }),
        ...(codeVersion && { codeVersion }),
        run: () => [],
      } as never) as AnyAsset,
    )
  }
  return definitions({ assets: [...list.values()] as never, resources: {}, io: provide(memoryIo) })
}

const date = daily({ since: '2024-01-01' })

test('eager assets in a row are asked for together when the first of what they read is updated', () => {
  const automation = eager()
  const world = worldOf({
    root: {},
    a: { automation, reads: ['root'] },
    b: { automation, reads: ['a'] },
    c: { automation, reads: ['b'] },
  })

  expect(world.evaluate()).toEqual({})
  world.make('root')
  expect(world.evaluate()).toEqual({ a: '*', b: '*', c: '*' })
  expect(world.evaluate()).toEqual({})
  world.make('a', '*', ['a', 'b', 'c'])
  expect(world.evaluate()).toEqual({})
  world.make('a', '*', ['a'])
  expect(world.evaluate()).toEqual({ b: '*', c: '*' })
})

test('an asset that reads itself is asked for when its own earlier window is made', () => {
  const asset = defineAsset({
    name: 'kept',
    partitions: { date },
    previous: 'date',
    output,
    automation: eager(),
    run: () => [],
  })
  const all = definitions({ assets: [asset], resources: {}, io: provide(memoryIo) })
  const space = spaceOf({ date }, { now: new Date('2024-01-04T12:00:00Z') })
  const at = (cursor: AutomationCursor | undefined, ...madeNow: number[]) => {
    const partitions = setOf(space, madeNow)
    return evaluateConditions(
      all,
      {
        revision: () => String(madeNow),
        missing: () => setOf(space, [2]),
        inProgress: () => setOf(space, []),
        failed: () => setOf(space, []),
        updated: () => [{ partitions, changed: partitions, isToMake: (name) => name === 'kept' }],
      },
      cursor,
      { now: new Date('2024-01-04T12:00:00Z') },
    )
  }

  const first = at(undefined)
  expect(first.requested.size).toBe(0)
  const second = at(first.cursor, 1)
  expect([...ordinals(second.requested.get('kept')!)]).toEqual([2])
  expect(at(second.cursor).requested.size).toBe(0)
})

test('a condition remembers over a restart, and over windows that have begun to exist', () => {
  const world = worldOf({
    prices: { partitions: { date } },
    means: { partitions: { date }, reads: ['prices'], automation: onMissing() },
  })
  world.evaluate()
  world.now = new Date('2024-01-06T12:00:00Z')
  world.restart()
  expect(world.evaluate()).toEqual({})
  world.restart()
  world.make('prices', '2024-01-05')
  expect(world.evaluate()).toEqual({ means: '2024-01-05' })
  world.restart()
  expect(world.evaluate()).toEqual({})
})

test('keys that come into the middle of a list do not move what is remembered of the others', () => {
  const automation = eager()
  const world = worldOf({ a: { automation, partitions: { market: keyed(['A', 'C']) } } })
  world.evaluate()
  world.redefine({ a: { automation, partitions: { market: keyed(['A', 'B', 'C', 'D']) } } })
  expect(world.evaluate()).toEqual({ a: 'B,D' })
  expect(world.evaluate()).toEqual({})
})

test('another condition, or another cut, is an initial evaluation', () => {
  const automation = initialEvaluation()
  const world = worldOf({ a: { automation } })
  expect(world.evaluate()).toEqual({ a: '*' })
  expect(world.evaluate()).toEqual({})
  world.redefine({ a: { automation, partitions: { market: keyed(['A', 'B']) } } })
  expect(world.evaluate()).toEqual({ a: '*' })
  expect(world.evaluate()).toEqual({})
  world.redefine({ a: { automation: or(automation, inProgress()), partitions: { market: keyed(['A', 'B']) } } })
  expect(world.evaluate()).toEqual({ a: '*' })
  world.redefine({ a: {} })
  expect(world.evaluate()).toEqual({})
})

test('a tick of cron is passed once, and not at the first evaluation', () => {
  const world = worldOf({ a: { automation: cronTickPassed('0 * * * *') } }, '2024-01-04T11:30:00Z')
  expect(world.evaluate()).toEqual({})
  world.now = new Date('2024-01-04T12:00:00Z')
  expect(world.evaluate()).toEqual({ a: '*' })
  world.now = new Date('2024-01-04T12:01:00Z')
  expect(world.evaluate()).toEqual({})
  expect(() => onCron('* /15 * * * 1-6')).toThrow('cron')
})

test('an asset on cron waits for everything it reads to be made since the tick', () => {
  const world = worldOf(
    { a: {}, b: {}, c: { automation: onCron('@hourly'), reads: ['a', 'b'] } },
    '2024-01-04T11:30:00Z',
  )
  world.evaluate()
  world.make('a')
  world.now = new Date('2024-01-04T12:30:00Z')
  world.evaluate()
  world.make('b')
  expect(world.evaluate()).toEqual({})
  world.make('a')
  expect(world.evaluate()).toEqual({ c: '*' })
  world.make('a')
  expect(world.evaluate()).toEqual({})
})

test('only the newest window of time counts, or those that start within a lookback of its end', () => {
  const partitions = { date, market: keyed(['A', 'B']) }
  const world = worldOf({
    last: { partitions, automation: inLatestTimeWindow() },
    days: { partitions, automation: inLatestTimeWindow('48h') },
    keys: { partitions: { market: keyed(['A', 'B']) }, automation: inLatestTimeWindow() },
  })
  expect(world.evaluate()).toEqual({
    last: 'date=2024-01-03/market=A..B',
    days: 'date=2024-01-02/market=A..B,date=2024-01-03/market=A..B',
    keys: '*',
  })
})

test('what was requested is newly requested at the next evaluation, and a code version changes once', () => {
  const automation = and(or(initialEvaluation(), codeVersionChanged()))
  const world = worldOf({
    a: { automation },
    b: { automation: newlyRequested() },
    c: { automation: anyDepsMatch(newlyRequested()), reads: ['a'] },
  })
  expect(world.evaluate()).toEqual({ a: '*' })
  expect(world.evaluate()).toEqual({ c: '*' })
  expect(world.evaluate()).toEqual({})
  world.redefine({ a: { automation, codeVersion: '2' } })
  expect(world.evaluate()).toEqual({ a: '*' })
  expect(world.evaluate()).toEqual({})
})

test('a condition can be rewritten: a clause left out or replaced, assets left out or the only ones', () => {
  const world = worldOf({
    a: {},
    b: {},
    all: { automation: newlyTrue(allDepsMatch(not(missing()))), reads: ['a', 'b'] },
    some: { automation: newlyTrue(ignore(allDepsMatch(not(missing())), [{ name: 'b' }])), reads: ['a', 'b'] },
    other: { automation: newlyTrue(allow(anyDepsMatch(not(missing())), [{ name: 'b' }])), reads: ['a', 'b'] },
  })
  expect(world.evaluate()).toEqual({})
  world.make('a')
  expect(world.evaluate()).toEqual({ some: '*' })
  world.make('b')
  expect(world.evaluate()).toEqual({ all: '*', other: '*' })

  expect(without(eager(), inLatestTimeWindow())).not.toEqual(eager())
  expect(JSON.stringify(without(eager(), inLatestTimeWindow()))).not.toContain('inLatestTimeWindow')
  const looser = replace(eager(), 'anyDepsUpdated', missing())
  expect(JSON.stringify(looser)).not.toContain(JSON.stringify(anyDepsUpdated()))
})

test('an asset for which nothing has changed is not looked at again, until something has', () => {
  const world = worldOf({
    a: { partitions: { date } },
    b: { partitions: { date }, reads: ['a'], automation: eager() },
  })
  for (let round = 0; round < 3; round++) world.evaluate()
  world.looked.length = 0
  world.evaluate()
  expect(world.looked).toEqual([])

  world.now = new Date('2024-01-05T00:00:00Z')
  world.evaluate()
  expect(world.looked).not.toEqual([])
})

test('an explanation says of each clause where it is true', () => {
  const world = worldOf({
    a: { partitions: { date } },
    b: { partitions: { date }, reads: ['a'], automation: eager() },
  })
  world.evaluate()
  world.make('a', '2024-01-03')
  world.set('running', 'b', '2024-01-03')
  const evaluation = world.evaluation()
  const verdict = evaluation.explain('b')!
  const space = verdict.set.space

  const lines = printExplained(explained(verdict, parseSet(space, '2024-01-03')))
  expect(evaluation.requested.size).toBe(0)
  expect(lines[0]).toBe('no  eager')
  expect(lines).toContain('  yes in the latest window')
  expect(lines).toContain('  no  not: is part of a run under way')
  expect(lines).toContain('    yes is part of a run under way')
  expect(lines.join('\n')).toContain('(a)')
  expect(keyAt(space, 2)).toBe('date=2024-01-03')
})

test('sets survive the text of a cursor and any growth of either axis', () => {
  const keys = ['A', 'B', 'C', 'D', 'E', 'F', 'G']
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 9 }),
      fc.shuffledSubarray(keys, { minLength: 1 }),
      fc.shuffledSubarray(keys, { minLength: 1 }),
      fc.array(fc.nat(10_000), { maxLength: 30 }),
      (days, more, were, are, picked) => {
        const on = (count: number, names: readonly string[]) =>
          spaceOf({ date, market: keyed(names) }, { now: new Date(Date.UTC(2024, 0, 1 + count)) })
        const [before, after] = [on(days, were), on(days + more, are)]
        const was = setOf(
          before,
          picked.map((one) => one % before.size),
        )
        const cursor: AutomationCursor = {
          at: 1,
          layouts: new Map([['a', layoutOf(before)]]),
          assets: new Map([
            ['a', { condition: 'x', requested: { asset: 'a', bits: was.bits }, clauses: new Map(), codeVersions: {} }],
          ]),
        }
        const read = parseCursor(printCursor(cursor))
        const found = recalled(read.assets.get('a')!.requested.bits, read.layouts.get('a')!, after)!

        const names = Array.from(ordinals(was), (ordinal) => keyAt(before, ordinal))
        const left = names.filter((name) => are.includes(name.slice(-1)))
        expect(Array.from(ordinals(found), (ordinal) => keyAt(after, ordinal)).sort()).toEqual(left.sort())
      },
    ),
  )
})

test('whether evaluations are skipped or not, the same is asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'tick', 'day', 'nothing'), fc.nat(2)), { maxLength: 25 }),
      (steps) => {
        const specs = {
          a: { partitions: { date } },
          b: { partitions: { date }, reads: ['a'], automation: eager() },
          c: { partitions: { date }, reads: ['b'], automation: or(eager(), since(onCron('0 * * * *'), missing())) },
        }
        const [skipping, thorough] = [worldOf(specs), worldOf(specs)]
        for (const [what, day] of steps) {
          for (const world of [skipping, thorough]) {
            if (what === 'tick') world.now = new Date(world.now.getTime() + 1_800_000)
            else if (what === 'day') world.now = new Date(world.now.getTime() + 86_400_000)
            else if (what !== 'nothing') world.make(what, `2024-01-0${day + 1}`)
          }
          // A cursor that was read from text knows nothing of what was quiet.
          thorough.restart()
          expect(skipping.evaluate()).toEqual(thorough.evaluate())
        }
      },
    ),
  )
})
