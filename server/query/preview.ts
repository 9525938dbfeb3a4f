import type { AnyAsset, Engine, PartitionKey, TableFile } from '#pipeline'
import { assetNamed, columnsOf, keyAt } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import type { LakeReader } from '../lake-reader.ts'
import { Refusal } from '../served.ts'
import { numberOf, shownPartitions } from './shown-partitions.ts'

/** Files opened for the first rows of what is published. */
const mostFiles = 20

/** The first rows of one partition, or of the newest ones that are published. */
export async function preview(
  { engine, lake }: { readonly engine: Engine; readonly lake: LakeReader },
  ask: Asked<'preview'>,
): Promise<Answer<'preview'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const start = performance.now()
  const keys = ask.key === undefined ? await newestOf(engine, asset) : [ask.key as PartitionKey]
  const files = await filesOf(engine, asset, keys, ask.limit)
  const took = () => Math.round(performance.now() - start)
  if (files.length === 0) return { columns: columnsWithoutRows(asset), rows: [], isCut: false, tookMs: took() }
  const { columns, rows, isCut } = await read(lake, asset, files, ask.limit)
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.map((row) => columns.map(({ name }) => jsonOf(row[name]))),
    isCut,
    tookMs: took(),
  }
}

async function read(lake: LakeReader, asset: AnyAsset, files: readonly TableFile[], rows: number) {
  try {
    return await lake.firstRows(asset, files, rows)
  } catch (error) {
    if (error instanceof Error && error.name === 'QueryRefused') {
      throw new Refusal(400, 'query.refused', error.message, { cause: error })
    }
    throw error
  }
}

async function newestOf(engine: Engine, asset: AnyAsset): Promise<readonly PartitionKey[]> {
  const { space, statuses } = await shownPartitions(engine, asset.name)
  const keys: PartitionKey[] = []
  for (let at = space.size - 1; at >= 0 && keys.length < mostFiles; at--) {
    // One that failed, or is being made, may have an earlier version; whether it does is seen from its row.
    if (statuses[at] !== numberOf.missing) keys.push(keyAt(space, at))
  }
  return keys
}

/** As many of the files, in the order of the keys, as hold so many rows. */
async function filesOf(
  { store }: Engine,
  { name }: AnyAsset,
  keys: readonly PartitionKey[],
  rows: number,
): Promise<readonly TableFile[]> {
  const found = new Map((await store.partitionsOf(name, keys)).map(({ key, file }) => [key, file]))
  const files: TableFile[] = []
  let known = 0
  for (const key of keys) {
    const file = found.get(key)
    // What others make may have been seen without a file to read.
    if (!file || file.path === '') continue
    files.push(file)
    known += file.rows
    if (known > rows) break
  }
  return files
}

const columnsWithoutRows = (asset: AnyAsset) => columnsOf(asset.output).map(({ name, type }) => ({ name, type }))

type Json = Answer<'preview'>['rows'][number][number]

function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof Date) return value.getTime()
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonOf(one)]))
  }
  return (value ?? null) as Json
}
