import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, FileIdentity, IoManager, PartitionKey, Rows, Table, TableFile } from '#pipeline'
import { batchesOf, defineAsset, unique } from '#pipeline'

export const Row = z.strictObject({
  name: z.string().nullable(),
  price: z.number().nullable(),
  n: z.int().nullable(),
  ok: z.boolean().nullable(),
  at: z.int().nullable().meta({ column: 'timestamp' }),
})
export type Row = z.output<typeof Row>

export const asset = defineAsset({ name: 'things', output: Row, run: () => [] })
export const key = 'date=2024-01-01/market=BTC-USDT' as PartitionKey
export const never = new AbortController().signal

export const row = (of: Partial<Row> = {}): Row => ({
  name: 'a',
  price: 1.5,
  n: 1,
  ok: true,
  at: 1_704_067_200_123,
  ...of,
})

export const identity = (of: Partial<FileIdentity> = {}): FileIdentity => ({
  asset: 'things',
  key,
  materialization: 'm1',
  codeVersion: '1',
  inputs: { candles: 'v1' },
  ...of,
})

/** Stages rows of an asset, and points a table at them. */
export async function staged(
  io: IoManager,
  rows: Rows<object>,
  of: { readonly as?: AnyAsset; readonly id?: string; readonly signal?: AbortSignal } = {},
): Promise<{ readonly file: TableFile; readonly table: Table<Row> }> {
  const about = identity({ materialization: of.id ?? 'm1', asset: (of.as ?? asset).name })
  const ask = { asset: of.as ?? asset, identity: about, rows, signal: of.signal ?? never }
  const file = { ...(await io.stage(ask)), key }
  return { file, table: io.table<Row>(of.as ?? asset, [file]) }
}

/** The promises of an IO manager, for rows that are made in TypeScript. */
export function testIo(name: string, make: () => IoManager | Promise<IoManager>): void {
  describe(name, () => {
    test('rows come back as they were given, also nulls, instants and odd texts', async () => {
      const rows = [
        row(),
        row({ name: null, price: null, n: null, ok: null, at: null }),
        row({ name: 'O\'Brien "☃" \n', price: -0.1, n: 2 ** 53 - 1, ok: false, at: -1 }),
        row({ name: '', price: 1e-300, n: -(2 ** 40), at: 0 }),
      ]
      const io = await make()

      const { file, table } = await staged(io, rows)

      expect(await table.toArray()).toEqual(rows)
      expect(file.rows).toBe(4)
      expect(Object.keys(table.columns)).toEqual(['name', 'price', 'n', 'ok', 'at'])
    })

    test('a generator, a table and no rows at all are taken too', async () => {
      const io = await make()
      const generated = await staged(
        io,
        (async function* () {
          yield row()
        })(),
      )
      const copied = await staged(io, generated.table, { id: 'm2' })
      const empty = await staged(io, [], { id: 'm3' })

      expect(await copied.table.toArray()).toEqual([row()])
      expect(await empty.table.toArray()).toEqual([])
      expect(copied.file.version).toBe(generated.file.version)
    })

    test('batches go in and come out by column', async () => {
      const io = await make()
      const first = await staged(io, [row(), row({ name: null, n: 2 })])

      const { table } = await staged(io, batchesOf(first.table.batches()), { id: 'm2' })

      expect(await table.toArray()).toEqual([row(), row({ name: null, n: 2 })])
      const [batch] = await Array.fromAsync(table.batches())
      expect([batch!.numRows, batch!.getChild('name')!.get(1), Number(batch!.getChild('n')!.get(1))]).toEqual([
        2,
        null,
        2,
      ])
      expect(batch!.getChild('no such column')).toBeNull()
    })

    test('several files are one table, and no file is an empty one', async () => {
      const io = await make()
      const [a, b] = [await staged(io, [row({ n: 1 })]), await staged(io, [row({ n: 2 })], { id: 'm2' })]

      const both = await io.table<Row>(asset, [a.file, b.file]).toArray()

      expect(both.map(({ n }) => n)).toEqual([1, 2])
      expect(await io.table<Row>(asset, []).toArray()).toEqual([])
    })

    test('equal rows have one version, whoever wrote them; other rows have another', async () => {
      const io = await make()
      const versions = [
        await staged(io, [row()]),
        await staged(io, [row()], { id: 'm2' }),
        await staged(io, [row({ n: 2 })], { id: 'm3' }),
        await staged(io, [row(), row()], { id: 'm4' }),
      ].map(({ file }) => file.version)

      expect(versions[1]).toBe(versions[0])
      expect(new Set(versions).size).toBe(3)
    })

    test.each([
      ['a value of another type', { ...row(), price: '1' }, 'price: '],
      ['a column too many', { ...row(), vwap: 1 }, 'vwap'],
      ['a column too few', { name: 'a', price: 1, n: 1, ok: true }, 'at: '],
    ])('%s is refused by its row, and nothing is left', async (_, wrong, issue) => {
      const io = await make()

      const staging = staged(io, [row(), wrong])

      await expect(staging).rejects.toThrow(
        /asset "things" returned a row that does not fit its output schema: row 1, /,
      )
      await expect(staging).rejects.toThrow(issue)
      expect(await Array.fromAsync(io.scan())).toEqual([])
    })

    test('uniqueness is proved by counting the rows that break it', async () => {
      const io = await make()
      const { table } = await staged(io, [
        row(),
        row({ n: 2 }),
        row({ n: 2 }),
        row({ name: null }),
        row({ name: null }),
      ])

      const proofs = await io.prove(table, [unique(table, 'name', 'n'), unique(table, 'name')])

      expect(proofs.map(({ failures }) => failures)).toEqual([2, 3])
    })

    test('a file says what it is, until it is discarded', async () => {
      const io = await make()
      const { file } = await staged(io, [row()])
      const { key: _, ...own } = file

      expect(await Array.fromAsync(io.scan())).toMatchObject([{ file: own, identity: identity() }])

      await io.discard(file.path)
      await io.discard(file.path)
      expect(await Array.fromAsync(io.scan())).toEqual([])
    })

    test('every file is listed with its partition and age, also what was refused, and one of another size is damaged', async () => {
      const io = await make()
      const begin = Date.now() - 10_000
      const known = await staged(io, [row()])
      const refused = await staged(io, [row()], { id: 'm2' })
      const kept = await io.reject(refused.file.path)

      const listed = await Array.fromAsync(io.list())

      expect(listed.map(({ path }) => path).sort()).toEqual([known.file.path, kept].sort())
      for (const file of listed) expect(file).toMatchObject({ asset: 'things', key })
      for (const { writtenAt } of listed) expect(writtenAt).toBeGreaterThan(begin)
      expect(await io.damage(asset, known.file, 'size')).toBeUndefined()
      expect(await io.damage(asset, { ...known.file, bytes: 1 }, 'size')).toBe(
        `expected 1 bytes, got ${known.file.bytes}`,
      )
      expect(await io.damage(asset, refused.file, 'size')).toBe('it is gone')
    })

    test('a sweep removes what is not known; one with limits keeps what was rejected before them', async () => {
      const io = await make()
      const known = await staged(io, [row()])
      const lost = await staged(io, [row()], { id: 'm2' })
      const refused = await staged(io, [row()], { id: 'm3' })
      const kept = await io.reject(refused.file.path)

      const limits = { since: 0, before: Date.now() + 60_000, dryRun: false }
      expect(await io.sweep('things', key, new Set([known.file.path]), limits)).toBe(1)
      expect(await io.sweep('things', key, new Set([known.file.path, kept]))).toBe(0)
      expect(await io.sweep('things', 'date=2024-01-02' as PartitionKey, new Set())).toBe(0)

      expect(await known.table.toArray()).toEqual([row()])
      expect(await io.table<Row>(asset, [{ ...refused.file, path: kept }]).toArray()).toEqual([row()])
      expect(await io.damage(asset, lost.file)).toBeDefined()
      expect(await io.damage(asset, known.file)).toBeUndefined()

      const later = { ...limits, refusedSince: Date.now() + 60_000 }
      expect(await io.sweep('things', key, new Set([known.file.path]), later)).toBe(0)
      expect(await io.sweep('things', key, new Set([known.file.path]), { ...limits, refusedSince: 0 })).toBe(1)
      expect(await io.damage(asset, { ...refused.file, path: kept }, 'size')).toBe('it is gone')
    })

    test('a sweep may be limited to files of some age, and to counting them', async () => {
      const io = await make()
      const lost = await staged(io, [row()])
      const [entry] = await Array.fromAsync(io.scan())
      const at = Math.floor((entry as { writtenAt: number }).writtenAt)
      const sweep = (since: number, before: number, dryRun = false) =>
        io.sweep('things', key, new Set(), { since, before, dryRun })

      expect(await sweep(at + 1, at + 1_000)).toBe(0)
      expect(await sweep(at - 1_000, at)).toBe(0)
      expect(await sweep(at, at + 1, true)).toBe(1)
      expect(await io.damage(asset, lost.file)).toBeUndefined()
      expect(await sweep(at, at + 1)).toBe(1)
      expect(await io.damage(asset, lost.file)).toBeDefined()
    })

    test('staging that is aborted leaves nothing', async () => {
      const io = await make()
      const stop = new AbortController()
      const rows = (async function* () {
        for (let n = 0; n < 5_000; n++) {
          if (n === 4_000) stop.abort(new Error('enough'))
          yield row({ n })
        }
      })()

      await expect(staged(io, rows, { signal: stop.signal })).rejects.toThrow('enough')

      expect(await Array.fromAsync(io.scan())).toEqual([])
    })
  })
}
