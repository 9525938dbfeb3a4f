import { expect, test, vi } from 'vitest'
import { dates, deployment } from '../deployment.ts'

test('a plan tells how many of which asset, in which order and why', async () => {
  const { ask } = await deployment()

  const plan = await ask('plan', { selection: '+candles', partitions: '2024-01-01..2024-01-02' })

  expect(plan).toMatchObject({ size: 7, blocked: 0, fresh: 0, estimateMs: null })
  expect(plan.assets.map(({ asset, count, rank, partitions }) => [asset, count, rank, partitions])).toEqual([
    ['rates', 1, 0, 'all'],
    ['days', 2, 0, '2024-01-01..2024-01-02'],
    ['candles', 4, 1, 'date=2024-01-01/market=BTC-USDT..ETH-USDT, date=2024-01-02/market=BTC-USDT..ETH-USDT'],
  ])
  expect(plan.steps[0]).toEqual({ asset: 'rates', key: '', why: 'missing', blocked: null })
})

test('what can not run is told with the reason', async () => {
  const { ask } = await deployment()

  const plan = await ask('plan', { selection: 'candles', partitions: '2024-01-01' })

  expect(plan).toMatchObject({ size: 2, blocked: 2, assets: [{ blocked: 2 }] })
  expect(plan.steps[0]!.blocked).toContain('days')
})

test('a plan is estimated by how long such steps took', async () => {
  const { ask, make } = await deployment()
  await make(['days'], dates('2024-01-01'))

  const plan = await ask('plan', { selection: 'days' })

  expect(plan).toMatchObject({ size: 9, fresh: 1 })
  expect(plan.assets[0]!.stepMs).toEqual(expect.any(Number))
  expect(plan.estimateMs).toEqual(expect.any(Number))
})

test('many partitions are told in few words', async () => {
  const { ask, make } = await deployment()
  await make(['hours'], { spans: [{ start: Date.parse('2020-01-01'), end: Date.parse('2020-01-02') }], keys: {} })

  const plan = await ask('plan', { selection: 'hours', mode: 'missing' })

  expect(plan).toMatchObject({ size: 99_976, fresh: 24 })
  expect(plan.steps).toHaveLength(200)
  expect(plan.assets[0]!.partitions.length).toBeLessThan(300)
})

test('the planner refuses in its own words', async () => {
  const { ask } = await deployment()
  const refused = async (given: Partial<Parameters<typeof ask<'plan'>>[1]>) =>
    ask('plan', { selection: 'days', ...given }).then(
      () => 'nothing',
      (error: { code: string }) => error.code,
    )

  expect(await refused({ selection: 'dayz' })).toBe('asset.unknown')
  expect(await refused({ selection: 'days and' })).toBe('selection.malformed')
  expect(await refused({ selection: 'feed' })).toBe('asset.external')
  expect(await refused({ partitions: '2030-01-01' })).toBe('partition.not-yet')
  expect(await refused({ partitions: '' })).toBe('partition.malformed')
  expect(await refused({ params: { days: { depth: 'x' } } })).toBe('params.invalid')
})

test('a run is started and goes on by itself; what others make is left out', async () => {
  const { ask, engine } = await deployment()

  const { run, size } = await ask('startRun', {
    ...{ selection: 'feed, days', partitions: '2024-01-01', params: { days: { depth: 7 } }, tags: { who: 'ana' } },
    priority: 3,
  })

  expect(size).toBe(1)
  await vi.waitFor(async () => expect((await engine.store.run(run))!.status).toBe('succeeded'))
  const { ask: kept } = (await engine.store.run(run))!
  expect(kept).toMatchObject({ assets: ['days'], reason: 'by hand: feed, days', priority: 3, tags: { who: 'ana' } })
  expect(kept.params).toEqual({ days: { depth: 7 } })
})

test('where nothing is to be made no run is started', async () => {
  const { ask, engine, make } = await deployment()
  await make(['days'], dates('2024-01-01'))

  await expect(ask('startRun', { selection: 'days', partitions: '2024-01-01' })).rejects.toMatchObject({
    ...{ code: 'run.nothing', status: 409 },
    message: 'there is nothing to make: of 1 partition selected all are fresh; to make them again, ask for all',
  })
  await expect(ask('startRun', { selection: 'days', mode: 'failed' })).rejects.toThrow('none is failed')
  expect(await engine.store.runs(9)).toHaveLength(1)
})
