import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { columnsOf, schemaUnchanged, sql } from '#pipeline'
import { lake } from '../../../resources/lake/open-lake.ts'
import { localStorage } from '../../../resources/storage/local.ts'
import type { Storage } from '../../../resources/storage/port.ts'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'
import type { FaultProxy } from '../../servers/http-fault-proxy.ts'
import { httpFaultProxy } from '../../servers/http-fault-proxy.ts'
import type { Row } from './conformance.ts'
import { asset, key, row, staged, testIo } from './conformance.ts'
import { openFarLake, openLake } from './open-lake.ts'

let server: Azurite
let proxy: FaultProxy
beforeAll(async () => {
  server = await azurite({ isKept: true })
  proxy = await httpFaultProxy(server.port)
})
beforeEach(() => proxy.clear())
afterAll(async () => {
  await proxy.close()
  await server.stop()
})

const blobs = async (): Promise<Storage> => storageAt(`${await server.container(proxy.port)}/lake`, server.credentials)
const count = (method: string) => proxy.requests.filter((request) => request.method === method).length
/** Another machine: nothing of it is at hand. */
const elsewhere = (storage: Storage, folder?: string) => openFarLake(storage, folder === undefined ? {} : { folder })

testIo('parquet in blobs', async () => openFarLake(await blobs()))
testIo('parquet in a folder that is far away', () =>
  openFarLake({ ...localStorage(temporaryFolder()), folder: undefined }),
)

test('the same rows are the same bytes under the same name, in a folder and in blobs', async () => {
  const [root, storage] = [temporaryFolder(), await blobs()]
  const rows = Array.from({ length: 3_000 }, (_, n) => row({ n, name: `t${n % 7}` }))

  const [near, far] = [await staged(openLake(root), rows), await staged(openFarLake(storage), rows)]

  expect(far.file).toEqual(near.file)
  expect((await storage.read(far.file.path))!.equals(readFileSync(join(root, near.file.path)))).toBe(true)
})

test('who made a file does not fetch it, and who did not fetches it once', async () => {
  const storage = await blobs()
  const maker = openFarLake(storage)
  const { file, table } = await staged(maker, [row()])

  expect(await table.toArray()).toEqual([row()])
  expect(count('GET')).toBe(0)

  const cache = temporaryFolder()
  const reader = elsewhere(storage, cache).table<Row>(asset, [file])
  await Promise.all([reader.toArray(), reader.toArray(), reader.toArray()])
  expect(await elsewhere(storage, cache).table<Row>(asset, [file]).toArray()).toEqual([row()])
  expect(count('GET')).toBe(1)
})

test('a query has all of its files before it begins, however small the cache is', async () => {
  const storage = await blobs()
  const io = openFarLake(storage)
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, n) => staged(io, [row({ n }), row({ n: n + 100 })], { id: `m${n}` })),
  )
  const files = made.map(({ file }) => file)
  const reader = openFarLake(storage, { maxBytes: 3_000 })

  const [one, two] = [reader.table<Row>(asset, files), reader.table<Row>(asset, files.slice(0, 20))]
  const [all, half] = await Promise.all([one.toArray(), two.toArray()])

  expect(all.map(({ n }) => n)).toEqual(files.flatMap((_, n) => [n, n + 100]))
  expect(half).toHaveLength(40)
})

test('a file that SQL reads and one that it makes are both at hand for as long', async () => {
  const storage = await blobs()
  const { table } = await staged(openFarLake(storage), [row({ n: 4 }), row({ n: 5 })])
  const io = elsewhere(storage)
  const read = io.table<Row>(asset, table.files)

  const { table: made } = await staged(io, sql`select name, price, n + 1 as n, ok, "at" from ${read}`, { id: 'm2' })

  expect((await made.toArray()).map(({ n }) => n)).toEqual([5, 6])
})

test('an upload whose answer was lost is published once', async () => {
  const storage = await blobs()
  proxy.fail({ times: 1, answer: 'lost', when: ({ method }) => method === 'PUT' })

  const { file, table } = await staged(openFarLake(storage), [row()])

  expect(await table.toArray()).toEqual([row()])
  expect((await Array.fromAsync(storage.walk())).map(({ path }) => path)).toEqual([file.path])
})

test('a name that is taken is refused, and what is there stays', async () => {
  const storage = await blobs()
  const { file } = await staged(openFarLake(storage), [row()])

  await expect(staged(openFarLake(storage), [row({ n: 2 })])).rejects.toThrow(
    `file "${file.path}" is in ${storage.url} already, with other bytes`,
  )

  expect(await elsewhere(storage).table<Row>(asset, [file]).toArray()).toEqual([row()])
})

test('damage is that of what is stored, whatever copy is at hand', async () => {
  const storage = await blobs()
  const io = openFarLake(storage)
  const { file, table } = await staged(io, [row()])
  const other = await staged(io, [row({ n: 2 })], { id: 'm2' })
  await table.toArray()

  await storage.remove(file.path)
  expect(await io.damage(asset, file)).toBe('it is gone')

  await storage.put(file.path, { bytes: (await storage.read(other.file.path))! })
  expect(await io.damage(asset, file)).toContain('expected ')
})

test('a file that is gone is named, and is no reason not to make its partition again', async () => {
  const storage = await blobs()
  const { file } = await staged(openFarLake(storage), [row()])
  await storage.remove(file.path)
  const io = elsewhere(storage)
  const gone = io.table<Row>(asset, [file])

  await expect(gone.toArray()).rejects.toThrow(`file "${file.path}" is gone from ${storage.url}; make it again`)

  const { table } = await staged(io, [row()], { id: 'm2' })
  const claim = schemaUnchanged(table, gone)
  if (!('kind' in claim)) throw new Error('expected a claim')
  const value = (await io.prove(table, [claim]))[0]!.value as { now: object; before: object }
  expect(Object.keys(value.now)).toEqual(columnsOf(asset.output).map(({ name }) => name))
  expect(value.before).toEqual({})
})

test('a file that others wrote on this machine is read where it is', async () => {
  const root = temporaryFolder()
  const { file } = await staged(openLake(root), [row()])
  const path = join(root, file.path)

  expect(
    await openFarLake(await blobs())
      .table<Row>(asset, [{ ...file, path }])
      .toArray(),
  ).toEqual([row()])
})

test('a file that is none of ours is told of and passed over', async () => {
  const storage = await blobs()
  const good = await staged(openFarLake(storage), [row()])
  await storage.put('things/half.parquet', { bytes: Buffer.from('half') })
  await storage.put('things/notes.txt', { bytes: Buffer.from('not ours') })

  const found = await Array.fromAsync(elsewhere(storage).scan())

  expect(found).toHaveLength(2)
  expect(found.find((one) => 'file' in one)).toMatchObject({ file: { path: good.file.path } })
  expect(found.find((one) => 'error' in one)).toMatchObject({ path: 'things/half.parquet' })
})

test('a step that is aborted while it sends leaves no file', async () => {
  const storage = await blobs()
  const stop = new AbortController()
  proxy.fail({ times: 1, answer: 'unanswered', when: ({ method }) => method === 'PUT' })

  const staging = staged(openFarLake(storage), [row()], { signal: stop.signal })
  await expect.poll(() => count('PUT')).toBe(1)
  stop.abort(new Error('enough'))

  await expect(staging).rejects.toThrow('enough')
  expect(await Array.fromAsync(storage.walk())).toEqual([])
})

test('a read that finds no server goes on when it is back', async () => {
  const storage = await blobs()
  const { file } = await staged(openFarLake(storage), [row()])
  // The emulator writes its index down once in a while, and when it is asked to end.
  await server.end()
  const io = elsewhere(storage)
  const reading = io.table<Row>(asset, [file]).toArray()
  await server.start()

  expect(await reading).toEqual([row()])
})

test('a lake is opened by its URL, of a folder as of a container', async () => {
  const folder = temporaryFolder()
  const cache = { folder: join(folder, 'cache'), maxBytes: 1e9 }
  const far = { url: `${await server.container()}/lake`, credentials: server.credentials, cache }
  for (const options of [{ url: join(folder, 'a') }, { url: `file://${folder}/b` }, far]) {
    const opened = lake(options)
    onTestFinished(async () => opened.close?.(await opened.open()))

    const { table } = await staged(await opened.open(), [row()])

    expect(await table.toArray()).toEqual([row()])
  }
  expect(readFileSync(join(folder, 'b', 'things', key, 'm1.parquet')).length).toBeGreaterThan(0)
})
