import type { AssetSummary, Definitions } from '#pipeline'
import { countAt, keysAt, selectAssets } from '#pipeline'
import { describeAsset } from '../server/queries.ts'
import type { GlobalOptions } from './context.ts'
import { definitionsOf } from './context.ts'
import type { State } from './open-state.ts'
import { count, instant, print, printJson, size, table } from './terminal.ts'

/** Lists assets with their partitions, rows and last change. */
export async function assets(selection: string, options: GlobalOptions): Promise<void> {
  const { definitions, state } = await definitionsOf(options)
  const now = new Date()
  const { summaries, keys } = await knownAt(state, definitions, now)
  const rows = selectAssets(definitions, selection, { external: true }).map((asset) => ({
    ...describeAsset(asset, summaries.get(asset.name)),
    partitions: countAt(asset.partitions, now, keys),
  }))
  if (options.json) return printJson(rows)
  print(
    table(rows, [
      { title: 'asset', text: (row) => row.asset },
      { title: 'layer', text: (row) => (row.isExternal ? 'external' : (row.layer ?? '-')) },
      { title: 'cut by', text: (row) => row.dimensions.join(', ') || '-' },
      { title: 'published', text: (row) => count(row.published), align: 'right' },
      { title: 'of', text: (row) => count(row.partitions), align: 'right' },
      {
        title: 'failed',
        text: (row) => count(row.failed + row.rejected),
        align: 'right',
        style: (row) => (row.failed + row.rejected > 0 ? 'red' : undefined),
      },
      { title: 'rows', text: (row) => count(row.rows), align: 'right' },
      { title: 'size', text: (row) => size(row.bytes), align: 'right' },
      { title: 'last published', text: (row) => instant(row.lastPublishedAt) },
    ]),
  )
}

async function knownAt(state: State, definitions: Definitions, now: Date) {
  if (!state.hasStore()) return { summaries: new Map<string, AssetSummary>(), keys: {} }
  const store = await state.store()
  try {
    const summaries = new Map((await store.summaries()).map((summary) => [summary.asset, summary]))
    return { summaries, keys: await keysAt({ definitions, store }, now.getTime()) }
  } finally {
    await store.close()
  }
}
