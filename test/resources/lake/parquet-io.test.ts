import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { TableFile } from '#pipeline'
import { defineAsset, every, sql } from '#pipeline'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'
import type { Row } from './conformance.ts'
import { asset, key, never, row, staged, testIo } from './conformance.ts'
import { openLake } from './open-lake.ts'

testIo('parquet', openLake)

const filesUnder = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.parquet'))

test('files are found by asset, partition and materialization, and nowhere else', async () => {
  const root = temporaryFolder()

  const { file } = await staged(openLake(root), [row()])

  expect(file.path).toBe(`things/${key}/m1.parquet`)
  expect(filesUnder(root)).toEqual([file.path])
})

test('folders that look like columns add none', async () => {
  const io = openLake()
  const { table } = await staged(io, [row()])

  const [read] = await Array.fromAsync(io.query<Record<string, unknown>>(sql`select * from ${table}`, never))

  expect(Object.keys(read!)).toEqual(['name', 'price', 'n', 'ok', 'at'])
})

test('a version that was given is no damage, and other rows than those written are', async () => {
  const io = openLake()
  const { file } = await staged(io, [row()])

  const given = { ...file, version: 'v1', content: file.version }

  expect(await io.damage(asset, given)).toBeUndefined()
  expect(await io.damage(asset, { ...given, content: 'other' })).toContain('expected content other')
})

test('a file that others wrote is read where it is', async () => {
  const theirs = openLake()
  const { file } = await staged(theirs, [row()])
  const io = openLake()

  const elsewhere = { ...file, path: await theirs.lend([file], async (pathOf) => pathOf(file)) }

  expect(await io.table<Row>(asset, [elsewhere]).toArray()).toEqual([row()])
  expect(await io.lend([elsewhere], async (pathOf) => pathOf(elsewhere))).toBe(elsewhere.path)
})

test('rows are sorted by the key of their asset, so that their order changes no version', async () => {
  const io = openLake()
  const sorted = defineAsset({ name: 'sorted', output: asset.output, key: ['n'], run: () => [] })
  const ways = [
    [row({ n: 3 }), row({ n: 1 }), row({ n: 2 })],
    [row({ n: 1 }), row({ n: 2 }), row({ n: 3 })],
  ]

  const [one, two] = [await staged(io, ways[0]!, { as: sorted }), await staged(io, ways[1]!, { as: sorted, id: 'm2' })]

  expect((await one.table.toArray()).map(({ n }) => n)).toEqual([1, 2, 3])
  expect(two.file.version).toBe(one.file.version)
})

test('a column of another name or type is another version, though its bytes are the same', async () => {
  const io = openLake()
  const of = (name: string, output: z.ZodObject) => defineAsset({ name, output, run: () => [] })
  const versions = [
    await staged(io, [{ n: 1 }], { as: of('a', z.strictObject({ n: z.int() })) }),
    await staged(io, [{ n: 1 }], { as: of('b', z.strictObject({ n: z.int() })) }),
    await staged(io, [{ m: 1 }], { as: of('c', z.strictObject({ m: z.int() })) }),
    await staged(io, [{ n: 1 }], { as: of('d', z.strictObject({ n: z.int().meta({ column: 'timestamp' }) })) }),
  ].map(({ file }) => file.version)

  expect(versions[1]).toBe(versions[0])
  expect(new Set(versions).size).toBe(3)
})

const prices = defineAsset({
  name: 'prices',
  output: z.strictObject({ market: z.string(), price: z.number().nullable(), n: z.int() }),
  run: () => [],
})

test('SQL goes from file to file, with its values bound', async () => {
  const io = openLake()
  const { table } = await staged(io, [row({ name: "O'Brien", n: 4 }), row({ n: 5 })])
  const { name, at } = table.columns

  const made = await staged(
    io,
    sql`select ${name} as market, null as price, n + ${1} as n from ${table} where ${name} = ${"O'Brien"} and ${at} = ${new Date(1_704_067_200_123)}`,
    { as: prices },
  )

  expect(await made.table.toArray()).toEqual([{ market: "O'Brien", price: null, n: 5 }])
})

test('SQL in another order of columns is the same rows', async () => {
  const io = openLake()
  const one = await staged(io, sql`select 'A' as market, 1.5 as price, 1 as n`, { as: prices })
  const two = await staged(io, sql`select 1 as n, 'A' as market, 1.5 as price`, { as: prices, id: 'm2' })

  expect(two.file.version).toBe(one.file.version)
})

test.each([
  ['a column too few', sql`select 'A' as market, 1 as n`],
  ['a column too many', sql`select 'A' as market, 1.5 as price, 1 as n, 2 as m`],
  ['a column of another name', sql`select 'A' as market, 1.5 as vwap, 1 as n`],
  ['text for a number', sql`select 'A' as market, '1.5' as price, 1 as n`],
  ['a fraction for a whole number', sql`select 'A' as market, 1.5 as price, 1.5 as n`],
])('SQL with %s is refused before anything is written', async (_, query) => {
  const root = temporaryFolder()

  const staging = staged(openLake(root), query, { as: prices })

  await expect(staging).rejects.toThrow('expected market VARCHAR, price DOUBLE, n BIGINT, got ')
  expect(filesUnder(root)).toEqual([])
})

test('SQL with a null where none may be is refused by its column, and leaves no file', async () => {
  const root = temporaryFolder()

  const staging = staged(openLake(root), sql`select null::varchar as market, 1.5 as price, 1 as n`, { as: prices })

  await expect(staging).rejects.toThrow('asset "prices" returned a row that does not fit its output schema')
  await expect(staging).rejects.toThrow('market')
  expect(filesUnder(root)).toEqual([])
})

test('more rows than memory keeps are all written, in order', async () => {
  const io = openLake()
  const count = 131_072 * 2 + 7
  const one = defineAsset({
    name: 'many',
    output: z.strictObject({ n: z.int(), text: z.string().nullable() }),
    run: () => [],
  })
  const rows = (function* () {
    for (let n = 0; n < count; n++) yield { n, text: n % 5 === 0 ? null : `t${n}` }
  })()

  const { file, table } = await staged(io, rows, { as: one })

  const sums = sql<object>`select count(*) as rows, sum(n) as sum, count(*) - count(text) as nulls,
    count(*) filter (where text <> 't' || n) as wrong from ${table}`
  expect(await Array.fromAsync(io.query(sums, never))).toEqual([
    { rows: count, sum: (count * (count - 1)) / 2, nulls: Math.ceil(count / 5), wrong: 0 },
  ])
  expect(file.rows).toBe(count)
})

test('a condition is proved of every row, and null is not true', async () => {
  const io = openLake()
  const { table } = await staged(io, [row({ n: 1 }), row({ n: -1 }), row({ n: null })])

  const proofs = await io.prove(table, [every(table, sql`n > ${0}`), every(table, sql`price > 0`)])

  expect(proofs.map(({ failures }) => failures)).toEqual([2, 0])
})

test('a file that was cut short, or is none of ours, is told of and passed over', async () => {
  const root = temporaryFolder()
  const io = openLake(root)
  const good = await staged(io, [row()])
  const cut = await staged(io, [row()], { id: 'm2' })
  truncateSync(join(root, cut.file.path), 20)
  writeFileSync(join(root, 'things', 'notes.txt'), 'not ours')

  const found = await Array.fromAsync(io.scan())

  expect(found).toHaveLength(2)
  expect(found.find((one) => 'file' in one)).toMatchObject({
    file: { path: good.file.path, version: good.file.version },
  })
  expect(found.find((one) => 'error' in one)).toMatchObject({ path: cut.file.path })
})

test('damage is noticed by the content of a file, whatever the catalogue says', async () => {
  const root = temporaryFolder()
  const io = openLake(root)
  const { file } = await staged(io, [row()])
  const other: TableFile = { ...file, version: 'another' }

  expect(await io.damage(asset, file)).toBeUndefined()
  expect(await io.damage(asset, other)).toBeDefined()
  truncateSync(join(root, file.path), 20)
  expect(await io.damage(asset, file)).toBeDefined()
})

test('a query ends with the reason of its signal', async () => {
  const io = openLake()
  const stop = new AbortController()
  const rows = io.query(sql`select range as n from range(100_000_000)`, stop.signal)[Symbol.asyncIterator]()
  await rows.next()

  stop.abort(new Error('enough'))

  await expect(
    (async () => {
      while (!(await rows.next()).done);
    })(),
  ).rejects.toThrow('enough')
})

test('a reader that stops early frees its connection', async () => {
  const io = openLake()
  const { table } = await staged(
    io,
    Array.from({ length: 5_000 }, (_, n) => row({ n })),
  )
  const seen: Row[] = []

  for await (const one of table) {
    seen.push(one)
    if (seen.length === 3) break
  }

  expect(seen.map(({ n }) => n)).toEqual([0, 1, 2])
  expect(await table.toArray()).toHaveLength(5_000)
})
