import type { AnyAsset, ColumnSpec, ColumnType, Engine } from '#pipeline'
import { columnsOf, instantOf, parsePast } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import type { LakeReader } from '../lake-reader.ts'
import type { Call, FileAnswer } from '../served.ts'
import { pulses } from './pulse.ts'
import { shownTable } from './shown-table.ts'

interface On {
  readonly engine: Engine
  readonly lake: LakeReader
}
type SqlTable = Answer<'sqlTables'>['items'][number]

/** Types as a query has them. */
const sqlTypes = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_MS',
} as const satisfies Record<ColumnType, string>

const contentTypes = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
  json: 'application/json',
} as const satisfies Record<Asked<'sqlDownload'>['format'], string>

export async function sqlTables({ engine, lake }: On): Promise<Answer<'sqlTables'>> {
  const all = await pulses(engine).all()
  const { name, description, columns } = lake.catalogue
  const partitions = [...all.values()].reduce((sum, pulse) => sum + pulse.partitions.published, 0)
  return {
    items: [
      ...[...engine.definitions.assets.values()].map((asset) => tableOf(asset, all.get(asset.name)?.rows ?? 0)),
      { name, description, layer: null, rows: partitions, columns: columns.map(columnOf) },
    ],
    limits: lake.limits,
  }
}

const tableOf = ({ name, description, layer, output }: AnyAsset, rows: number): SqlTable => ({
  ...{ name, rows, description: description ?? null, layer: layer ?? null },
  columns: columnsOf(output).map(columnOf),
})

const columnOf = ({ name, type, unit, description }: ColumnSpec): SqlTable['columns'][number] => ({
  ...{ name, type: sqlTypes[type], unit: unit ?? null, description: description ?? null },
})

export async function answerSql(on: On, ask: Asked<'sql'>, { signal }: Call): Promise<Answer<'sql'>> {
  const start = performance.now()
  const rows = Math.min(ask.limit, on.lake.limits.rows)
  const answer = await on.lake.query(ask.text, { rows, ...(await askOf(on, ask)), signal })
  return shownTable(answer, performance.now() - start)
}

export async function downloadSql(on: On, ask: Asked<'sqlDownload'>, { signal }: Call): Promise<FileAnswer> {
  const { format, limit: rows } = ask
  const bytes = await on.lake.download(ask.text, { rows, ...(await askOf(on, ask)), format, signal })
  return { contentType: contentTypes[format], fileName: `query.${format}`, bytes }
}

/** Throws `past.malformed` and `run.unknown`. */
async function askOf({ engine }: On, { at }: { readonly at?: string | undefined }): Promise<{ readonly at?: number }> {
  if (at === undefined) return {}
  return { at: await instantOf(engine.store, await parsePast(engine.store, at), engine.clock()) }
}
