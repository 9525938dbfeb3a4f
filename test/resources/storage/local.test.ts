import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localStorage } from '../../../resources/storage/local.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import { testStorage } from './conformance.ts'

testStorage('a folder', async () => localStorage(join(temporaryFolder(), 'place')))

test('what a writer left behind when it was ended is no file', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.unfinished-1'), 'half')

  expect(await Array.fromAsync(localStorage(folder).walk())).toEqual([])
})

test('a writer that was refused leaves nothing behind', async () => {
  const folder = temporaryFolder()
  const storage = localStorage(folder)

  await storage.put('a', { bytes: Buffer.from('one') })
  await storage.put('a', { bytes: Buffer.from('two') })

  expect(readdirSync(folder)).toEqual(['a'])
})
