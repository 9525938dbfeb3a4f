import type { IoManager, Provider } from '#pipeline'
import { provide } from '#pipeline'
import type { Duckdb } from '../duckdb/duckdb.ts'

export interface LocalLakeOptions {
  /** Folder of the parquet files. */
  readonly root: string
  /** Where large sorts may spill, each process in a folder of its own; nowhere if absent. */
  readonly spill?: string
  readonly memoryMb?: number
  readonly threads?: number
}

/** A lake of parquet files on this machine. DuckDB is loaded when the first table is read or written; all who open it share one. */
export function localLake(options: LocalLakeOptions): Provider<IoManager> {
  let engine: Duckdb | undefined
  let opened: Promise<IoManager> | undefined
  const open = async (): Promise<IoManager> => {
    const [{ parquetIo }, { duckdb }, { ownFolder }, { registerRowSource }] = await Promise.all([
      import('./parquet-io.ts'),
      import('../duckdb/duckdb.ts'),
      import('../duckdb/own-folder.ts'),
      import('../duckdb/row-source.ts'),
    ])
    engine = duckdb({
      threads: options.threads ?? 2,
      memoryMb: options.memoryMb ?? 256,
      ...(options.spill !== undefined && { spill: ownFolder(options.spill) }),
      prepare: registerRowSource,
    })
    return parquetIo({ root: options.root, duckdb: engine })
  }
  return provide(
    () => {
      opened ??= open()
      return opened
    },
    async () => {
      await engine?.close()
      engine = undefined
      opened = undefined
    },
  )
}
