import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, onTestFinished, test } from 'vitest'
import { columnsOf } from '#pipeline'
import { readRows } from '../../../resources/duckdb/read-rows.ts'
import { lend, RowBuffer } from '../../../resources/duckdb/row-source.ts'
import type { QueryLimits } from '../../../resources/duckdb/untrusted-query.ts'
import { QueryRefused, untrustedQuery } from '../../../resources/duckdb/untrusted-query.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import { asset, never, row, staged } from '../lake/conformance.ts'
import { openLake } from '../lake/open-lake.ts'

const limits: QueryLimits = { memoryMb: 128, timeoutMs: 20_000, rows: 100 }

/** A lake with one table "things" of three rows, and a secret file beside it. */
async function lake() {
  const root = temporaryFolder()
  const { file } = await staged(openLake(root), [row({ n: 1 }), row({ n: 2 }), row({ n: null })])
  const secret = join(root, 'secret.csv')
  writeFileSync(secret, 'password\nhunter2\n')
  const files = { name: 'things', columns: columnsOf(asset.output), paths: [join(root, file.path)] }
  const ask = (text: string, of: Partial<QueryLimits> = {}, signal = never) =>
    untrustedQuery(text, { tables: [files], limits: { ...limits, ...of }, signal })
  return { root, secret, ask }
}

test('a select is answered, with the types of its columns', async () => {
  const { ask } = await lake()

  const { columns, rows, isCut } = await ask('select n, name from things order by n nulls last;')

  expect(columns).toEqual([
    { name: 'n', type: 'BIGINT' },
    { name: 'name', type: 'VARCHAR' },
  ])
  expect(rows).toEqual([
    { n: 1, name: 'a' },
    { n: 2, name: 'a' },
    { n: null, name: 'a' },
  ])
  expect(isCut).toBe(false)
})

test('rows at hand and tables without a file are read like any other', async () => {
  const n = { name: 'n', type: 'integer', nullable: false, description: undefined, unit: undefined } as const
  const tables = [
    { name: 'made', columns: [n], rows: [{ n: 1 }, { n: 2 }] },
    { name: 'empty', columns: [n], paths: [] },
  ]

  const { rows } = await untrustedQuery(
    'select sum(made.n) as sum, count(empty.n) as none from made left join empty using (n)',
    {
      tables,
      limits,
      signal: never,
    },
  )

  expect(rows).toEqual([{ sum: 3, none: 0 }])
})

test.each([
  ['COPY', `copy things to '{root}/out.csv'`],
  ['COPY over a file of the lake', `copy (select 1) to '{root}/things/out.parquet'`],
  ['EXPORT', `export database '{root}/out'`],
  ['ATTACH', `attach '{root}/out.db' as other`],
  ['two statements', 'select 1; select 2'],
  ['a statement behind a comment', 'select 1; -- \n drop view things'],
  ['SET', "set memory_limit = '10GB'"],
  ['PRAGMA', 'pragma enable_profiling'],
  ['RESET', 'reset memory_limit'],
  ['INSTALL', 'install httpfs'],
  ['LOAD', 'load httpfs'],
  ['CREATE', 'create table mine as select 1'],
  ['DROP', 'drop view things'],
  ['INSERT', 'insert into things values (1)'],
  ['UPDATE', 'update things set n = 1'],
  ['DELETE', 'delete from things'],
  ['EXPLAIN ANALYZE of a write', `explain analyze copy things to '{root}/out.csv'`],
  ['CALL', 'call pragma_version()'],
  ['nothing', ''],
  ['no SQL', 'give me all candles'],
])('%s is refused, and nothing is written', async (_, text) => {
  const { root, ask } = await lake()

  await expect(ask(text.replaceAll('{root}', root))).rejects.toBeInstanceOf(QueryRefused)

  expect(['out.csv', 'out.db', 'out', 'things/out.parquet'].filter((path) => existsSync(join(root, path)))).toEqual([])
})

test.each([
  ['a file of the system', `select * from read_text('/etc/passwd')`],
  ['a file by its name alone', `from '/etc/hosts'`],
  ['a file beside the lake', `select * from read_csv('{secret}')`],
  ['a folder', `select * from glob('{root}/**')`],
  ['a file of the lake that is not of the tables', `select * from read_parquet('{root}/things/*/*/*.parquet')`],
  ['the network', `select * from read_csv('http://127.0.0.1:1/x.csv')`],
  ['bytes', `select * from read_blob('{secret}')`],
])('%s can not be read', async (_, text) => {
  const { root, secret, ask } = await lake()

  await expect(ask(text.replaceAll('{secret}', secret).replaceAll('{root}', root))).rejects.toBeInstanceOf(QueryRefused)
})

test('rows that are lent to others are out of reach', async () => {
  const n = { name: 'n', type: 'integer', nullable: false, description: undefined, unit: undefined } as const
  const tables = [{ name: 'made', columns: [n], rows: [{ n: 1 }] }]
  const guesses = Array.from({ length: 30 }, (_, token) => token)

  await lend(new RowBuffer([n]), async () => {
    for (const token of guesses) {
      const guess = untrustedQuery(`select * from made, js_rows('${token}')`, { tables, limits, signal: never })
      await expect(guess, `${token}`).rejects.toThrow('no rows are lent under this token')
    }
  })
})

test('the environment is out of reach', async () => {
  const { ask } = await lake()

  await expect(ask("select getenv('HOME')")).rejects.toBeInstanceOf(QueryRefused)
})

test('more rows than the limit are cut, and the answer says so', async () => {
  const { ask } = await lake()

  const { rows, isCut } = await ask('select * from range(1000)', { rows: 10 })
  expect([rows.length, isCut]).toEqual([10, true])

  const whole = await ask('select * from range(10)', { rows: 10 })
  expect([whole.rows.length, whole.isCut]).toEqual([10, false])
})

test('an answer larger than its limit is refused before it is held', async () => {
  const { ask } = await lake()
  const bytes = 1_000_000

  await expect(ask("select repeat('x', 100000) as x from range(100)", { bytes })).rejects.toThrow(
    'the answer is larger than 1 MB; select fewer columns or rows',
  )
  await expect(ask('select range(10000) as x from range(100)', { bytes })).rejects.toThrow(QueryRefused)
  const wide = Array.from({ length: 2_000 }, (_, index) => `i as c${index}`).join(', ')
  await expect(ask(`select ${wide} from range(100) t(i)`, { bytes })).rejects.toThrow(QueryRefused)
  expect((await ask("select repeat('x', 9000) as x from range(100)", { bytes })).rows).toHaveLength(100)
})

test('of an answer that nobody will hold little is made', async () => {
  const { ask } = await lake()
  const before = process.memoryUsage().rss

  const huge = ask("select repeat('x', 30000) as x from range(100000)", { bytes: 1_000_000, rows: 100_000 })

  await expect(huge).rejects.toThrow('the answer is larger than 1 MB')
  expect(process.memoryUsage().rss - before).toBeLessThan(500e6)
})

test('a query that takes too long is an error and never a short answer', async () => {
  const { ask } = await lake()

  const slow = ask('select sum(a.range * b.range) from range(1000000) a, range(1000000) b', { timeoutMs: 100 })

  await expect(slow).rejects.toThrow('the query took longer than 100 ms')
})

test('a query stops with its caller', async () => {
  const { ask } = await lake()
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('the caller left')), 50)

  const slow = ask('select sum(a.range * b.range) from range(1000000) a, range(1000000) b', {}, stop.signal)

  await expect(slow).rejects.toThrow('the caller left')
})

test('a query stops with a caller who leaves as it begins', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  onTestFinished(() => connection.closeSync())
  const stop = new AbortController()
  const leave = () => void stop.abort(new Error('the caller left'))
  const prepare = async (text: string) => {
    const statement = await connection.prepare(text)
    // Nothing runs yet that could be interrupted.
    const stream = async () => {
      leave()
      await setImmediate()
      return statement.stream()
    }
    return { stream }
  }
  const watched = { prepare, interrupt: () => connection.interrupt() } as unknown as DuckDBConnection
  const text = 'select sum(a.range * b.range) from range(1000000) a, range(1000000) b'

  const rows = readRows(watched, { text, values: [], types: [] }, stop.signal)

  await expect(rows.next()).rejects.toThrow('the caller left')
})

test('a query that wants too much memory is refused with a sentence', async () => {
  const { ask } = await lake()

  const greedy = ask('select count(*) from (select distinct hash(range)::varchar || range from range(20000000))', {
    memoryMb: 64,
  })

  await expect(greedy).rejects.toThrow('the query needs more memory than it may use')
})

test('a name that is misspelled is explained', async () => {
  const { ask } = await lake()

  await expect(ask('select prize from things')).rejects.toThrow(/prize/)
})
