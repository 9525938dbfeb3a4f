import type { AnyAsset, Engine, PartitionKey, TableFile } from '#pipeline'
import { assetNamed, columnsOf, keyAt } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import type { LakeReader, ReadRows } from '../lake-reader.ts'
import type { Call } from '../served.ts'
import { numberOf, shownPartitions } from './shown-partitions.ts'
import { shownTable } from './shown-table.ts'

/** Files opened for the first rows of what is published. */
const mostFiles = 20

/** The first rows of one partition, or of the newest ones that are published. */
export async function preview(
  { engine, lake }: { readonly engine: Engine; readonly lake: LakeReader },
  ask: Asked<'preview'>,
  { signal }: Pick<Call, 'signal'>,
): Promise<Answer<'preview'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const start = performance.now()
  const keys = ask.key === undefined ? await newestOf(engine, asset) : [ask.key as PartitionKey]
  const files = await filesOf(engine, asset, keys, ask.limit)
  const found = files.length === 0 ? withoutRows(asset) : await lake.firstRows(asset, files, ask.limit, signal)
  return shownTable(found, performance.now() - start)
}

const withoutRows = (asset: AnyAsset): ReadRows => ({
  columns: columnsOf(asset.output).map(({ name, type }) => ({ name, type })),
  rows: [],
  isCut: false,
})

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
