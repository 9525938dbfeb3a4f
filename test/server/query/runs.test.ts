import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, keyed } from '#pipeline'
import type { Attempt } from '../../../server/query/run-attempts.ts'
import { likeWithLike } from '../../../server/query/run-details.ts'
import { lanesOf, stretchOf } from '../../../server/query/run-timeline.ts'
import { asking, engineOf, gate, make, now, until } from '../../pipeline/run/open-engine.ts'
import { askingOf } from '../asking-of.ts'

const output = z.strictObject({ n: z.int() })
const days = daily({ since: '2024-01-01' })

/** Three days, of which the first is made at the second attempt and the last not at all; and what is read from them. */
function assets() {
  const tries = new Map<string, number>()
  const trades = defineAsset({
    ...{ name: 'trades', output, partitions: { day: days }, retry: { attempts: 2, backoff: '1ms' } },
    run({ key, log }) {
      const attempt = (tries.get(key) ?? 0) + 1
      tries.set(key, attempt)
      log.debug(`asking for ${key}`, { attempt })
      if (key.endsWith('03')) throw new Error(`answer 50${attempt} for ${key}`, { cause: new Error('socket hang up') })
      if (attempt === 1 && key.endsWith('01')) throw new Error('a slip')
      log.warn('slow')
      return [{ n: 1 }]
    },
  })
  const candles = defineAsset({
    ...{ name: 'candles', output, partitions: { day: days }, deps: { trades } },
    checks: {
      'never on the 2nd': (_, { key }) =>
        key.endsWith('02') ? { passed: false, why: 'it is the 2nd' } : { passed: true },
    },
    run: () => [{ n: 1 }],
  })
  return [trades, candles]
}

async function finished() {
  const engine = await engineOf(assets())
  const { id } = await make(engine)
  return { engine, id, ask: askingOf({ engine }) }
}

test('a run tells how far it is with each asset and what went wrong, like with like', async () => {
  const { id, ask } = await finished()

  const run = await ask('run', { run: id })

  expect(run).toMatchObject({
    run: id,
    status: 'failed',
    mode: 'needed',
    partitions: 'all',
    remainingMs: null,
    resumes: 0,
  })
  expect(
    run.byAsset.map(({ asset, planned, published, failed, rejected, blocked }) => [
      asset,
      planned,
      published,
      failed,
      rejected,
      blocked,
    ]),
  ).toEqual([
    ['trades', 3, 2, 1, 0, 0],
    ['candles', 3, 1, 0, 1, 1],
  ])
  expect(run.errors).toHaveLength(2)
  expect(run.errors).toContainEqual({
    ...{ asset: 'trades', key: 'day=2024-01-03', count: 1 },
    message: 'answer 502 for day=2024-01-03; because socket hang up',
  })
  expect(run.lastEvent).toBeGreaterThan(0)
  await expect(ask('run', { run: 'nope' })).rejects.toMatchObject({ code: 'run.unknown' })
})

test('runs are listed newest first, and found by what is known of them', async () => {
  const { engine, id, ask } = await finished()
  const again = await make(engine, {
    assets: ['candles'],
    mode: 'all',
    reason: 'by hand',
    tags: { team: 'Quant' },
  })

  const runs = async (given: Parameters<typeof ask<'runs'>>[1]) =>
    (await ask('runs', given)).items.map(({ run }) => run)

  expect(await runs({})).toEqual([again.id, id])
  expect(await runs({ status: 'failed' })).toContain(id)
  expect(await runs({ asset: 'trades' })).toEqual([id])
  expect(await runs({ q: 'quant' })).toEqual([again.id])
  const first = await ask('runs', { limit: 1 })
  expect(await runs({ limit: 1, cursor: first.next! })).toEqual([id])
  await expect(ask('runs', { cursor: 'x' })).rejects.toMatchObject({ code: 'cursor.malformed' })
})

test('a grid has what became of each partition, in its place, also of what was not tried', async () => {
  const { id, ask } = await finished()

  const { assets } = await ask('runGrid', { run: id, width: 9 })

  expect(assets).toEqual([
    {
      asset: 'trades',
      planned: 3,
      cells: [cell('day=2024-01-01', 'made'), cell('day=2024-01-02', 'made'), cell('day=2024-01-03', 'failed')],
    },
    {
      asset: 'candles',
      planned: 3,
      cells: [cell('day=2024-01-01', 'made'), cell('day=2024-01-02', 'rejected'), cell('day=2024-01-03', 'blocked')],
    },
  ])
  expect((await ask('runGrid', { run: id, width: 1 })).assets[1]!.cells).toEqual([
    { first: 'day=2024-01-01', last: 'day=2024-01-03', counts: [1, 0, 1, 0, 1, 0, 0] },
  ])
})

const order = ['made', 'skipped', 'rejected', 'failed', 'blocked', 'canceled', 'unended']
const cell = (key: string, fate: string) => ({
  first: key,
  last: key,
  counts: order.map((one) => (one === fate ? 1 : 0)),
})

test('a grid follows a run that is under way', async () => {
  const open = gate()
  const markets = keyed(['A', 'B', 'C', 'D'])
  const trades = defineAsset({
    ...{ name: 'trades', output, partitions: { market: markets } },
    async run({ key }) {
      if (key.endsWith('C')) await open.passed
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([trades])
  const ask = askingOf({ engine })
  const started = await engine.start(asking(engine, { mode: 'all' }))
  const counts = async () =>
    (await ask('runGrid', { run: started.id })).assets[0]?.cells.map((one) => order[one.counts.indexOf(1)])

  await until(async () => (await counts())?.filter((fate) => fate === 'made').length === 3)
  expect(await counts()).toEqual(['made', 'made', 'unended', 'made'])
  await until(async () => (await ask('run', { run: started.id })).remainingMs !== null)

  open.open()
  await started.result
  expect(await counts()).toEqual(['made', 'made', 'made', 'made'])
})

test('attempts are listed newest first, those that were tried again too', async () => {
  const { id, ask } = await finished()

  const failed = await ask('runSteps', { run: id, end: 'failed' })
  const first = await ask('runSteps', { run: id, limit: 3 })
  const rest = await ask('runSteps', { run: id, cursor: first.next! })

  expect(failed.items.map(({ key, attempt, isRetried }) => [key.slice(-2), attempt, isRetried]).sort()).toEqual([
    ['01', 1, true],
    ['03', 1, true],
    ['03', 2, false],
  ])
  const all = [...first.items, ...rest.items]
  expect(all).toHaveLength(7)
  expect(all.map((one) => one.id)).toEqual(all.map((one) => one.id).toSorted((a, b) => b - a))
  expect(
    all.every(({ worker, startedAt, endedAt }) => worker?.endsWith(` ${process.pid}`) && startedAt! <= endedAt),
  ).toBe(true)
  expect((await ask('runSteps', { run: id, asset: 'candles', end: 'rejected' })).items[0]!.message).toContain(
    'it is the 2nd',
  )
})

test('a timeline has the attempts by worker, and counts what it leaves out', async () => {
  const { id, ask } = await finished()

  const all = await ask('runTimeline', { run: id })
  const some = await ask('runTimeline', { run: id, limit: 3 })

  expect(all.lanes.flatMap(({ attempts }) => attempts)).toHaveLength(7)
  expect(all.density.reduce((sum, { ended }) => sum + ended, 0)).toBe(7)
  expect(all.density.reduce((sum, { failed }) => sum + failed, 0)).toBe(4)
  expect(some.omitted).toBe(4)
  expect(
    some.lanes.flatMap(({ attempts }) => attempts).every(({ end }) => end === 'failed' || end === 'rejected'),
  ).toBe(true)
})

test('attempts that overlap have a lane each, and the first free lane is taken', () => {
  const attempt = (worker: string, startedAt: number, endedAt: number) => ({ worker, startedAt, endedAt }) as Attempt

  const lanes = lanesOf([
    attempt('b', 0, 10),
    attempt('a', 5, 7),
    attempt('b', 2, 4),
    attempt('b', 4, 6),
    attempt('b', 12, 13),
  ])

  expect(lanes.map(({ worker, lane, attempts }) => [worker, lane, attempts.map(({ startedAt }) => startedAt)])).toEqual(
    [
      ['a', 0, [5]],
      ['b', 0, [0, 12]],
      ['b', 1, [2, 4]],
    ],
  )
  expect([stretchOf(0), stretchOf(200_000), stretchOf(201_000), stretchOf(86_400_000 * 365)]).toEqual([
    1_000, 1_000, 2_000, 172_800_000,
  ])
})

test('the log of a run has what was said and what became of it, and can be followed', async () => {
  const { engine, id, ask } = await finished()
  const lines = async (of: Partial<Parameters<typeof ask<'runLog'>>[1]> = {}) => {
    const all: { readonly id: string; readonly text: string }[] = []
    let cursor: string | undefined
    for (;;) {
      const page = await ask('runLog', { run: id, limit: 2, ...of, ...(cursor && { cursor }) })
      all.push(
        ...page.items.map(({ level, key, message, id }) => ({ id, text: `${level} ${key.slice(-2)} ${message}` })),
      )
      if (page.next === null) return { all, texts: all.map(({ text }) => text), tail: page.tail }
      cursor = page.next
    }
  }

  const { all, texts, tail } = await lines()
  expect(texts).toHaveLength(5 + 2 + 7)
  expect(texts).toContain('warn 01 failed, and is tried again: a slip')
  expect(texts).toContain('error 03 failed: answer 502 for day=2024-01-03; because socket hang up')
  expect(texts).toContain('info 02 published 1 row')
  expect((await lines({ order: 'newest' })).all).toEqual(all.toReversed())
  expect((await lines({ limit: 1_000 })).all).toEqual(all)
  expect((await lines({ level: 'error' })).texts).toHaveLength(2)
  expect((await lines({ level: 'warn' })).texts).toHaveLength(2 + 2 + 2)
  expect((await lines({ q: 'SLIP' })).texts).toEqual(['warn 01 failed, and is tried again: a slip'])
  expect((await lines({ asset: 'trades', key: 'day=2024-01-02' })).texts).toEqual([
    'debug 02 asking for day=2024-01-02',
    'warn 02 slow',
    'info 02 published 1 row',
  ])

  expect((await ask('runLog', { run: id, cursor: tail! })).items).toEqual([])
  await engine.store.log(id, 'trades', 'day=2024-01-02' as never, [{ level: 'info', at: now, message: 'late' }], now)
  const late = await ask('runLog', { run: id, cursor: tail! })
  expect(late.items.map(({ message }) => message)).toEqual(['late'])
  expect((await ask('runLog', { run: id, cursor: late.tail! })).items).toEqual([])
})

test('a run is stopped, and run again from where it failed', async () => {
  const { engine, id, ask } = await finished()

  expect(await ask('cancelRun', { run: id })).toEqual({ isCanceling: false })
  await expect(ask('cancelRun', { run: 'nope' })).rejects.toMatchObject({ code: 'run.unknown' })
  const again = await ask('retryRun', { run: id })

  expect(again.size).toBe(3)
  await until(async () => (await engine.store.run(again.run))?.finishedAt !== null)
  expect((await ask('run', { run: id })).reruns.map(({ run }) => run)).toEqual([again.run])
  expect(await ask('run', { run: again.run })).toMatchObject({ rerunOf: id, status: 'failed' })
})

test('errors that differ in numbers and names of partitions only are one', () => {
  const failure = (key: string, error: string, asset = 'a') =>
    ({ type: 'failed', asset, key, payload: { error, retryAt: null } }) as never

  const kinds = likeWithLike([
    failure('market=BTC-USDT/day=2024-01-02', 'no answer for BTC-USDT on 2024-01-02 after 31 ms'),
    failure('market=ETH-USDT/day=2024-01-01', 'no answer for ETH-USDT on 2024-01-01 after 4 ms'),
    failure('market=ETH-USDT/day=2024-01-01', 'disk full'),
  ])

  expect(kinds.map(({ message, count }) => [message, count])).toEqual([
    ['no answer for BTC-USDT on 2024-01-02 after 31 ms', 2],
    ['disk full', 1],
  ])
})
