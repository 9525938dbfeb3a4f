import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { FileCache, Wanted } from '../../../resources/storage/file-cache.ts'
import { fileCache } from '../../../resources/storage/file-cache.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

function openCache(folder: string, maxBytes = 1e6): FileCache {
  const cache = fileCache({ folder, maxBytes })
  onTestFinished(() => cache.close())
  return cache
}

/** What is far away, and how often it was asked for. */
function source(text = 'abc') {
  const asked: string[] = []
  const want = (key: string): Wanted => ({
    key,
    bytes: text.length,
    async fetch(to) {
      asked.push(key)
      writeFileSync(to, text, { flag: 'wx' })
    },
  })
  return { asked, want }
}

const keptIn = (folder: string) => readdirSync(join(folder, 'files')).sort()
const lentIn = (folder: string) =>
  readdirSync(join(folder, 'in-use')).flatMap((name) => readdirSync(join(folder, 'in-use', name)))

test('a file is fetched once, for all who ask at once and after', async () => {
  const cache = openCache(temporaryFolder())
  const { asked, want } = source()

  const lent = await Promise.all([cache.lend(want('a')), cache.lend(want('a')), cache.lend(want('a'))])
  for (const { giveBack } of lent) giveBack()
  const again = await cache.lend(want('a'))

  expect(readFileSync(again.path, 'utf8')).toBe('abc')
  expect(asked).toEqual(['a'])
})

test('a cache that somebody emptied while it is open is filled again', async () => {
  const folder = join(temporaryFolder(), 'cache')
  const cache = openCache(folder, 1)
  const { asked, want } = source()
  const before = await cache.lend(want('a'))
  before.giveBack()
  rmSync(folder, { recursive: true })

  const lent = await cache.lend(want('a'))
  const made = await cache.newFile()
  writeFileSync(made, 'abc')
  await cache.take('b', made)

  expect(readFileSync(lent.path, 'utf8')).toBe('abc')
  expect(asked).toEqual(['a', 'a'])
})

test('processes share what one has fetched', async () => {
  const folder = temporaryFolder()
  const [one, two] = [openCache(folder), openCache(folder)]
  const { asked, want } = source()
  await one.lend(want('a'))

  const lent = await two.lend(want('a'))

  expect(readFileSync(lent.path, 'utf8')).toBe('abc')
  expect(asked).toEqual(['a'])
})

test('a file that is in use outlives its removal by any process', async () => {
  const folder = temporaryFolder()
  const [one, two] = [openCache(folder, 10), openCache(folder, 10)]
  const { want } = source('12345678')
  const first = await one.lend(want('a'))

  await two.lend(want('b'))
  await two.lend(want('c'))

  expect(keptIn(folder)).not.toContain('a')
  expect(readFileSync(first.path, 'utf8')).toBe('12345678')
  first.giveBack()
  await expect.poll(() => existsSync(first.path)).toBe(false)
})

test('what was used longest ago goes first, and the rest fits into its budget', async () => {
  const folder = temporaryFolder()
  const cache = openCache(folder, 30)
  const { want } = source('12345678')
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    const lent = await cache.lend(want(key))
    lent.giveBack()
    // File times are the order of use.
    await expect.poll(() => lentIn(folder)).toEqual([])
  }

  expect(keptIn(folder).length).toBeLessThanOrEqual(3)
  expect(keptIn(folder)).toContain('e')
  expect(keptIn(folder)).not.toContain('a')
})

test('a copy of another size is no copy', async () => {
  const folder = temporaryFolder()
  const cache = openCache(folder)
  const { asked, want } = source()
  ;(await cache.lend(want('a'))).giveBack()
  truncateSync(join(folder, 'files', 'a'), 1)

  const lent = await cache.lend(want('a'))

  expect(readFileSync(lent.path, 'utf8')).toBe('abc')
  expect(asked).toEqual(['a', 'a'])
})

test('a failure is told to all who wait, and the next one tries again', async () => {
  const folder = temporaryFolder()
  const cache = openCache(folder)
  const { want } = source()
  const broken = { ...want('a'), fetch: () => Promise.reject(new Error('no network')) }

  const asked = [cache.lend(broken), cache.lend(broken)]
  for (const one of asked) await expect(one).rejects.toThrow('no network')

  expect(readFileSync((await cache.lend(want('a'))).path, 'utf8')).toBe('abc')
  expect(keptIn(folder)).toEqual(['a'])
})

test('one who stops waiting leaves the others their file, and the last one stops the fetch', async () => {
  const cache = openCache(temporaryFolder())
  const { promise: arrival, resolve: arrive } = Promise.withResolvers<void>()
  let stopped: AbortSignal | undefined
  const slow: Wanted = {
    ...{ key: 'a', bytes: 3 },
    async fetch(to, signal) {
      stopped = signal
      await arrival
      signal.throwIfAborted()
      writeFileSync(to, 'abc')
    },
  }
  const stop = new AbortController()
  const [patient, hasty] = [cache.lend(slow), cache.lend(slow, stop.signal)]
  await expect.poll(() => stopped).toBeDefined()

  stop.abort(new Error('enough'))
  await expect(hasty).rejects.toThrow('enough')
  expect(stopped!.aborted).toBe(false)
  arrive()

  const lent = await patient
  expect(readFileSync(lent.path, 'utf8')).toBe('abc')
  lent.giveBack()
  lent.giveBack()
  expect(stopped!.aborted).toBe(true)
})

test('what a process left behind when it was ended is removed, and what others use is not', async () => {
  const folder = temporaryFolder()
  const { pid: dead } = spawnSync('true')
  const inUse = (name: string) => join(folder, 'in-use', name)
  const alive = [`${hostname()}.${process.ppid}.x`, `elsewhere.${dead}.x`]
  for (const name of [`${hostname()}.${dead}.x`, ...alive]) {
    mkdirSync(inUse(name), { recursive: true })
    writeFileSync(join(inUse(name), '1'), 'abc')
  }

  await openCache(folder).lend(source().want('a'))

  expect(existsSync(inUse(`${hostname()}.${dead}.x`))).toBe(false)
  for (const name of alive) expect(existsSync(inUse(name))).toBe(true)
})

test('nothing of a process stays in use after its cache is closed', async () => {
  const folder = temporaryFolder()
  const cache = openCache(folder)
  await cache.lend(source().want('a'))

  await cache.close()

  expect(readdirSync(join(folder, 'in-use'))).toEqual([])
  expect(keptIn(folder)).toEqual(['a'])
})
