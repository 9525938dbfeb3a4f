import { afterAll, beforeAll } from 'vitest'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'
import { testStorage } from './conformance.ts'

let server: Azurite
beforeAll(async () => {
  server = await azurite()
})
afterAll(() => server.stop())

testStorage('blobs of a container', async () => storageAt(await server.container(), server.credentials))
testStorage('blobs under a prefix', async () => storageAt(`${await server.container()}/a b/lake`, server.credentials))
