import type { ColumnSpec } from '#pipeline'
import { duckdb } from './duckdb.ts'
import { lend, RowBuffer, registerRowSource } from './row-source.ts'

/** Writes rows to a parquet file of its own, outside the lake. */
export async function writeRowsFile(
  columns: readonly ColumnSpec[],
  rows: readonly Readonly<Record<string, unknown>>[],
  path: string,
): Promise<void> {
  const engine = duckdb({ threads: 2, memoryMb: 256, prepare: registerRowSource })
  const buffer = new RowBuffer(columns)
  for (const row of rows) buffer.push(row)
  try {
    await engine.use((connection) =>
      lend(buffer, (token) =>
        connection.run('copy (select * from js_rows($1)) to $2 (format parquet, compression zstd)', [token, path]),
      ),
    )
  } finally {
    await engine.close()
  }
}
