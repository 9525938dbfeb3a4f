import { resolve } from 'node:path'
import { expect, test } from 'vitest'
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
