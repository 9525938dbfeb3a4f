import { onTestFinished } from 'vitest'
import type { IoManager } from '#pipeline'
import { duckdb } from '../../../resources/duckdb/duckdb.ts'
import { registerRowSource } from '../../../resources/duckdb/row-source.ts'
import { filesInCache, filesInFolder } from '../../../resources/lake/lake-files.ts'
import { parquetIo } from '../../../resources/lake/parquet-io.ts'
import { fileCache } from '../../../resources/storage/file-cache.ts'
import { localStorage } from '../../../resources/storage/local.ts'
import type { Storage } from '../../../resources/storage/port.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

/** A lake of real files in a folder of its own; closed when the test ends. */
export function openLake(root: string = temporaryFolder()): IoManager {
  return parquetIo({ files: filesInFolder(localStorage(root), root), duckdb: engine() })
}

/** The same of files that are elsewhere, with a cache. */
export function openFarLake(storage: Storage, { folder = temporaryFolder(), maxBytes = 1e9 } = {}): IoManager {
  const cache = fileCache({ folder, maxBytes })
  onTestFinished(() => cache.close())
  return parquetIo({ files: filesInCache(storage, cache), duckdb: engine() })
}

function engine() {
  const opened = duckdb({ threads: 2, memoryMb: 256, prepare: registerRowSource })
  onTestFinished(() => opened.close())
  return opened
}
