import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '#pipeline'
import { temporaryFolder } from '../temporary-folder.ts'
import { testAssetPages } from './asset-page-conformance.ts'
import { testStore } from './conformance.ts'
import { testHistory } from './history-conformance.ts'
import { testRunPages } from './run-pages-conformance.ts'
import { testWatching } from './watch-conformance.ts'

const make = () => {
  const file = join(temporaryFolder(), 'store.sqlite')
  return { open: () => sqliteStore(file) }
}

testStore('sqlite', make)
testHistory('sqlite', make)
testRunPages('sqlite', make)
testAssetPages('sqlite', make)
testWatching('sqlite', make)

test('a store of a newer version is refused, and left as it is', () => {
  const file = join(temporaryFolder(), 'store.sqlite')
  const database = new DatabaseSync(file)
  database.exec('pragma user_version = 99')
  database.close()

  expect(() => sqliteStore(file)).toThrow(`the store "${file}" was written by a newer version (schema 99`)
})

test('a store that is open for reading only refuses every write', async () => {
  const file = join(temporaryFolder(), 'store.sqlite')
  await sqliteStore(file).close()
  const store = sqliteStore(file, { readOnly: true })
  onTestFinished(() => store.close())

  await expect(store.requestCancel('run1')).rejects.toThrow(`store "${file}" is open for reading only`)
  expect(await store.runs(1)).toEqual([])
})

test('a file that was made but never filled becomes a store', async () => {
  const file = join(temporaryFolder(), 'store.sqlite')
  new DatabaseSync(file).close()
  const store = sqliteStore(file)
  onTestFinished(() => store.close())

  expect(await store.runs(1)).toEqual([])
})
