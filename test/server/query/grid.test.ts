import { expect, test } from 'vitest'
import { dates, deployment, now } from '../deployment.ts'

const sum = (cells: readonly (readonly (readonly number[])[])[]) =>
  cells.flat().reduce((all, cell) => all.map((count, at) => count + cell[at]!), [0, 0, 0, 0, 0, 0])

test('one dimension is one row, with every status in its place', async () => {
  const { ask, make, world } = await deployment()
  world.failing.add('date=2024-01-03')
  await make(['days'], dates('2024-01-01', '2024-01-02', '2024-01-03'))

  const grid = await ask('grid', { asset: 'days' })

  expect(grid).toMatchObject({ asOf: now, isStaleKnown: true, rows: { dimension: null, size: 1 } })
  expect(grid.columns).toMatchObject({ dimension: 'date', size: 10, from: 0, to: 10 })
  expect(grid.columns.stretches[1]).toEqual({ from: 1, to: 2, first: '2024-01-02', last: '2024-01-02' })
  expect(grid.cells[0]!.slice(0, 4)).toEqual([
    [1, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0, 0],
  ])
})

test('two dimensions are a map, time across, and what was made of other inputs is stale', async () => {
  const { ask, make, world } = await deployment()
  await make(['rates', 'days', 'candles'], dates('2024-01-01', '2024-01-02'))
  world.value = 7
  await make(['days'], dates('2024-01-02'))

  const grid = await ask('grid', { asset: 'candles' })

  expect([grid.columns.dimension, grid.rows.dimension]).toEqual(['date', 'market'])
  expect(grid.rows.stretches.map(({ first }) => first)).toEqual(['BTC-USDT', 'ETH-USDT'])
  for (const row of grid.cells) {
    expect(row.slice(0, 3)).toEqual([
      [1, 0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0],
    ])
  }
})

test('the axes are chosen, and a dimension that is not there is refused', async () => {
  const { ask } = await deployment()

  const grid = await ask('grid', { asset: 'candles', rows: 'date', columns: 'market' })

  expect([grid.columns.size, grid.rows.size]).toEqual([2, 10])
  await expect(ask('grid', { asset: 'candles', rows: 'hour' })).rejects.toMatchObject({
    code: 'dimension.unknown',
    message: 'asset "candles" has no dimension "hour"; it has: "date", "market"',
  })
})

test('an asset that is not cut is one cell', async () => {
  const { ask, make } = await deployment()
  await make(['rates'])

  expect((await ask('grid', { asset: 'rates' })).cells).toEqual([[[1, 0, 0, 0, 0, 0]]])
})

test('many partitions fall into few cells of one length, and a part of them into finer ones', async () => {
  const { ask } = await deployment()

  const whole = await ask('grid', { asset: 'hours', width: 300 })
  const part = await ask('grid', { asset: 'hours', width: 300, from: 1_000, to: 1_100 })

  expect(whole).toMatchObject({ isStaleKnown: false, columns: { size: 100_000 } })
  expect(whole.cells[0]!.length).toBeLessThanOrEqual(300)
  expect(sum(whole.cells)).toEqual([0, 0, 100_000, 0, 0, 0])
  expect(new Set(whole.columns.stretches.slice(0, -1).map(({ from, to }) => to - from)).size).toBe(1)
  expect(part.cells[0]).toHaveLength(100)
  expect(part.columns).toMatchObject({ from: 1_000, to: 1_100, size: 100_000 })
})

test('of three dimensions two are shown, and the third is summed up', async () => {
  const { ask, make } = await deployment()
  await make(['books'], dates('2024-01-01'))

  const grid = await ask('grid', { asset: 'books' })
  const turned = await ask('grid', { asset: 'books', columns: 'side', rows: 'level' })

  expect([grid.columns.dimension, grid.rows.dimension]).toEqual(['date', 'level'])
  expect(grid.cells.map(([first, second]) => [first, second])).toEqual(
    Array(3).fill([
      [2, 0, 0, 0, 0, 0],
      [0, 0, 2, 0, 0, 0],
    ]),
  )
  expect(turned.cells).toEqual(Array(3).fill(Array(2).fill([1, 0, 9, 0, 0, 0])))
})

test('what a worker holds is running', async () => {
  const { ask, engine } = await deployment()
  const key = 'date=2024-01-05' as never
  const ofRun = { assets: ['days'], filter: { keys: {} }, mode: 'all', now, reason: 'test' } as const
  await engine.store.createRun({ id: 'run1', ask: ofRun, leader: null, now })
  const ask1 = { run: 'run1', worker: engine.worker, asset: 'days', keys: [key], now, leaseMs: 30_000, inputs: [] }
  await engine.store.claim(ask1)

  expect((await ask('grid', { asset: 'days' })).cells[0]![4]).toEqual([0, 0, 0, 0, 0, 1])
  expect((await ask('partitions', { asset: 'days', status: 'running' })).items).toMatchObject([{ key }])
})

test('a dimension without keys is an empty grid, and grows with its keys', async () => {
  const { ask } = await deployment()

  expect((await ask('grid', { asset: 'listed' })).cells).toEqual([[]])

  await ask('changeKeys', { dimension: 'markets', add: ['a', 'b'] })
  expect((await ask('grid', { asset: 'listed' })).cells[0]).toHaveLength(2)
})

test('an asset that no deployment has is refused', async () => {
  const { ask } = await deployment()

  await expect(ask('grid', { asset: 'candels' })).rejects.toMatchObject({ code: 'asset.unknown' })
})
