import type { AnyAsset, Engine } from '#pipeline'
import { assetNamed, depsOf, downstreamOf, selectAssets, upstreamOf } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { mappingInWords } from './asset-words.ts'

/** The assets of a selection with those next to them, and what reads what; an asset that reads itself is no edge. */
export function assetGraph({ definitions }: Engine, ask: Asked<'graph'>): Answer<'graph'> {
  const all = [...definitions.assets.values()]
  const selected = new Set(
    (ask.selection?.trim() ? selectAssets(definitions, ask.selection, { external: true }) : all).map(
      ({ name }) => name,
    ),
  )
  const near = new Set([
    ...selected,
    ...upstreamOf(definitions, selected, 1),
    ...downstreamOf(definitions, selected, 1),
  ])
  const nodes = all.filter(({ name }) => near.has(name))
  const edgesTo = (asset: AnyAsset) =>
    depsOf(asset)
      .map(([, dependency]) => dependency)
      .filter(({ name }) => name !== asset.name && near.has(name))
      .map((dependency) => ({
        from: dependency.name,
        to: asset.name,
        mapping: mappingInWords(dependency, assetNamed(definitions, dependency.name)),
      }))
  return { nodes: nodes.map((asset) => nodeOf(asset, selected.has(asset.name))), edges: nodes.flatMap(edgesTo) }
}

const nodeOf = (asset: AnyAsset, isSelected: boolean): Answer<'graph'>['nodes'][number] => ({
  asset: asset.name,
  layer: asset.layer ?? null,
  group: asset.group,
  kinds: [...asset.kinds],
  isExternal: asset.external === true,
  isSelected,
})
