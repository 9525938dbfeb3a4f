import { expect, test } from 'vitest'
import { dates, deployment, now } from '../deployment.ts'

test('partitions come newest first, page by page, each once', async () => {
  const { ask, make } = await deployment()
  const run = await make(['days'], dates('2024-01-09'))

  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await ask('partitions', { asset: 'days', limit: 4, ...(cursor !== undefined && { cursor }) })
    keys.push(...page.items.map(({ key }) => key))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)

  expect(keys).toEqual(Array.from({ length: 10 }, (_, at) => `date=2024-01-${String(10 - at).padStart(2, '0')}`))
  const { items } = await ask('partitions', { asset: 'days', status: 'fresh' })
  expect(items).toMatchObject([{ key: 'date=2024-01-09', run, rows: 2, publishedAt: now, why: null }])
})

test('a part of them is chosen by partition and by status', async () => {
  const { ask, make } = await deployment()
  await make(['rates', 'days', 'candles'], dates('2024-01-01', '2024-01-02'))

  const chosen = await ask('partitions', { asset: 'candles', partitions: '2024-01-01..2024-01-03,market=ETH-USDT' })
  const missing = await ask('partitions', { asset: 'candles', partitions: 'market=ETH-USDT', status: 'missing' })

  expect(chosen.items.map(({ key, status }) => [key, status])).toEqual([
    ['date=2024-01-03/market=ETH-USDT', 'missing'],
    ['date=2024-01-02/market=ETH-USDT', 'fresh'],
    ['date=2024-01-01/market=ETH-USDT', 'fresh'],
  ])
  expect(missing.items).toHaveLength(8)
})

test('one that is stale says why, and so does one that failed', async () => {
  const { ask, make, world } = await deployment()
  await make(['rates', 'days', 'candles'], dates('2024-01-01'))
  world.value = 7
  world.failing.add('date=2024-01-02')
  await make(['days'], dates('2024-01-01', '2024-01-02'))

  const { items: stale } = await ask('partitions', { asset: 'candles', status: 'stale' })
  const { items: failed } = await ask('partitions', { asset: 'days', status: 'failed' })

  expect(stale.map(({ why }) => why)).toEqual(Array(2).fill('stale: input "days" changed'))
  expect(failed).toMatchObject([{ key: 'date=2024-01-02', why: expect.stringContaining('no answer for') }])
})

test('where there are too many to compare, those that are shown are compared', async () => {
  const first = await deployment()
  const hour = { spans: [{ start: now - 7_200_000, end: now - 7_199_999 }], keys: {} }
  await first.make(['hours'], hour)

  const { items, next } = await first.ask('partitions', { asset: 'hours', status: 'fresh' })

  expect(items).toMatchObject([{ key: 'hour=2024-01-10T22', status: 'fresh' }])
  expect(next).toBeNull()
})

test('nothing is no choice of partitions, and a cursor is one that was given out', async () => {
  const { ask } = await deployment()

  await expect(ask('partitions', { asset: 'days', partitions: ' , ' })).rejects.toMatchObject({
    code: 'partition.malformed',
  })
  await expect(ask('partitions', { asset: 'days', cursor: 'x' })).rejects.toMatchObject({ code: 'cursor.malformed' })
})

test('one partition is told with its versions and what was tried', async () => {
  const { ask, make, world } = await deployment()
  const key = 'date=2024-01-02'
  await make(['days'], dates('2024-01-02'))
  world.value = 7
  const second = await make(['days'], dates('2024-01-02'))
  world.failing.add(key)
  await make(['days'], dates('2024-01-02'))

  const partition = await ask('partition', { asset: 'days', key })

  expect(partition).toMatchObject({ key, status: 'failed', rows: 2, leasedUntil: null })
  expect(partition.error).toContain(`no answer for "${key}"`)
  expect(partition.versions.map(({ isCurrent }) => isCurrent)).toEqual([true, false])
  expect(partition.attempts.map(({ type }) => type)).toEqual(['failed', 'published', 'published'])
  expect(partition.attempts[1]).toMatchObject({ run: second, asset: 'days', key, attempt: 1 })
  expect(partition.attempts[0]!.message).toContain('no answer')
})

test('a partition that does not exist is refused, one whose key is gone is still told', async () => {
  const { ask, make } = await deployment()
  await ask('changeKeys', { dimension: 'markets', add: ['a'] })
  await make(['listed'])
  await ask('changeKeys', { dimension: 'markets', remove: ['a'] })

  expect(await ask('partition', { asset: 'listed', key: 'market=a' })).toMatchObject({
    versions: [{ isCurrent: true }],
  })
  await expect(ask('partition', { asset: 'listed', key: 'market=b' })).rejects.toMatchObject({
    code: 'partition.unknown',
    status: 404,
  })
})

test('a partition of an asset that is not cut needs no key', async () => {
  const { ask, make } = await deployment()
  await make(['rates'])

  expect(await ask('partition', { asset: 'rates', key: '' })).toMatchObject({ key: '', status: 'fresh' })
})

test('staleness is counted by its reasons', async () => {
  const { ask, make, world } = await deployment()
  await make(['rates', 'days', 'candles'], dates('2024-01-01', '2024-01-02', '2024-01-03'))
  world.value = 7
  await make(['days'], dates('2024-01-01', '2024-01-02'))

  expect(await ask('staleness', { asset: 'candles' })).toEqual({
    ...{ stale: 4, fresh: 2, compared: 6 },
    reasons: [
      {
        ...{ why: 'stale: input "days" changed', count: 4 },
        partitions: 'date=2024-01-01/market=BTC-USDT..ETH-USDT, date=2024-01-02/market=BTC-USDT..ETH-USDT',
      },
    ],
  })
})

test('of very many partitions the newest are compared', async () => {
  const { ask, make } = await deployment()
  await make(['hours'], { spans: [{ start: now - 36_000_000, end: now - 7_200_000 }], keys: {} })

  expect(await ask('staleness', { asset: 'hours' })).toMatchObject({ stale: 0, fresh: 9, compared: 9, reasons: [] })
})
