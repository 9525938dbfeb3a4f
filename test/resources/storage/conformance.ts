import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Storage } from '../../../resources/storage/port.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

const bytes = (text: string) => ({ bytes: Buffer.from(text) })

/** The promises of a place for files. Each `make` is an empty place. */
export function testStorage(name: string, make: () => Promise<Storage>): void {
  describe(`storage: ${name}`, () => {
    const textOf = async (storage: Storage, path: string) => (await storage.read(path))?.toString()
    const paths = async (files: ReturnType<Storage['walk']>) => (await Array.fromAsync(files)).map(({ path }) => path)

    test('what was written is read as it was, from bytes and from a file', async () => {
      const storage = await make()
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'in'), 'from a file')

      expect(await storage.put('a/one', bytes('from bytes'))).toBe('written')
      expect(await storage.put('a/two', { file: join(folder, 'in') })).toBe('written')

      expect(await textOf(storage, 'a/one')).toBe('from bytes')
      expect(await storage.fetch('a/two', join(folder, 'out'))).toBe(true)
      expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('from a file')
    })

    test('an empty file is a file', async () => {
      const storage = await make()

      await storage.put('empty', bytes(''))

      expect(await textOf(storage, 'empty')).toBe('')
      expect(await storage.fetch('empty', join(temporaryFolder(), 'out'))).toBe(true)
    })

    test('a file larger than one request is whole', async () => {
      const storage = await make()
      const folder = temporaryFolder()
      const large = randomBytes(19 * 1024 * 1024)
      writeFileSync(join(folder, 'in'), large)

      expect(await storage.put('large', { file: join(folder, 'in') })).toBe('written')
      expect(await storage.put('large', { file: join(folder, 'in') })).toBe('same')

      expect(await storage.fetch('large', join(folder, 'out'))).toBe(true)
      expect(readFileSync(join(folder, 'out')).equals(large)).toBe(true)
      expect((await storage.read('large'))!.equals(large)).toBe(true)
    })

    test('nothing is ever written over', async () => {
      const storage = await make()
      await storage.put('a', bytes('first'))

      expect(await storage.put('a', bytes('first'))).toBe('same')
      expect(await storage.put('a', bytes('other'))).toBe('taken')

      expect(await textOf(storage, 'a')).toBe('first')
    })

    test('of many writers of one path, one wins', async () => {
      const storage = await make()
      const ways = Array.from({ length: 8 }, (_, n) => bytes(`writer ${n}`))

      const ends = await Promise.all(ways.map((content) => storage.put('a/b', content)))

      expect(ends.filter((end) => end === 'written')).toHaveLength(1)
      expect(ends.filter((end) => end === 'taken')).toHaveLength(7)
      expect(await textOf(storage, 'a/b')).toBe(`writer ${ends.indexOf('written')}`)
    })

    test('size and hash tell of the bytes', async () => {
      const storage = await make()
      await storage.put('a', bytes('abc'))

      expect(await storage.digest('a')).toEqual({
        bytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      })
    })

    test('what is not there is told of without an error', async () => {
      const storage = await make()
      const to = join(temporaryFolder(), 'out')

      expect(await storage.read('a')).toBeUndefined()
      expect(await storage.digest('a')).toBeUndefined()
      expect(await storage.fetch('a', to)).toBe(false)
      expect(existsSync(to)).toBe(false)
      await storage.remove('a')
      expect(await paths(storage.list('a'))).toEqual([])
      expect(await paths(storage.walk())).toEqual([])
    })

    test('what was removed is gone', async () => {
      const storage = await make()
      await storage.put('a/b', bytes('abc'))

      await storage.remove('a/b')

      expect(await storage.read('a/b')).toBeUndefined()
      expect(await storage.put('a/b', bytes('again'))).toBe('written')
    })

    test('what was moved has its new name only', async () => {
      const storage = await make()
      await storage.put('a/b', bytes('abc'))

      await storage.move('a/b', 'c/d')

      expect(await paths(storage.walk())).toEqual(['c/d'])
      expect(await textOf(storage, 'c/d')).toBe('abc')
    })

    test('a move of what is not there is an error that names it', async () => {
      const storage = await make()

      await expect(storage.move('a/b', 'c/d')).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(storage.move('a/b', 'c/d')).rejects.toThrow('a/b')
    })

    test('a folder is listed without those in it, with sizes and times; all are walked', async () => {
      const storage = await make()
      const before = Date.now()
      for (const path of ['date=2024-01-01/a', 'date=2024-01-01/b', 'date=2024-01-01/deep/c', 'date=2024-01-011/d']) {
        await storage.put(path, bytes(path))
      }

      const listed = await Array.fromAsync(storage.list('date=2024-01-01'))

      expect(listed.map(({ path }) => path).sort()).toEqual(['date=2024-01-01/a', 'date=2024-01-01/b'])
      for (const file of listed) {
        expect(file.bytes).toBe(17)
        expect(Math.abs(file.writtenAt - before)).toBeLessThan(10_000)
      }
      expect((await paths(storage.walk())).sort()).toEqual([
        ...['date=2024-01-01/a', 'date=2024-01-01/b', 'date=2024-01-01/deep/c', 'date=2024-01-011/d'],
      ])
    })

    test('names of any letters are kept', async () => {
      const storage = await make()
      const path = 'market=BTC%2FUSDT/a name + ü?#&.json'

      await storage.put(path, bytes('abc'))

      expect(await paths(storage.walk())).toEqual([path])
      expect(await textOf(storage, path)).toBe('abc')
    })

    test.each(['../a', 'a/../../b', '/a', 'a//b', 'a/./b', 'a\\..\\b', ''])(
      'the path "%s" is refused',
      async (path) => {
        const storage = await make()

        await expect((async () => storage.put(path, bytes('')))()).rejects.toThrow('may lead out of its place')
        await expect((async () => storage.read(path))()).rejects.toThrow('may lead out of its place')
      },
    )

    test('an aborted signal ends the work with its reason, and leaves nothing', async () => {
      const storage = await make()
      const aborted = AbortSignal.abort(new Error('enough'))

      await expect(storage.put('a', bytes('abc'), aborted)).rejects.toThrow('enough')

      expect(await paths(storage.walk())).toEqual([])
    })
  })
}
