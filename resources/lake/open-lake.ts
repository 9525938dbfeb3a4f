import { homedir } from 'node:os'
import { join } from 'node:path'
import type { IoManager, Provider } from '#pipeline'
import { provide } from '#pipeline'
import type { Duckdb } from '../duckdb/duckdb.ts'
import type { CacheOptions, FileCache } from '../storage/file-cache.ts'
import type { BlobCredentials } from '../storage/place.ts'
import type { LakeFiles } from './lake-files.ts'

export interface LakeOptions {
  /** A folder, as a path or `file:///FOLDER`, or `https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX`. */
  readonly url: string
  /** What opens the container; the surroundings are asked (`DefaultAzureCredential`) where none is given. */
  readonly credentials?: BlobCredentials
  /** Copies of blobs that are read; up to 10 GB in the user's folder of caches if absent. */
  readonly cache?: CacheOptions
  /** Where large sorts may spill, each process in a folder of its own; nowhere if absent. */
  readonly spill?: string
  readonly memoryMb?: number
  readonly threads?: number
}

/**
 * A lake of parquet files on this machine or in Azure Blob Storage. DuckDB is loaded when the first table is read or
 * written; all who open it share one.
 */
export function lake(options: LakeOptions): Provider<IoManager> {
  let engine: Duckdb | undefined
  let cache: FileCache | undefined
  let opened: Promise<IoManager> | undefined
  const open = async (): Promise<IoManager> => {
    const [{ parquetIo }, { duckdb }, { ownFolder }, { registerRowSource }, files] = await Promise.all([
      import('./parquet-io.ts'),
      import('../duckdb/duckdb.ts'),
      import('../duckdb/own-folder.ts'),
      import('../duckdb/row-source.ts'),
      openFiles(),
    ])
    engine = duckdb({
      threads: options.threads ?? 2,
      memoryMb: options.memoryMb ?? 256,
      ...(options.spill !== undefined && { spill: ownFolder(options.spill) }),
      prepare: registerRowSource,
    })
    return parquetIo({ files, duckdb: engine })
  }
  const openFiles = async (): Promise<LakeFiles> => {
    const [{ storageAt }, { filesInCache, filesInFolder }] = await Promise.all([
      import('../storage/storage-at.ts'),
      import('./lake-files.ts'),
    ])
    const storage = await storageAt(options.url, options.credentials)
    if (storage.folder !== undefined) return filesInFolder(storage, storage.folder)
    const { fileCache } = await import('../storage/file-cache.ts')
    cache = fileCache(options.cache ?? { folder: join(homedir(), '.cache', 'bullion'), maxBytes: 10e9 })
    return filesInCache(storage, cache)
  }
  return provide(
    () => {
      opened ??= open()
      return opened
    },
    async () => {
      await engine?.close()
      await cache?.close()
      engine = undefined
      cache = undefined
      opened = undefined
    },
  )
}
