import { resolve } from 'node:path'
import { columnsOf } from '#pipeline'
import { mostDownloaded } from '../server/contract/sql.ts'
import type { LakeReader } from '../server/lake-reader.ts'
import type { Context } from './context.ts'
import { answerQuery, catalogueColumns, catalogueName } from './query.ts'

const limits = { rows: 100_000, timeoutMs: 60_000 }
/** An answer is held a few times over on its way out, and beside it those of others. */
const answerBytes = 64_000_000

/** The lake as the doors see it: what `bullion query` answers. */
export function lakeReader(context: Pick<Context, 'config' | 'definitions' | 'store'>): LakeReader {
  const { definitions } = context
  const { duckdbMemoryMb: memoryMb } = context.config
  const limitsOf = (rows: number) => ({ memoryMb, timeoutMs: limits.timeoutMs, bytes: answerBytes, rows })
  return {
    limits: { ...limits, memoryMb },
    catalogue: {
      name: catalogueName,
      description: 'what is published now, a row a partition',
      columns: catalogueColumns,
    },
    query: (text, { rows, at, signal }) => answerQuery(context, text, limitsOf(rows), at, signal),
    async download(text, { rows, at, format, signal }) {
      const result = await answerQuery(context, text, limitsOf(rows), at, signal)
      // Nobody would see of a file that it is not all there is.
      if (result.isCut && rows >= mostDownloaded) {
        const { QueryRefused } = await import('../resources/duckdb/untrusted-query.ts')
        throw new QueryRefused(
          `the answer has more than ${mostDownloaded} rows; narrow it, or say how many with "limit"`,
        )
      }
      const { resultFile } = await import('../resources/duckdb/result-file.ts')
      return resultFile(result, format)
    },
    async firstRows(asset, files, rows, signal) {
      const { untrustedQuery } = await import('../resources/duckdb/untrusted-query.ts')
      const io = await definitions.io.open()
      return io.lend(files, (pathOf) => {
        const paths = files.map((file) => resolve(pathOf(file)))
        const table = { name: asset.name, columns: columnsOf(asset.output), paths }
        const on = { tables: [table], limits: limitsOf(rows), signal }
        return untrustedQuery(`select * from "${asset.name}"`, on)
      })
    },
  }
}
