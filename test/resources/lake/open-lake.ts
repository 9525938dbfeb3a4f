import { onTestFinished } from 'vitest'
import type { IoManager } from '#pipeline'
import { duckdb } from '../../../resources/duckdb/duckdb.ts'
import { registerRowSource } from '../../../resources/duckdb/row-source.ts'
import { parquetIo } from '../../../resources/lake/parquet-io.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

/** A lake of real files in a folder of its own; closed when the test ends. */
export function openLake(root: string = temporaryFolder()): IoManager {
  const engine = duckdb({ threads: 2, memoryMb: 256, prepare: registerRowSource })
  onTestFinished(() => engine.close())
  return parquetIo({ root, duckdb: engine })
}
