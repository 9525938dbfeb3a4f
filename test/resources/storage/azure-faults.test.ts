import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { blobStorage } from '../../../resources/storage/azure-blob.ts'
import type { Patience } from '../../../resources/storage/azure-request.ts'
import { placeOf } from '../../../resources/storage/place.ts'
import type { Storage } from '../../../resources/storage/port.ts'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'
import type { FaultProxy, ProxyRequest } from '../../servers/http-fault-proxy.ts'
import { httpFaultProxy } from '../../servers/http-fault-proxy.ts'

let server: Azurite
let proxy: FaultProxy
beforeAll(async () => {
  server = await azurite()
  proxy = await httpFaultProxy(server.port)
})
beforeEach(() => proxy.clear())
afterAll(async () => {
  await proxy.close()
  await server.stop()
})

async function behindProxy(patience: Patience = { tryMs: 5_000, totalMs: 20_000 }): Promise<Storage> {
  const place = placeOf(`${await server.container(proxy.port)}/lake`)
  if (place.type !== 'blob') throw new Error('expected a place of blobs')
  return blobStorage(place, { credentials: server.credentials, patience })
}

const small = { bytes: Buffer.from('abc') }
const large = { bytes: randomBytes(20 * 1024 * 1024) }
const isPut = ({ method }: ProxyRequest) => method === 'PUT'
const isCommit = ({ path }: ProxyRequest) => path.includes('comp=blocklist')
const isBlock = ({ path }: ProxyRequest) => path.includes('comp=block&')
const isGet = ({ method }: ProxyRequest) => method === 'GET'
const puts = () => proxy.requests.filter(isPut).length

test.each(['lost', 'unanswered'] as const)('an upload whose answer is %s is known as our own', async (answer) => {
  const storage = await behindProxy({ tryMs: 1_000, totalMs: 20_000 })
  proxy.fail({ times: 1, answer, when: isPut })

  expect(await storage.put('a', small)).toBe('written')

  expect(puts()).toBe(2)
  expect((await storage.read('a'))!.toString()).toBe('abc')
})

test('a file in blocks survives the loss of answers to a block and to their commit', async () => {
  const storage = await behindProxy()
  proxy.fail({ times: 1, answer: 'lost', when: isBlock })
  proxy.fail({ times: 1, answer: 500, when: isBlock })
  proxy.fail({ times: 1, answer: 'lost', when: isCommit })

  expect(await storage.put('a', large)).toBe('written')

  expect((await storage.read('a'))!.equals(large.bytes)).toBe(true)
})

test('an upload in blocks that is given up leaves no blob, not even a part of one', async () => {
  const storage = await behindProxy()
  proxy.fail({ times: 1, answer: 503, headers: { 'retry-after': '3600' }, when: isCommit })

  await expect(storage.put('a', large)).rejects.toThrow('503')

  proxy.clear()
  expect(await Array.fromAsync(storage.walk())).toEqual([])
  expect(await storage.put('a', large)).toBe('written')
})

test('of writers in blocks of one name, one wins and the others are told', async () => {
  const storage = await behindProxy()
  const ways = Array.from({ length: 3 }, () => ({ bytes: randomBytes(9 * 1024 * 1024) }))

  const ends = await Promise.all(ways.map((content) => storage.put('a', content)))

  expect([...ends].sort()).toEqual(['taken', 'taken', 'written'])
  expect((await storage.read('a'))!.equals(ways[ends.indexOf('written')]!.bytes)).toBe(true)
})

test('a request that stalls is given up after its time, and tried again', async () => {
  const storage = await behindProxy({ tryMs: 1_000, totalMs: 20_000 })
  proxy.fail({ times: 1, answer: 'stalled', when: isPut })

  expect(await storage.put('a', small)).toBe('written')

  expect(puts()).toBe(2)
})

test('a server that is busy is asked again when it says', async () => {
  const storage = await behindProxy()
  proxy.fail({ times: 1, answer: 503, headers: { 'retry-after': '1' }, when: isPut })

  expect(await storage.put('a', small)).toBe('written')

  const [first, second] = proxy.requests.filter(isPut)
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(990)
})

test('a wait that is longer than the time there is ends at once, and is told', async () => {
  const storage = await behindProxy()
  proxy.fail({ times: 1, answer: 429, headers: { 'retry-after': '3600' }, when: isPut })

  await expect(storage.put('a', small)).rejects.toThrow(/got 429 OnCommand.*; it asks to wait 36\d\d s; /)

  expect(puts()).toBe(1)
})

test('all tries together have an end', async () => {
  const storage = await behindProxy({ tryMs: 200, totalMs: 1_000 })
  proxy.fail({ times: 1_000, answer: 'stalled' })
  const before = Date.now()

  await expect(storage.put('a', small)).rejects.toThrow(
    /expected success, got no answer \(no answer in time\) after \d+ tries/,
  )

  expect(Date.now() - before).toBeLessThan(3_000)
})

test.each([
  ['a read of a blob that is cut in the middle', 'half'],
  ['a read whose connection is cut', 'lost'],
  ['a read that is refused in passing', 500],
] as const)('%s is tried again', async (_, answer) => {
  const storage = await behindProxy()
  await storage.put('a', large)
  proxy.fail({ times: 1, answer, when: isGet })

  expect((await storage.read('a'))!.equals(large.bytes)).toBe(true)
})

test('a read that is not what was written is refused, and leaves no file', async () => {
  const storage = await behindProxy()
  const to = join(temporaryFolder(), 'out')
  await storage.put('a', large)
  proxy.fail({ times: 1, answer: 'spoilt', when: isGet })

  await expect(storage.fetch('a', to)).rejects.toThrow(/a is damaged: expected hash [0-9a-f]{64}, got [0-9a-f]{64}; /)

  expect(existsSync(to)).toBe(false)
})

test('a listing and a removal are tried again', async () => {
  const storage = await behindProxy()
  await storage.put('a/b', small)
  proxy.fail({ times: 1, answer: 500, when: isGet })
  proxy.fail({ times: 1, answer: 'lost', when: ({ method }) => method === 'DELETE' })

  expect(await Array.fromAsync(storage.list('a'))).toHaveLength(1)
  await storage.remove('a/b')

  expect(await storage.read('a/b')).toBeUndefined()
})

test('an aborted upload ends at once with the reason', async () => {
  const storage = await behindProxy()
  const stop = new AbortController()
  proxy.fail({ times: 1, answer: 'stalled' })

  const putting = storage.put('a', small, stop.signal)
  await expect.poll(puts).toBe(1)
  stop.abort(new Error('enough'))

  await expect(putting).rejects.toThrow('enough')
})

test('an abort ends a wait too', async () => {
  const storage = await behindProxy()
  const stop = new AbortController()
  proxy.fail({ times: 1, answer: 503, headers: { 'retry-after': '15' } })

  const putting = storage.put('a', small, stop.signal)
  await expect.poll(puts).toBe(1)
  stop.abort(new Error('enough'))

  await expect(putting).rejects.toThrow('enough')
})

test('a wrong key is told at once, by its place, and without the key', async () => {
  const url = await server.container(proxy.port)
  const accountKey = Buffer.from('not the key').toString('base64')
  const storage = await storageAt(`${url}/lake`, { accountKey })

  const putting = storage.put('a', small)

  await expect(putting).rejects.toThrow(
    new RegExp(
      `could not write ${url}/lake/a: expected success, got 403 AuthorizationFailure: .*; check the account key`,
    ),
  )
  await expect(putting).rejects.not.toThrow(accountKey)
  expect(puts()).toBe(1)
})

test('a SAS opens what it allows, and no error tells it', async () => {
  const { ContainerClient, ContainerSASPermissions, StorageSharedKeyCredential } = await import('@azure/storage-blob')
  const url = await server.container()
  const client = new ContainerClient(
    url,
    new StorageSharedKeyCredential('devstoreaccount1', server.credentials.accountKey),
  )
  const sasOf = async (allowed: string) => {
    const permissions = ContainerSASPermissions.parse(allowed)
    return new URL(await client.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 3_600_000) })).search
  }
  const [all, reading] = [await sasOf('racwdl'), await sasOf('rl')]
  const [writer, reader] = [await storageAt(url, { sas: all }), await storageAt(url, { sas: reading })]

  await writer.put('a', small)

  expect((await reader.read('a'))!.toString()).toBe('abc')
  const error = (await reader.put('b', small).catch((thrown: unknown) => thrown)) as Error
  expect(error.message).toContain('AuthorizationPermissionMismatch')
  const signature = new URLSearchParams(reading).get('sig')!
  expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(signature)
  expect(error.message).not.toContain(encodeURIComponent(signature))
})

test('a container that is not there is no empty place', async () => {
  const storage = await storageAt(`http://127.0.0.1:${server.port}/devstoreaccount1/nowhere`, server.credentials)

  for (const asked of [storage.read('a'), storage.digest('a'), storage.remove('a'), storage.put('a', small)]) {
    await expect(asked).rejects.toThrow(/nowhere\/a: .*ContainerNotFound.*; create the container/)
  }
  await expect(Array.fromAsync(storage.walk())).rejects.toThrow('create the container')
})
