import type { AnyAsset } from '#pipeline'
import { depsOf, selectAssets } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { definitionsOf } from './context.ts'
import { print, printJson, styled } from './terminal.ts'

/** Shows which asset reads which, upstream first. */
export async function graph(selection: string, options: GlobalOptions): Promise<void> {
  const { definitions, state } = await definitionsOf(options)
  await state.close()
  const chosen = selectAssets(definitions, selection, { external: true })
  const edges = chosen.map((asset) => ({
    asset: asset.name,
    layer: asset.layer ?? null,
    isExternal: asset.external === true,
    reads: readsOf(asset),
  }))
  if (options.json) return printJson(edges)
  for (const { asset, layer, isExternal, reads } of edges) {
    const said = isExternal ? 'external' : layer
    print(`${styled('bold', asset)}${said === null ? '' : styled('dim', `  ${said}`)}`)
    for (const [index, { asset: upstream, input, isOptional }] of reads.entries()) {
      const branch = index === reads.length - 1 ? '└─' : '├─'
      print(`  ${styled('dim', branch)} ${upstream}${styled('dim', `  as ${input}${isOptional ? ', optional' : ''}`)}`)
    }
  }
}

const readsOf = (asset: AnyAsset) =>
  depsOf(asset).map(([input, dependency]) => ({
    input,
    asset: dependency.name,
    isOptional: dependency.optional === true,
  }))
