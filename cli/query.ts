import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ColumnSpec, ColumnType, TableFile } from '#pipeline'
import { columnsOf, instantOf, PipelineError, parsePast } from '#pipeline'
import { BadInput } from '../config.ts'
import type { ResultFormat } from '../resources/duckdb/result-file.ts'
import { resultText, shownValue, textOf } from '../resources/duckdb/result-text.ts'
import type { QueryLimits, QueryResult, QueryTable } from '../resources/duckdb/untrusted-query.ts'
import type { Context, GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { counted, print, styled, table } from './terminal.ts'

interface Options extends GlobalOptions {
  readonly format: 'table' | ResultFormat
  readonly output?: string
  readonly limit: string
  readonly timeout: string
  readonly at?: string
}

const isBinary = { table: false, json: false, csv: false, parquet: true, arrow: true } as const satisfies Record<
  Options['format'],
  boolean
>

/** Runs one SELECT over the published assets, each a view of its name. */
export async function query(text: string, options: Options): Promise<void> {
  if (isBinary[options.format] && options.output === undefined) {
    throw new BadInput(`${options.format} is not for a terminal; say where it goes with --output FILE`)
  }
  const context = await openReader(options)
  try {
    const limits = {
      memoryMb: context.config.duckdbMemoryMb,
      timeoutMs: positive('--timeout', options.timeout) * 1_000,
      rows: positive('--limit', options.limit),
    }
    const at =
      options.at === undefined
        ? undefined
        : await instantOf(context.store, await parsePast(context.store, options.at), Date.now())
    const result = await answerQuery(context, text, limits, at)
    await write(result, options)
    if (result.isCut) process.stderr.write(`only the first ${counted(limits.rows, 'row')}; raise --limit for more\n`)
  } finally {
    await context.close()
  }
}

/**
 * Answers a query over the published files of every asset that it may mean, now or at an instant (ms), and what the
 * catalogue knows of them. Throws `past.removed`, `QueryRefused`.
 */
export async function answerQuery(
  context: Pick<Context, 'definitions' | 'store'>,
  text: string,
  limits: QueryLimits,
  at?: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<QueryResult> {
  const { QueryRefused, untrustedQuery } = await import('../resources/duckdb/untrusted-query.ts')
  const io = await context.definitions.io.open()
  const mentioned = [...context.definitions.assets.values()].filter(({ name }) => text.toLowerCase().includes(name))
  const isAboutCatalogue = text.toLowerCase().includes(catalogueName)
  if (isAboutCatalogue && at !== undefined)
    throw new QueryRefused(`"${catalogueName}" is about now; leave out --at ("at" of a request)`)
  const assets = await Promise.all(
    mentioned.map(async (asset) => ({ asset, files: await filesOf(context, asset.name, at) })),
  )
  const catalogue = isAboutCatalogue ? [await catalogueTable(context)] : []
  return io.lend(
    assets.flatMap(({ files }) => files),
    (pathOf) => {
      const tables = assets.map(({ asset, files }): QueryTable => {
        const paths = files.map((file) => resolve(pathOf(file)))
        return { name: asset.name, columns: columnsOf(asset.output), paths }
      })
      return untrustedQuery(text, { tables: [...tables, ...catalogue], limits, signal })
    },
  )
}

async function filesOf(
  { store }: Pick<Context, 'store'>,
  asset: string,
  at: number | undefined,
): Promise<readonly TableFile[]> {
  if (at === undefined) return store.files(asset)
  const versions = await store.versionsAt(asset, at)
  const removed = versions.find(({ isRemoved }) => isRemoved)
  if (removed) throw new PipelineError('past.removed', { asset, key: removed.key, at: new Date(at).toISOString() })
  // Of what others make there may be a version without a file.
  return versions.filter(({ path }) => path !== '')
}

export const catalogueName = 'bullion_materializations'

const catalogueColumn = (name: string, type: ColumnType): ColumnSpec => ({
  name,
  type,
  nullable: false,
  description: undefined,
  unit: undefined,
})

/** What a query may ask of the catalogue. */
export const catalogueColumns: readonly ColumnSpec[] = [
  ...['asset', 'partition', 'run', 'version', 'code_version'].map((name) => catalogueColumn(name, 'string')),
  catalogueColumn('published_at', 'timestamp'),
  ...['rows', 'bytes', 'checks_passed', 'checks_failed'].map((name) => catalogueColumn(name, 'integer')),
  catalogueColumn('metadata', 'string'),
]

async function catalogueTable(context: Pick<Context, 'definitions' | 'store'>): Promise<QueryTable> {
  const current = await Promise.all([...context.definitions.assets.keys()].map((asset) => context.store.current(asset)))
  return {
    name: catalogueName,
    columns: catalogueColumns,
    rows: current.flat().map((made) => ({
      asset: made.asset,
      partition: made.key,
      run: made.run,
      version: made.version,
      code_version: made.codeVersion,
      published_at: made.at,
      rows: made.rows,
      bytes: made.bytes,
      checks_passed: made.checks.filter((check) => check.passed).length,
      checks_failed: made.checks.filter((check) => !check.passed).length,
      metadata: JSON.stringify(made.metadata),
    })),
  }
}

async function write(result: QueryResult, { format, output }: Options): Promise<void> {
  if (format === 'table' || output === undefined) {
    const text = format === 'table' ? resultTable(result) : resultText[format as 'csv' | 'json'](result)
    if (output === undefined) return print(text)
    return writeFile(output, `${text}\n`)
  }
  const { resultFile } = await import('../resources/duckdb/result-file.ts')
  await writeFile(output, await resultFile(result, format))
  if (isBinary[format]) print(`${counted(result.rows.length, 'row')} in ${output}`)
}

/** A result for people: numbers to the right, nulls dim. */
export function resultTable(result: QueryResult): string {
  const columns = result.columns.map(({ name, type }) => ({
    title: name,
    text: (row: Readonly<Record<string, unknown>>) => textOf(shownValue(type, row[name])),
    ...(isNumeric(type) && { align: 'right' as const }),
    style: (row: Readonly<Record<string, unknown>>) => (row[name] === null ? ('dim' as const) : undefined),
  }))
  return `${table(result.rows, columns)}\n${styled('dim', `${counted(result.rows.length, 'row')}`)}`
}

const isNumeric = (type: string) => /INT|DOUBLE|FLOAT|DECIMAL/.test(type)

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new BadInput(`${option} must be a positive number, got "${text}"`)
  return value
}
