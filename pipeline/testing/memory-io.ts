import { createHash } from 'node:crypto'
import { columnsOf } from '../define/columns.ts'
import { PipelineError } from '../define/errors.ts'
import type { FileIdentity, IoManager, StagedFile } from '../define/io.ts'
import type { Rows, Table, TableFile } from '../define/table.ts'
import { isBatches, isSql, tableOf } from '../define/table.ts'
import { proveInMemory } from './prove-in-memory.ts'

/** Rows in memory, for tests of assets that are written in TypeScript. It has no SQL engine: a SQL asset is refused. */
export function memoryIo(): IoManager {
  const files = new Map<
    string,
    {
      readonly identity: FileIdentity
      readonly rows: readonly object[]
      readonly file: StagedFile
      readonly writtenAt: number
    }
  >()
  const io: IoManager = {
    isPrivate: true,
    async stage({ asset, identity, rows, signal }) {
      const kept = await collected(asset, rows)
      signal.throwIfAborted()
      const path = `${asset.name}/${identity.key}/${identity.materialization}`
      const text = JSON.stringify(kept)
      const version = createHash('sha256').update(text).digest('hex').slice(0, 32)
      const file = { path, rows: kept.length, bytes: text.length, version }
      files.set(path, { identity, rows: kept, file, writtenAt: Date.now() })
      return file
    },
    table<Row>(asset: Parameters<IoManager['table']>[0], list: readonly TableFile[]): Table<Row> {
      const rows = list.flatMap((file) => files.get(file.path)?.rows ?? [])
      const names = columnsOf(asset.output).map(({ name }) => name)
      return { ...tableOf<object>(names as never[], rows), files: list } as unknown as Table<Row>
    },
    async prove(table, claims) {
      const rows = await table.toArray()
      return Promise.all(claims.map((claim) => proveInMemory(rows, claim)))
    },
    query() {
      throw new PipelineError('check.engine-missing', { asset: '' })
    },
    lend: (_, work) => work((file) => file.path),
    async damage(_asset, file) {
      const kept = files.get(file.path)?.file
      if (!kept) return 'it is gone'
      return kept.bytes === file.bytes ? undefined : `expected ${file.bytes} bytes, got ${kept.bytes}`
    },
    async discard(path) {
      files.delete(path)
    },
    async reject(path) {
      const kept = `${path}.rejected`
      files.set(kept, files.get(path)!)
      files.delete(path)
      return kept
    },
    async sweep(asset, key, keep, limits) {
      const folder = `${asset}/${key}/`
      const lost = [...files].filter(([path, { writtenAt }]) => {
        if (!path.startsWith(folder) || keep.has(path)) return false
        if (!limits) return true
        const since = path.endsWith('.rejected') ? (limits.refusedSince ?? Number.POSITIVE_INFINITY) : limits.since
        return writtenAt >= since && writtenAt < limits.before
      })
      if (!limits?.dryRun) for (const [path] of lost) files.delete(path)
      return lost.length
    },
    async *list() {
      for (const path of [...files.keys()].sort()) {
        const { identity, writtenAt } = files.get(path)!
        yield { asset: identity.asset, key: identity.key, path, writtenAt }
      }
    },
    async *scan() {
      for (const { file, identity, writtenAt } of files.values()) yield { file, identity, writtenAt }
    },
  }
  return io
}

/** All rows, each parsed by the asset's schema. Throws `asset.output-invalid`, `check.engine-missing`. */
export async function collected(
  asset: Parameters<IoManager['stage']>[0]['asset'],
  rows: Rows<object>,
): Promise<object[]> {
  if (isSql(rows)) throw new PipelineError('check.engine-missing', { asset: asset.name })
  const all: object[] = []
  for await (const row of isBatches(rows) ? rowsOfBatches(asset, rows) : rows) {
    const parsed = asset.output.safeParse(row)
    if (!parsed.success) {
      const issue = parsed.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')
      throw new PipelineError('asset.output-invalid', { asset: asset.name, row: all.length, issue })
    }
    all.push(parsed.data)
  }
  return all
}

async function* rowsOfBatches(
  asset: Parameters<IoManager['stage']>[0]['asset'],
  { batches }: { batches: AsyncIterable<any> | Iterable<any> },
) {
  const names = columnsOf(asset.output).map(({ name }) => name)
  for await (const batch of batches) {
    for (let row = 0; row < batch.numRows; row++) {
      yield Object.fromEntries(names.map((name) => [name, batch.getChild(name)?.get(row) ?? null]))
    }
  }
}
