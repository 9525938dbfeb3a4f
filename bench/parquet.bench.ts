import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { IoManager, Rows } from '#pipeline'
import { defineAsset, sql } from '#pipeline'
import { duckdb } from '../resources/duckdb/duckdb.ts'
import { lake } from '../resources/lake/open-lake.ts'
import { inTemporaryFolder, report, takeTurns, timed } from './measure.ts'

/** A day of 1-minute candles of 500 markets to one parquet file: our two ways, against DuckDB's bare COPY. */
const markets = 500
const minutes = 1_440
const rowCount = markets * minutes

const output = z.strictObject({
  market: z.string(),
  open_time: z.int().meta({ column: 'timestamp' }),
  ...Object.fromEntries(['open', 'high', 'low', 'close', 'volume', 'vwap'].map((name) => [name, z.number()])),
  trades: z.int(),
})
const asset = defineAsset({ name: 'candles', output, run: () => [] })
const made = `select 'M' || (i // ${minutes}) as market, make_timestamp_ms(1704067200000 + (i % ${minutes}) * 60000)::timestamp_ms as open_time,
  round(100 + sin(i) , 2) as open, round(101 + sin(i), 2) as high, round(99 + sin(i), 2) as low, round(100 + cos(i), 2) as close,
  round(abs(sin(i * 7)) * 1000, 3) as volume, round(100 + sin(i) / 2, 3) as vwap, (i * 37 % 900)::bigint as trades from range(${rowCount}) r(i)`
const columns = 'market, open_time, open, high, low, close, volume, vwap, trades'

await inTemporaryFolder(async (folder) => {
  const root = join(folder, 'lake')
  const io = await lake({ url: root }).open()
  const bare = duckdb({ threads: 2, memoryMb: 256 })
  const source = join(folder, 'source.parquet')
  await bare.use((connection) => connection.run(`copy (${made}) to '${source}' (format parquet, compression zstd)`))

  const rows = await Array.fromAsync(
    io.query<object>(sql`select * from read_parquet(${source})`, new AbortController().signal),
  )
  let next = 0
  const stage = (what: Rows<object>) => async () => {
    const id = String(next++)
    const identity = { asset: 'candles', key: '' as never, materialization: id, run: 'r', codeVersion: '1', inputs: {} }
    const ms = await timed(() =>
      (io as IoManager).stage({ asset, identity, rows: what, signal: new AbortController().signal }),
    )
    rmSync(join(root, 'candles'), { recursive: true, force: true })
    return (rowCount / ms) * 1_000
  }
  const copy = async () => {
    const target = join(folder, 'bare.parquet')
    const ms = await timed(() =>
      bare.use((connection) =>
        connection.run(
          `copy (select ${columns} from read_parquet($1)) to $2 (format parquet, compression zstd, row_group_size 100000)`,
          [source, target],
        ),
      ),
    )
    return (rowCount / ms) * 1_000
  }
  const rate = await takeTurns({ copy, sql: stage(sql`select * from read_parquet(${source})`), rows: stage(rows) }, 7)
  const line = (name: string, value: number, goal: string, least?: number) => {
    const ratio = value / rate.copy
    report({
      name,
      value,
      unit: 'rows/s',
      reference: rate.copy,
      ratio,
      goal,
      ok: least === undefined ? null : ratio >= least,
    })
  }
  line('SQL to parquet', rate.sql, '>= 0.80', 0.8)
  line('row objects to parquet', rate.rows, '-')
  await bare.close()
})
