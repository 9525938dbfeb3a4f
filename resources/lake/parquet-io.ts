import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type {
  AnyAsset,
  FileIdentity,
  IoManager,
  PartitionKey,
  Sql,
  StagedFile,
  SweepLimits,
  Table,
  TableFile,
} from '#pipeline'
import { columnsOf, isSql, isTable, sql } from '#pipeline'
import type { BoundSql, TableText } from '../duckdb/bind-sql.ts'
import { bindSql, identifier, pathList, sqlTypes } from '../duckdb/bind-sql.ts'
import type { Duckdb } from '../duckdb/duckdb.ts'
import { readBatches, readRows } from '../duckdb/read-rows.ts'
import { eachAtMost } from '../storage/at-most.ts'
import type { StoredFile } from '../storage/port.ts'
import { contentVersion } from './content-version.ts'
import type { LakeFiles, LentFiles } from './lake-files.ts'
import { proveClaims } from './prove-claims.ts'
import { columnText, writeFile } from './stage-file.ts'

/** What was refused by a check keeps this ending, so that it is never taken for a version. */
const rejectedEnding = '.rejected.parquet'
/** Files that are looked at together when the lake is read back. */
const lookedAt = 8

/**
 * The lake: parquet files at `<asset>/<partition key>/<materialization>.parquet` of a place. Paths in the catalogue are
 * relative to it, so that a lake can be moved; those of files that others made on this machine may be absolute.
 */
export function parquetIo({ files, duckdb }: { readonly files: LakeFiles; readonly duckdb: Duckdb }): IoManager {
  const { storage } = files
  /** Hands out what `read` makes of a query whose files are at hand for as long. */
  const answer = async function* <T>(
    query: Sql<unknown>,
    signal: AbortSignal | undefined,
    read: (bound: BoundSql) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const lent = await files.lend(filesOf(query), signal)
    try {
      yield* read(bindSql(query, textOfTables(lent)))
    } finally {
      lent.giveBack()
    }
  }

  const io: IoManager = {
    async stage({ asset, identity, rows, signal }) {
      const path = posix.join(asset.name, identity.key, `${identity.materialization}.parquet`)
      const lent = await files.lend(isSql(rows) ? filesOf(rows) : [], signal)
      try {
        return await files.make(path, signal, async (local) => {
          const about = { asset, identity, rows, path: local, signal, tableText: textOfTables(lent) }
          const rowCount = await duckdb.use((connection) => writeFile(connection, about))
          const { version, bytes } = await contentVersion(local, columnText(columnsOf(asset.output)))
          return { path, rows: rowCount, bytes, version }
        })
      } finally {
        lent.giveBack()
      }
    },

    table: <Row>(asset: Pick<AnyAsset, 'name' | 'output'>, list: readonly TableFile[]): Table<Row> =>
      lakeTable(asset, list, io, (query) =>
        answer(query, undefined, (bound) => duckdb.each((connection) => readBatches(connection, bound))),
      ),

    prove: (table, claims) => proveClaims(io, table, claims),

    query: <Row>(query: Sql<Row>, signal: AbortSignal) =>
      answer(query, signal, (bound) => duckdb.each((connection) => readRows<Row>(connection, bound, signal))),

    async lend(list, work, signal) {
      const lent = await files.lend(list, signal)
      try {
        return await work(lent.pathOf)
      } finally {
        lent.giveBack()
      }
    },

    async damage(asset, file, by = 'content') {
      try {
        if (by === 'size') {
          const bytes = await sizeOf(files, file.path)
          if (bytes === undefined) return 'it is gone'
          return bytes === file.bytes ? undefined : `expected ${file.bytes} bytes, got ${bytes}`
        }
        const columns = columnText(columnsOf(asset.output))
        const { version, bytes } = await files.look(file.path, (local) => contentVersion(local, columns))
        if (bytes !== file.bytes) return `expected ${file.bytes} bytes, got ${bytes}`
        const expected = file.content ?? file.version
        return version === expected ? undefined : `expected content ${expected}, got ${version}`
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is gone' : (error as Error).message
      }
    },

    discard: (path) => storage.remove(path),

    async reject(path) {
      const kept = path.replace(/\.parquet$/, rejectedEnding)
      await storage.move(path, kept)
      return kept
    },

    async sweep(asset, key, keep, limits) {
      let removed = 0
      for await (const { path, writtenAt } of storage.list(posix.join(asset, key))) {
        if (keep.has(path)) continue
        if (limits && !isWithin(limits, path.endsWith(rejectedEnding), writtenAt)) continue
        if (!limits?.dryRun) await storage.remove(path)
        removed += 1
      }
      return removed
    },

    async *list() {
      for await (const { path, writtenAt } of storage.walk()) {
        const [asset, ...key] = posix.dirname(path).split('/')
        yield { asset: asset!, key: key.join('/') as PartitionKey, path, writtenAt }
      }
    },

    async *scan() {
      for await (const found of eachAtMost(lookedAt, storage.walk(), async (stored) => {
        const isVersion = stored.path.endsWith('.parquet') && !stored.path.endsWith(rejectedEnding)
        if (!isVersion) return
        return files
          .look(stored.path, (local) => readIdentity(duckdb, stored, local))
          .catch((error: Error) => ({ path: stored.path, error: error.message.split('\n', 1)[0]! }))
      })) {
        if (found) yield found
      }
    },
  }
  return io
}

function isWithin({ since, before, refusedSince }: SweepLimits, isRefused: boolean, writtenAt: number): boolean {
  const from = isRefused ? (refusedSince ?? Number.POSITIVE_INFINITY) : since
  return writtenAt >= from && writtenAt < before
}

/** Of a file in the lake, without reading it; of one that others keep on this machine, where it is. */
async function sizeOf(files: LakeFiles, path: string): Promise<number | undefined> {
  if (files.storage.folder !== undefined) return files.look(path, async (local) => (await stat(local)).size)
  for await (const found of files.storage.list(posix.dirname(path))) if (found.path === path) return found.bytes
  return undefined
}

const textOfTables =
  (lent: LentFiles): TableText =>
  (table, parameter) => {
    const columns = columnsOf((table as LakeTable).output)
    const paths = table.files.map(lent.pathOf)
    if (paths.length === 0) {
      return `(select ${columns.map(({ name, type }) => `null::${sqlTypes[type]} as ${identifier(name)}`).join(', ')} where false)`
    }
    const names = columns.map(({ name }) => identifier(name)).join(', ')
    // The folders look like hive partitions, and DuckDB would add their keys as columns.
    return `(select ${names} from read_parquet(${pathList(paths, parameter)}, hive_partitioning = false))`
  }

/** The files of every table that a query reads. */
const filesOf = ({ values }: Sql<unknown>): readonly TableFile[] =>
  values.flatMap((value) => (isSql(value) ? filesOf(value) : isTable(value) ? value.files : []))

interface LakeTable extends Table<unknown> {
  readonly output: AnyAsset['output']
}

const neverAborted = new AbortController().signal

function lakeTable<Row>(
  asset: Pick<AnyAsset, 'name' | 'output'>,
  files: readonly TableFile[],
  io: IoManager,
  batches: (query: Sql<Row>) => ReturnType<Table<Row>['batches']>,
): Table<Row> {
  const columns = columnsOf(asset.output)
  const everything = (): Sql<Row> => sql`select * from ${table}`
  const table: Table<Row> & Pick<LakeTable, 'output'> = {
    kind: 'table',
    output: asset.output,
    columns: Object.fromEntries(columns.map(({ name }) => [name, { column: name }])) as Table<Row>['columns'],
    files,
    [Symbol.asyncIterator]: () => io.query(everything(), neverAborted)[Symbol.asyncIterator](),
    batches: () => batches(everything()),
    async toArray() {
      const rows: Row[] = []
      for await (const row of table) rows.push(row)
      return rows
    },
  }
  return table
}

async function readIdentity(duckdb: Duckdb, { path, writtenAt }: StoredFile, local: string) {
  const query = sql<{ value: string; rows: number }>`
    select decode(value) as value, (select num_rows from parquet_file_metadata(${local})) as rows
    from parquet_kv_metadata(${local}) where decode(key) = 'bullion'`
  const [row] = await Array.fromAsync(
    duckdb.each((connection) =>
      readRows<{ value: string; rows: number }>(
        connection,
        bindSql(query, () => ''),
      ),
    ),
  )
  if (row) {
    const { asset, key, codeVersion, inputs, version, columns } = JSON.parse(row.value) as FileIdentity & {
      columns: string
    }
    const identity: FileIdentity = {
      ...{ asset, key, codeVersion, inputs, materialization: posix.basename(path, '.parquet') },
      ...(version !== undefined && { version }),
    }
    const file: StagedFile = { path, rows: row.rows, ...(await contentVersion(local, columns)) }
    return { file, identity, writtenAt }
  }
  throw new Error(`file "${path}" does not say what it is; it was not written by bullion`)
}
