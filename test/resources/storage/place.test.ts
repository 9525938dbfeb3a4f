import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { asking } from '../../../resources/storage/azure-request.ts'
import { placeOf } from '../../../resources/storage/place.ts'
import { storageAt } from '../../../resources/storage/storage-at.ts'

test.each([
  ['/var/lib/bullion/lake', '/var/lib/bullion/lake'],
  ['file:///var/lib/bullion/a%20lake', '/var/lib/bullion/a lake'],
  ['lake', resolve('lake')],
  ['./lake', resolve('lake')],
])('%s is a folder', async (url, folder) => {
  expect(placeOf(url)).toEqual({ type: 'folder', folder })
  expect((await storageAt(url)).folder).toBe(folder)
})

test.each([
  ['https://gold.blob.core.windows.net/data', 'gold', 'https://gold.blob.core.windows.net/data', ''],
  ['https://gold.blob.core.windows.net/data/a%20b/c/', 'gold', 'https://gold.blob.core.windows.net/data', 'a b/c/'],
  [
    'http://127.0.0.1:10000/devstoreaccount1/data/lake',
    'devstoreaccount1',
    'http://127.0.0.1:10000/devstoreaccount1/data',
    'lake/',
  ],
])('%s is a container of an account', (url, account, containerUrl, prefix) => {
  expect(placeOf(url)).toEqual({ type: 'blob', account, containerUrl, prefix })
})

test.each([
  ['s3://bucket/lake', 'place "s3://bucket/lake" is unknown; expected a path, file:///FOLDER or https://'],
  ['https://gold.blob.core.windows.net', 'names no container'],
  ['http://127.0.0.1:10000/devstoreaccount1', 'names no container'],
])('%s is refused', (url, why) => {
  expect(() => placeOf(url)).toThrow(why)
})

test.each([
  'https://gold.blob.core.windows.net/data?sig=SECRET',
  'https://me:SECRET@gold.blob.core.windows.net/data',
  's3://me:SECRET@bucket?x=SECRET',
])('a secret in a URL is refused, and not told', (url) => {
  expect(() => placeOf(url)).toThrow(/gold|bucket/)
  expect(() => placeOf(url)).not.toThrow('SECRET')
})

test('a container by http is opened by a key or a SAS only', async () => {
  await expect(storageAt('http://127.0.0.1:10000/devstoreaccount1/data')).rejects.toThrow(
    'http://127.0.0.1:10000/devstoreaccount1/data needs credentials: expected an account key or a SAS',
  )
})

test('a machine that is not logged in is told so at once', async () => {
  const ask = asking({ tryMs: 1_000, totalMs: 1_000 }, (text) => text)
  const error = Object.assign(new Error('no login\nof five kinds'), { name: 'AggregateAuthenticationError' })

  await expect(ask({ what: 'read https://a/b', send: () => Promise.reject(error) })).rejects.toThrow(
    'could not read https://a/b: expected success, got 401 AggregateAuthenticationError: no login; give an account key or a SAS',
  )
})

test('a mistake of ours is thrown as it is, and never tried again', async () => {
  const ask = asking({ tryMs: 1_000, totalMs: 1_000 }, (text) => text)
  let tries = 0

  const asked = ask({
    what: 'read https://a/b',
    send() {
      tries += 1
      throw new TypeError('x is not a function')
    },
  })

  await expect(asked).rejects.toThrow(TypeError)
  expect(tries).toBe(1)
})
