import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
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
import { columnsOf, sql } from '#pipeline'
import type { BoundSql, TableText } from '../duckdb/bind-sql.ts'
import { bindSql, identifier, pathList, sqlTypes } from '../duckdb/bind-sql.ts'
import type { Duckdb } from '../duckdb/duckdb.ts'
import { readBatches, readRows } from '../duckdb/read-rows.ts'
import { contentVersion } from './content-version.ts'
import { proveClaims } from './prove-claims.ts'
import { columnText, writeFile } from './stage-file.ts'

/** What was refused by a check keeps this ending, so that it is never taken for a version. */
const rejectedEnding = '.rejected.parquet'

/**
 * The lake: parquet files under `root`, at `<asset>/<partition key>/<materialization>.parquet`. Paths in the
 * catalogue are relative to `root`, so that a lake can be moved; those of files that others made may be absolute.
 */
export function parquetIo(options: { readonly root: string; readonly duckdb: Duckdb }): IoManager {
  const { root, duckdb } = options
  const tableText: TableText = (table, parameter) => {
    const columns = columnsOf((table as LakeTable).output)
    const paths = table.files.map((file) => resolve(root, file.path))
    if (paths.length === 0) {
      return `(select ${columns.map(({ name, type }) => `null::${sqlTypes[type]} as ${identifier(name)}`).join(', ')} where false)`
    }
    const names = columns.map(({ name }) => identifier(name)).join(', ')
    // The folders look like hive partitions, and DuckDB would add their keys as columns.
    return `(select ${names} from read_parquet(${pathList(paths, parameter)}, hive_partitioning = false))`
  }
  const bound = (query: Sql<unknown>): BoundSql => bindSql(query, tableText)

  const io: IoManager = {
    async stage({ asset, identity, rows, signal }) {
      const path = join(asset.name, identity.key, `${identity.materialization}.parquet`)
      const full = join(root, path)
      const isNewFolder = (await mkdir(dirname(full), { recursive: true })) !== undefined
      try {
        const rowCount = await duckdb.use((connection) =>
          writeFile(connection, { asset, identity, rows, path: full, signal, tableText }),
        )
        const { version, bytes } = await contentVersion(full, columnText(columnsOf(asset.output)))
        await syncFolder(dirname(full))
        if (isNewFolder) await syncFolder(dirname(dirname(full)))
        return { path, rows: rowCount, bytes, version }
      } catch (error) {
        await rm(full, { force: true })
        throw error
      }
    },

    table: <Row>(asset: Pick<AnyAsset, 'name' | 'output'>, files: readonly TableFile[]): Table<Row> =>
      lakeTable(asset, files, io, (query) => readBatchesOf(duckdb, bound(query))),

    prove: (table, claims) => proveClaims(io, table, claims),

    async *query<Row>(query: Sql<Row>, signal: AbortSignal) {
      yield* duckdb.each((connection) => readRows<Row>(connection, bound(query), signal))
    },

    locate: (file) => resolve(root, file.path),

    async damage(asset, file, by = 'content') {
      try {
        if (by === 'size') {
          const { size } = await stat(resolve(root, file.path))
          return size === file.bytes ? undefined : `expected ${file.bytes} bytes, got ${size}`
        }
        const { version, bytes } = await contentVersion(resolve(root, file.path), columnText(columnsOf(asset.output)))
        if (bytes !== file.bytes) return `expected ${file.bytes} bytes, got ${bytes}`
        const expected = file.content ?? file.version
        return version === expected ? undefined : `expected content ${expected}, got ${version}`
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is gone' : (error as Error).message
      }
    },

    discard: (path) => rm(join(root, path), { force: true }),

    async reject(path) {
      const kept = path.replace(/\.parquet$/, rejectedEnding)
      await rename(join(root, path), join(root, kept))
      return kept
    },

    async sweep(asset, key, keep, limits) {
      const folder = join(asset, key)
      let removed = 0
      for (const entry of await filesIn(join(root, folder))) {
        const path = join(folder, entry)
        if (keep.has(path)) continue
        if (limits && (entry.endsWith(rejectedEnding) || !(await isWithin(join(root, path), limits)))) continue
        if (!limits?.dryRun) await rm(join(root, path), { force: true })
        removed += 1
      }
      return removed
    },

    async *list() {
      // In turn, folder by folder: a lake may hold more files than fit into memory as one list.
      const folders = ['']
      for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
        const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ifAbsent([]))
        const [asset = '', ...key] = folder.split(sep)
        for (const entry of entries) {
          const path = join(folder, entry.name)
          if (entry.isDirectory()) folders.push(path)
          const found = entry.isFile() ? await stat(join(root, path)).catch(ifAbsent(undefined)) : undefined
          if (found) yield { asset, key: key.join('/') as PartitionKey, path, writtenAt: found.mtimeMs }
        }
      }
    },

    async *scan() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(ifAbsent([]))
      for (const entry of entries) {
        const isVersion = entry.isFile() && entry.name.endsWith('.parquet') && !entry.name.endsWith(rejectedEnding)
        if (!isVersion) continue
        const full = join(entry.parentPath, entry.name)
        try {
          yield await readIdentity(duckdb, root, full)
        } catch (error) {
          yield { path: relative(root, full), error: (error as Error).message.split('\n', 1)[0]! }
        }
      }
    },
  }
  return io
}

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

async function* readBatchesOf(duckdb: Duckdb, query: BoundSql) {
  yield* duckdb.each((connection) => readBatches(connection, query))
}

async function readIdentity(duckdb: Duckdb, root: string, full: string) {
  const query = sql<{ value: string; rows: number }>`
    select decode(value) as value, (select num_rows from parquet_file_metadata(${full})) as rows
    from parquet_kv_metadata(${full}) where decode(key) = 'bullion'`
  const [row] = await Array.fromAsync(
    duckdb.each((connection) =>
      readRows<{ value: string; rows: number }>(
        connection,
        bindSql(query, () => ''),
      ),
    ),
  )
  if (row) {
    const {
      units: _,
      columns,
      ...identity
    } = JSON.parse(row.value) as FileIdentity & { units: unknown; columns: string }
    const file: StagedFile = { path: relative(root, full), rows: row.rows, ...(await contentVersion(full, columns)) }
    return { file, identity, writtenAt: (await stat(full)).mtimeMs }
  }
  throw new Error(`file "${full}" does not say what it is; it was not written by bullion`)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function isWithin(path: string, { since, before }: SweepLimits): Promise<boolean> {
  // Another process may have removed it meanwhile.
  const { mtimeMs } = await stat(path).catch(ifAbsent({ mtimeMs: Number.NaN }))
  return mtimeMs >= since && mtimeMs < before
}

const filesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(ifAbsent([]))

const ifAbsent =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return value
    throw error
  }
