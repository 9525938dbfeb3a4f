import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { columnsOf } from '#pipeline'
import type { QueryResult } from '../resources/duckdb/untrusted-query.ts'
import type { LakeReader } from '../server/lake-reader.ts'
import { Refusal } from '../server/served.ts'
import type { Context } from './context.ts'
import { answerQuery, formats, writeParquet } from './query.ts'

const limits = { rows: 100_000, timeoutMs: 60_000 }

/** The lake as the doors see it: what `bullion query` answers. */
export function lakeReader(context: Pick<Context, 'config' | 'definitions' | 'store'>): LakeReader {
  const { definitions } = context
  const { duckdbMemoryMb: memoryMb } = context.config
  const limitsOf = (rows: number) => ({ memoryMb, timeoutMs: limits.timeoutMs, rows })
  return {
    limits: { ...limits, memoryMb },
    query: (text, { rows, at, signal }) => answerQuery(context, text, limitsOf(rows), at, signal),
    async download(text, { rows, at, format, signal }) {
      const result = await answerQuery(context, text, limitsOf(rows), at, signal)
      if (format === 'parquet') return parquetBytes(result)
      if (format === 'arrow') throw new Refusal(501, 'not.here', 'this server writes no Arrow yet; ask for parquet')
      return new TextEncoder().encode(`${formats[format](result)}\n`)
    },
    async firstRows(asset, files, rows) {
      const { untrustedQuery } = await import('../resources/duckdb/untrusted-query.ts')
      const io = await definitions.io.open()
      return io.lend(files, (pathOf) => {
        const paths = files.map((file) => resolve(pathOf(file)))
        const table = { name: asset.name, columns: columnsOf(asset.output), paths }
        const on = { tables: [table], limits: limitsOf(rows), signal: new AbortController().signal }
        return untrustedQuery(`select * from "${asset.name}"`, on)
      })
    },
  }
}

async function parquetBytes(result: QueryResult): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'bullion-'))
  try {
    const file = join(folder, 'query.parquet')
    await writeParquet(result, file)
    return await readFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
