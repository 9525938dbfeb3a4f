import type { BlobCredentials } from './place.ts'
import { placeOf } from './place.ts'
import type { Storage } from './port.ts'

/** Opens a place by its URL; the library of its kind is loaded here. Throws `StorageError`. */
export async function storageAt(url: string, credentials?: BlobCredentials): Promise<Storage> {
  const place = placeOf(url)
  if (place.type === 'folder') {
    const { localStorage } = await import('./local.ts')
    return localStorage(place.folder)
  }
  const { blobStorage } = await import('./azure-blob.ts')
  return blobStorage(place, { credentials })
}
