import type { AnyAsset, Engine } from '#pipeline'
import { nameOfCondition, selectAssets } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { malformedCursor } from './cursor.ts'
import type { AssetPulse } from './pulse.ts'
import { pulses } from './pulse.ts'

export type AssetRow = Answer<'assets'>['items'][number]

/** Assets, upstream before downstream. The cursor is the name of the last one told. */
export async function listAssets(engine: Engine, ask: Asked<'assets'>): Promise<Answer<'assets'>> {
  const { definitions } = engine
  const chosen = ask.selection?.trim()
    ? selectAssets(definitions, ask.selection, { external: true })
    : [...definitions.assets.values()]
  const start = ask.cursor === undefined ? 0 : chosen.findIndex(({ name }) => name === ask.cursor) + 1
  if (ask.cursor !== undefined && start === 0) throw malformedCursor(ask.cursor)

  const all = await pulses(engine).all()
  const sought = ask.q?.trim().toLowerCase() ?? ''
  const rows: AssetRow[] = []
  for (const asset of chosen.slice(start)) {
    const pulse = all.get(asset.name)
    if (!pulse || (ask.health !== undefined && pulse.health !== ask.health)) continue
    if (sought === '' || wordsOf(asset).some((word) => word.toLowerCase().includes(sought))) {
      rows.push(assetRow(asset, pulse))
    }
    // One more than asked for tells whether there are others.
    if (rows.length > ask.limit) break
  }
  const items = rows.slice(0, ask.limit)
  return { items, next: rows.length > ask.limit ? items.at(-1)!.asset : null }
}

const wordsOf = ({ name, group, kinds, tags, owners, description }: AnyAsset): readonly string[] => [
  ...[name, group, description ?? ''],
  ...[...kinds, ...owners],
  ...Object.entries(tags).map(([tag, value]) => `${tag}=${value}`),
]

export const assetRow = (asset: AnyAsset, pulse: AssetPulse): AssetRow => ({
  ...pulse,
  layer: asset.layer ?? null,
  group: asset.group,
  isExternal: asset.external === true,
  description: asset.description ?? null,
  kinds: [...asset.kinds],
  tags: { ...asset.tags },
  owners: [...asset.owners],
  dimensions: Object.keys(asset.partitions),
  automation: asset.automation ? nameOfCondition(asset.automation) : null,
})
