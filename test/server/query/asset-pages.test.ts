import { expect, test } from 'vitest'
import type { PartitionKey } from '#pipeline'
import { dates, deployment, now } from '../deployment.ts'

test('assets are told upstream before downstream, with what they declare and how they are doing', async () => {
  const { ask, make } = await deployment()
  await make(['days'], dates('2024-01-01'))

  const { items, next } = await ask('assets', {})

  expect(items.map(({ asset }) => asset)).toHaveLength(8)
  expect(next).toBeNull()
  expect(items.find(({ asset }) => asset === 'days')).toMatchObject({
    ...{ layer: 'bronze', kinds: ['csv'], dimensions: ['date'], lastPublishedAt: now, rows: 2 },
    partitions: { total: 10, published: 1, missing: 9 },
  })
  expect(items.find(({ asset }) => asset === 'means')).toMatchObject({ automation: 'eager', layer: 'gold' })
})

test('assets are selected, searched and paged', async () => {
  const { ask } = await deployment()
  const names = async (given: Parameters<typeof ask<'assets'>>[1]) =>
    (await ask('assets', given)).items.map(({ asset }) => asset)

  expect(await names({ selection: '+candles' })).toEqual(['rates', 'days', 'candles'])
  expect(await names({ q: 'COST=h' })).toEqual(['candles'])
  expect(await names({ health: 'external' })).toEqual(['feed'])
  const first = await ask('assets', { limit: 5 })
  const second = await ask('assets', { limit: 5, cursor: first.next! })
  expect(second.items).toHaveLength(3)
  expect(second.next).toBeNull()
  await expect(ask('assets', { selection: 'candels' })).rejects.toMatchObject({ code: 'asset.unknown' })
})

test('a graph has the selection, what is next to it, and which partitions are read', async () => {
  const { ask } = await deployment()

  const { nodes, edges } = await ask('graph', { selection: 'candles' })

  expect(nodes.map(({ asset, isSelected }) => [asset, isSelected])).toEqual([
    ['rates', false],
    ['days', false],
    ['candles', true],
    ['means', false],
  ])
  expect(edges).toEqual([
    { from: 'days', to: 'candles', mapping: 'the same partition' },
    { from: 'rates', to: 'candles', mapping: 'all of it' },
    { from: 'candles', to: 'means', mapping: 'date from 1 before to the same, every market' },
  ])
})

test('what is being typed is completed with a word about each, and told what is wrong with it', async () => {
  const { ask } = await deployment()

  const names = await ask('completeSelection', { text: 'can', at: 3 })
  const wrong = await ask('completeSelection', { text: 'candles candles', at: 15 })

  expect(names).toMatchObject({ from: 0, to: 3, options: [{ text: 'candles', about: 'Candles of a day' }] })
  expect(names.error).toContain('no asset is named "can"')
  expect(wrong.error).toContain('expected "and"')
  const all = await ask('completeSelection', { text: '', at: 0 })
  expect(all.error).toBeNull()
  expect(all.options).toContainEqual({ text: 'sinks(', about: 'those that no other of the set reads' })
})

test('one asset is told with all it declares, in words', async () => {
  const { ask } = await deployment()

  const days = await ask('asset', { asset: 'days' })
  const candles = await ask('asset', { asset: 'candles' })

  expect(days).toMatchObject({
    ...{ pool: 'exchange', retry: 'not tried again', timeout: '30m', retain: 'the newest 3 versions' },
    ...{ reads: [{ input: 'feed', asset: 'feed', mapping: 'the same partition; optional' }], readBy: ['candles'] },
    ...{ schedules: ['every_night'], isIsolated: false, range: null, freshnessRule: null },
    columns: [{ name: 'n', type: 'integer', nullable: false, description: 'a number', unit: 'USD', isKey: false }],
    params: [
      { name: 'depth', isRequired: false, default: 5, description: 'levels' },
      { name: 'side', type: 'one of bid, ask', isRequired: false, default: null, description: null },
    ],
  })
  expect(candles).toMatchObject({
    ...{ checks: ['n is small'], freshnessRule: 'made within 2h', viewSql: 'select * from candles limit 100' },
    dimensionList: [
      { name: 'date', kind: 'time', count: 10, first: '2024-01-01', last: '2024-01-10', unit: 'day', timezone: 'UTC' },
      { name: 'market', kind: 'keyed', count: 2, keys: ['BTC-USDT', 'ETH-USDT'], unit: null, dynamic: null },
    ],
  })
})

test('a dynamic dimension tells its keys and under which name they are changed', async () => {
  const { ask } = await deployment()
  await ask('changeKeys', { dimension: 'markets', add: ['a b'] })

  const { dimensionList } = await ask('asset', { asset: 'listed' })

  expect(dimensionList).toMatchObject([{ kind: 'dynamic', dynamic: 'markets', keys: ['a b'], first: 'a%20b' }])
})

test('versions and events of an asset are paged, newest first, without those of others', async () => {
  const { ask, make, world } = await deployment()
  await make(['rates', 'days'], dates('2024-01-01', '2024-01-02'))
  world.failing.add('date=2024-01-03')
  await make(['days'], dates('2024-01-03'))

  const first = await ask('materializations', { asset: 'days', limit: 1 })
  const second = await ask('materializations', { asset: 'days', limit: 1, cursor: first.next! })
  const events = await ask('assetEvents', { asset: 'days' })
  const failed = await ask('assetEvents', { asset: 'days', type: 'failed' })

  expect([...first.items, ...second.items].map(({ key }) => key).sort()).toEqual(['date=2024-01-01', 'date=2024-01-02'])
  expect(first.items).toMatchObject([{ status: 'published', isCurrent: true, isRemoved: false, rows: 2 }])
  expect(events.items.map(({ type }) => type)).toEqual(['failed', 'published', 'published'])
  expect(
    events.items.every(({ asset, tookMs, worker }) => asset === 'days' && tookMs !== null && worker !== null),
  ).toBe(true)
  expect(failed.items).toMatchObject([{ key: 'date=2024-01-03', message: expect.stringContaining('no answer') }])
})

test('checks tell what they found of what is published, and what they found before', async () => {
  const { ask, make, world } = await deployment()
  const only = dates('2024-01-01')
  await make(['rates', 'days', 'candles'], only)
  world.value = 1_000
  await make(['candles'], only)

  const { looked, items } = await ask('checks', { asset: 'candles' })

  expect(looked).toBe(4)
  expect(items).toMatchObject([{ name: 'n is small', blocking: true, severity: 'error', failing: 0, passing: 2 }])
  expect(items[0]!.history.map(({ passed }) => passed)).toEqual([false, false, true, true])
  expect(items[0]!.history[0]!.why).toContain('broken by')
})

test('lineage is told both ways, each version once', async () => {
  const { ask, make } = await deployment()
  await make(['rates', 'days', 'candles', 'means'], dates('2024-01-01'))

  const up = await ask('lineage', { asset: 'means', key: 'date=2024-01-01' })
  const down = await ask('lineage', { asset: 'days', key: 'date=2024-01-01', direction: 'down' })

  expect(up.nodes.map(({ asset }) => asset).sort()).toEqual(['candles', 'candles', 'days', 'means', 'rates'])
  expect(up.edges).toHaveLength(6)
  const idOf = (asset: string) => down.nodes.filter((node) => node.asset === asset).map(({ id }) => id)
  expect(idOf('candles')).toHaveLength(2)
  expect(down.edges).toContainEqual({ from: idOf('days')[0], to: idOf('candles')[0], input: 'days' })
  await expect(ask('lineage', { asset: 'days', key: 'date=2024-01-05' })).rejects.toMatchObject({
    code: 'lineage.unpublished',
  })
})

test('a preview has rows of one partition, or of the newest ones', async () => {
  const { ask, make, world } = await deployment()
  await make(['days'], dates('2024-01-01'))
  world.value = 7
  await make(['days'], dates('2024-01-02'))

  const one = await ask('preview', { asset: 'days', key: 'date=2024-01-01' })
  const newest = await ask('preview', { asset: 'days', limit: 3 })
  const none = await ask('preview', { asset: 'candles' })

  expect(one).toMatchObject({ columns: [{ name: 'n' }], rows: [[1], [2]], isCut: false })
  expect(newest).toMatchObject({ rows: [[7], [8], [1]], isCut: true })
  expect(none).toMatchObject({ columns: [{ name: 'n', type: 'integer' }], rows: [] })
})

test('why an asset is asked for is told clause by clause, for all and for one partition', async () => {
  const { ask } = await deployment()

  const all = await ask('why', { asset: 'means' })
  const one = await ask('why', { asset: 'means', key: 'date=2024-01-10' })

  expect(all.explained).toMatchObject({ clause: 'eager', asset: 'means', of: 10 })
  expect(one.explained).toMatchObject({ of: 1 })
  expect(one.explained!.parts.length).toBeGreaterThan(3)
  expect(await ask('why', { asset: 'days' })).toEqual({ explained: null })
})

test('an external asset is as new as it was seen to be', async () => {
  const { ask, engine } = await deployment()
  await engine.observe('feed', { key: 'date=2024-01-03' as PartitionKey, version: 'v1' })

  expect((await ask('partitions', { asset: 'feed', status: 'fresh' })).items).toMatchObject([
    { key: 'date=2024-01-03' },
  ])
  expect(await ask('grid', { asset: 'feed' })).toMatchObject({ isStaleKnown: true })
  expect((await ask('preview', { asset: 'feed' })).rows).toEqual([])
  expect((await ask('assetEvents', { asset: 'feed' })).items).toMatchObject([{ type: 'observed', run: null }])
})
