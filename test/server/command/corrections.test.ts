import { expect, test } from 'vitest'
import { dates, deployment } from '../deployment.ts'

test('what is wiped is missing, its history stays', async () => {
  const { ask, make } = await deployment()
  await make(['days'], dates('2024-01-01', '2024-01-02'))

  expect(await ask('wipe', { asset: 'days', partitions: '2024-01-01' })).toEqual({ wiped: 1, held: 0 })

  expect(await ask('partition', { asset: 'days', key: 'date=2024-01-01' })).toMatchObject({
    ...{ status: 'missing', rows: null },
    versions: [{ isCurrent: false }],
  })
  expect(await ask('wipe', { asset: 'days', partitions: 'all' })).toEqual({ wiped: 1, held: 0 })
})

test('nothing is wiped where it is not said what', async () => {
  const { ask, make } = await deployment()
  await make(['days'], dates('2024-01-01'))

  await expect(ask('wipe', { asset: 'days', partitions: '' })).rejects.toMatchObject({ code: 'partition.malformed' })
  await expect(ask('wipe', { asset: 'days', partitions: ',' })).rejects.toMatchObject({ code: 'partition.malformed' })
  expect((await ask('partitions', { asset: 'days', status: 'fresh' })).items).toHaveLength(1)
})

test('an earlier version is published again', async () => {
  const { ask, make, world } = await deployment()
  const key = 'date=2024-01-01'
  await make(['days'], dates('2024-01-01'))
  world.value = 7
  await make(['days'], dates('2024-01-01'))
  const { versions } = await ask('partition', { asset: 'days', key })
  const [newest, first] = versions.map(({ id }) => id)

  expect(await ask('rollback', { asset: 'days', key, materialization: first! })).toEqual({
    ...{ outcome: 'rolled-back', why: null },
  })
  expect(await ask('rollback', { asset: 'days', key, materialization: first! })).toMatchObject({ outcome: 'current' })
  expect((await ask('preview', { asset: 'days', key })).rows).toEqual([[1], [2]])
  expect(await ask('rollback', { asset: 'days', key: 'date=2024-01-02', materialization: newest! })).toMatchObject({
    outcome: 'unknown',
  })
})

test('a version whose file is gone is left alone, and it is said why', async () => {
  const { ask, make, world, engine } = await deployment()
  const key = 'date=2024-01-01'
  await make(['days'], dates('2024-01-01'))
  world.value = 7
  await make(['days'], dates('2024-01-01'))
  const { versions } = await ask('partition', { asset: 'days', key })
  await (await engine.io()).discard(versions[1]!.path)

  expect(await ask('rollback', { asset: 'days', key, materialization: versions[1]!.id })).toEqual({
    ...{ outcome: 'damaged', why: 'it is gone' },
  })
})

test('keys are added and removed, and what was not known is not', async () => {
  const { ask } = await deployment()

  expect(await ask('changeKeys', { dimension: 'markets', add: ['a', 'b'], remove: ['c'] })).toEqual({
    ...{ added: ['a', 'b'], removed: [] },
  })
  expect(await ask('changeKeys', { dimension: 'markets', add: ['b'], remove: ['a'] })).toEqual({
    ...{ added: [], removed: ['a'] },
  })

  expect(await ask('dynamicKeys', { dimension: 'markets' })).toEqual({ keys: ['b'] })
})

test('keys that can not be are refused, and nothing is changed', async () => {
  const { ask } = await deployment()
  await ask('changeKeys', { dimension: 'markets', add: ['a'] })

  await expect(ask('changeKeys', { dimension: 'markets', add: ['x..y'], remove: ['a'] })).rejects.toMatchObject({
    code: 'partition.key-invalid',
  })
  await expect(ask('changeKeys', { dimension: 'markets', add: ['b'], remove: ['b'] })).rejects.toMatchObject({
    code: 'partition.key-invalid',
  })
  await expect(ask('dynamicKeys', { dimension: 'market' })).rejects.toMatchObject({ code: 'definition.unknown' })
  expect(await ask('dynamicKeys', { dimension: 'markets' })).toEqual({ keys: ['a'] })
})
