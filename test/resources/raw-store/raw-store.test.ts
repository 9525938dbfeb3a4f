import { afterAll, beforeAll } from 'vitest'
import { rawStoreIn } from '../../../resources/raw-store/raw-store.ts'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'
import { testRawStore } from './conformance.ts'

let server: Azurite
beforeAll(async () => {
  server = await azurite()
})
afterAll(() => server.stop())

testRawStore('a folder', async () => {
  const storage = await storageAt(temporaryFolder())
  return { storage, store: rawStoreIn(storage) }
})
testRawStore('blobs', async () => {
  const storage = await storageAt(await server.container(), server.credentials)
  return { storage, store: rawStoreIn(storage) }
})
