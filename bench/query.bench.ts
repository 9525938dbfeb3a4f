import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listValue } from '@duckdb/node-api'
import { z } from 'zod'
import type { PartitionKey, TableFile } from '#pipeline'
import { daily, defineAsset, keyOf, sql } from '#pipeline'
import { duckdb } from '../resources/duckdb/duckdb.ts'
import { lake } from '../resources/lake/open-lake.ts'
import { inTemporaryFolder, report, takeTurns, timed } from './measure.ts'

/** 30 days of 1-minute candles as daily bars out of ten years of daily files: ours and bare DuckDB, both on a list of files. */
const days = 3_650
const date = daily({ since: '2015-01-01' })
const output = z.strictObject({
  open_time: z.int().meta({ column: 'timestamp' }),
  ...Object.fromEntries(['open', 'high', 'low', 'close', 'volume'].map((name) => [name, z.number()])),
})
const asset = defineAsset({ name: 'candles', partitions: { date }, output, run: () => [] })

await inTemporaryFolder(async (folder) => {
  const root = join(folder, 'lake')
  const bare = duckdb({ threads: 2, memoryMb: 256 })
  const files: TableFile[] = []
  for (let day = 0; day < days; day++) {
    const key = keyOf({ date }, { date: date.at(day) }) as PartitionKey
    const path = join('candles', key, 'a.parquet')
    mkdirSync(dirname(join(root, path)), { recursive: true })
    await bare.use((connection) =>
      connection.run(
        `copy (select make_timestamp_ms(${date.at(day).start.getTime()} + i * 60000)::timestamp_ms as open_time, round(100 + sin(i), 2) as open,
           round(101 + sin(i), 2) as high, round(99 + sin(i), 2) as low, round(100 + cos(i), 2) as close, round(abs(sin(i)), 3) as volume
         from range(1440) r(i)) to $1 (format parquet, compression zstd)`,
        [join(root, path)],
      ),
    )
    files.push({ key, path, rows: 1_440, bytes: 0, version: '' })
  }
  const io = await lake({ url: root }).open()
  const month = files.slice(-60, -30)
  const bars = (table: ReturnType<typeof io.table>) => sql`
    select epoch_ms(open_time) // 86400000 as day, arg_min(open, open_time) as open, max(high) as high, min(low) as low,
      arg_max(close, open_time) as close, sum(volume) as volume from ${table} group by day order by day`
  const ours = () =>
    timed(async () => {
      const rows = await Array.fromAsync(io.query(bars(io.table(asset, month)), new AbortController().signal))
      if (rows.length !== 30) throw new Error(`expected 30 bars, got ${rows.length}`)
    })
  const text = `select epoch_ms(open_time) // 86400000 as day, arg_min(open, open_time) as open, max(high) as high, min(low) as low,
    arg_max(close, open_time) as close, sum(volume) as volume from read_parquet($1) group by day order by day`
  const paths = listValue(month.map((file) => join(root, file.path)))
  const plain = () =>
    timed(() => bare.use(async (connection) => (await connection.runAndReadAll(text, [paths])).getRowObjects()))
  for (let warm = 0; warm < 5; warm++) await Promise.all([ours(), plain()])
  const ms = await takeTurns({ ours, plain }, 41)
  const ratio = ms.ours / ms.plain
  report({
    name: '30 daily bars out of 1m',
    value: ms.ours,
    unit: 'ms',
    reference: ms.plain,
    ratio,
    goal: '< 2.00',
    ok: ratio < 2,
  })
  await bare.close()
})
