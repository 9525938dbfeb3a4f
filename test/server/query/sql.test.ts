import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset, definitions, openEngine, provide, sqliteStore } from '#pipeline'
import { lakeReader } from '../../../cli/lake-reader.ts'
import { handlers } from '../../../server/handlers/handlers.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import { openLake } from '../../resources/lake/open-lake.ts'
import { askingOf } from '../asking-of.ts'

const now = Date.parse('2024-01-04T12:00:00Z')

/** Three days of a table in a real lake, read as the doors read it. */
async function served() {
  const days = defineAsset({
    ...{
      name: 'days',
      layer: 'silver',
      description: 'What a day was like.',
      partitions: { date: daily({ since: '2024-01-01' }) },
    },
    output: z.strictObject({
      moment: z.int().meta({ column: 'timestamp', description: 'its beginning', unit: 'ms' }),
      n: z.int(),
    }),
    run: ({ partition }) => [{ moment: partition.date.start.getTime(), n: partition.date.start.getUTCDate() }],
  })
  const io = openLake()
  const root = temporaryFolder()
  const all = definitions({ assets: [days], resources: {}, io: provide(() => io) })
  const store = sqliteStore(join(root, 'store.sqlite'))
  const engine = await openEngine({ definitions: all, store, concurrency: 2, clock: () => now })
  onTestFinished(() => engine.close())
  const made = await (await engine.start({ assets: ['days'], filter: { keys: {} }, mode: 'all', now, reason: 'test' }))
    .result
  const config = { duckdbMemoryMb: 128 } as never
  const on = { engine, lake: lakeReader({ config, definitions: all, store }) }
  return { ask: askingOf(on), on, run: made.id }
}

test('what may be selected from is told, with columns and rows', async () => {
  const { ask } = await served()

  const { items, limits } = await ask('sqlTables', {})

  expect(items[0]).toEqual({
    ...{ name: 'days', description: 'What a day was like.', layer: 'silver', rows: 3 },
    columns: [
      { name: 'moment', type: 'TIMESTAMP_MS', unit: 'ms', description: 'its beginning' },
      { name: 'n', type: 'BIGINT', unit: null, description: null },
    ],
  })
  expect(items[1]).toMatchObject({ name: 'bullion_materializations', rows: 3 })
  expect(limits).toMatchObject({ memoryMb: 128 })
})

test('a select is answered in rows of values, cut by its limit, now or as it was', async () => {
  const { ask, run } = await served()

  const all = await ask('sql', { text: 'select moment, n, n * 1000000000000000000 as large from days order by n' })
  const cut = await ask('sql', { text: 'select n from days order by n', limit: 2 })
  const before = await ask('sql', { text: 'select count(*) as n from days', at: '2023-01-01' })
  const then = await ask('sql', { text: 'select count(*) as n from days', at: run })
  const known = await ask('sql', { text: 'select asset, count(*) as n from bullion_materializations group by 1' })

  expect(all.columns.map(({ name }) => name)).toEqual(['moment', 'n', 'large'])
  expect(all.rows[1]).toEqual(['2024-01-02T00:00:00Z', 2, '2000000000000000000'])
  expect([all.isCut, cut.isCut, cut.rows]).toEqual([false, true, [[1], [2]]])
  expect([before.rows, then.rows, known.rows]).toEqual([[[0]], [[3]], [['days', 3]]])
})

test('a result is had as a file', async () => {
  const { on } = await served()
  const call = { signal: new AbortController().signal, caller: 'test' }
  const download = (format: 'csv' | 'arrow' | 'parquet' | 'json') =>
    handlers.sqlDownload!(on as never, { text: 'select n from days order by n', format, limit: 2 }, call)

  const csv = await download('csv')
  const arrow = await download('arrow')

  expect({ ...csv, bytes: new TextDecoder().decode(csv.bytes) }).toEqual({
    ...{ contentType: 'text/csv', fileName: 'query.csv', bytes: 'n\n1\n2\n' },
  })
  expect(arrow.contentType).toBe('application/vnd.apache.arrow.stream')
  expect(tableFromIPC(arrow.bytes).numRows).toBe(2)
  expect(new TextDecoder().decode((await download('parquet')).bytes.slice(0, 4))).toBe('PAR1')
})

test('a file that would not hold all of a long answer is refused, unless so many rows were asked for', async () => {
  const { ask } = await served()
  const text = 'select n.range % 2 = 0 as n from days, range(400000) n'

  await expect(ask('sqlDownload', { text, format: 'csv' })).rejects.toMatchObject({
    name: 'QueryRefused',
    message: expect.stringContaining('more than 1000000 rows'),
  })
})

test('what is no select, or reaches out of the lake, is refused; one that nobody waits for is stopped', async () => {
  const { ask } = await served()

  for (const text of [
    'drop view days',
    "select * from read_text('/etc/passwd')",
    'select 1; select 2',
    'select * from nope',
  ]) {
    await expect(ask('sql', { text })).rejects.toMatchObject({ name: 'QueryRefused' })
  }
  const stop = new AbortController()
  const endless = ask(
    'sql',
    { text: 'select sum(a.n * b.n) as x from range(1e9::bigint) a(n), range(1e9::bigint) b(n)' },
    stop.signal,
  )
  setImmediate(() => stop.abort(new Error('gone')))
  await expect(endless).rejects.toThrow('gone')
})
