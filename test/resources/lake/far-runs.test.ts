import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { PartitionKey } from '#pipeline'
import { daily, defineAsset, sql } from '#pipeline'
import { lake } from '../../../resources/lake/open-lake.ts'
import type { Storage } from '../../../resources/storage/port.ts'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import { engineOf, make, rowsOf } from '../../pipeline/run/open-engine.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'

let server: Azurite
beforeAll(async () => {
  server = await azurite()
})
afterAll(() => server.stop())

const monday = 'date=2024-01-01' as PartitionKey

/** Prices of three days and their averages, in blobs. */
async function deployment() {
  const world = { n: 1, at: Date.now() }
  const output = z.strictObject({ n: z.int() })
  const date = daily({ since: '2024-01-01', until: '2024-01-04' })
  const prices = defineAsset({
    name: 'prices',
    partitions: { date },
    output,
    retain: { versions: 1 },
    checks: { small: () => (world.n < 90 ? { passed: true } : { passed: false, why: 'too large' }) },
    retry: { attempts: 1 },
    run: () => [{ n: world.n }, { n: world.n + 1 }],
  })
  const sums = defineAsset({
    name: 'sums',
    partitions: { date },
    deps: { prices },
    output,
    run: ({ inputs }) => sql`select sum(n)::bigint as n from ${inputs.prices}`,
  })
  const folder = temporaryFolder()
  const url = `${await server.container()}/lake`
  const cache = { folder: join(folder, 'cache'), maxBytes: 1e9 }
  const opened = lake({ url, credentials: server.credentials, cache })
  const io = await opened.open()
  onTestFinished(() => opened.close?.(io))
  const engine = await engineOf([prices, sums], { file: join(folder, 'store.sqlite'), io }, { clock: () => world.at })
  const again = (n: number) => {
    world.n = n
    world.at += 3_600_000
    return make(engine, { mode: 'all', now: world.at })
  }
  return { world, prices, sums, engine, again, storage: await storageAt(url, server.credentials) }
}

const paths = async (storage: Storage) => (await Array.fromAsync(storage.walk())).map(({ path }) => path)

test('runs publish to blobs, leave alone what is the same, and make damaged files again', async () => {
  const { engine, sums, again, storage } = await deployment()

  expect((await again(1)).ends).toEqual({ published: 6 })
  expect(await rowsOf(engine, sums, monday)).toEqual([{ n: 3 }])
  expect((await again(1)).ends).toEqual({ unchanged: 6 })
  expect(await paths(storage)).toHaveLength(6)

  await storage.remove((await engine.store.files('sums'))[0]!.path)
  expect((await again(1)).ends).toEqual({ published: 1, unchanged: 5 })
  expect(await paths(storage)).toHaveLength(6)
})

test('what a check refused is set aside, and retention removes what is too old', async () => {
  const { engine, prices, again, world, storage } = await deployment()
  await again(1)
  await again(2)

  expect((await again(95)).ends).toMatchObject({ rejected: 3 })
  expect((await paths(storage)).filter((path) => path.endsWith('.rejected.parquet'))).toHaveLength(3)
  expect(await rowsOf(engine, prices, monday)).toEqual([{ n: 2 }, { n: 3 }])

  world.at += 2 * 86_400_000
  const { assets, failures } = await engine.retain()
  expect(failures).toEqual([])
  expect(assets).toMatchObject([{ asset: 'prices', versions: 3 }])
  expect(
    (await paths(storage)).filter((path) => path.startsWith('prices/') && !path.includes('rejected')),
  ).toHaveLength(3)
})
