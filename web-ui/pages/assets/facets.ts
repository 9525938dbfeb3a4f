import type { Answer } from '../../../server/contract/contract.ts'
import { looks } from '../../kit/status.tsx'
import type { Search } from '../../routes.tsx'

export type AssetRow = Answer<'assets'>['items'][number]

/** By what the list can be narrowed, and what an asset has of it. Chosen values stand in the address, apart by commas. */
export const facets = {
  layer: { title: 'Layer', of: ({ layer }: AssetRow) => [layer ?? 'none'] },
  group: { title: 'Group', of: ({ group }: AssetRow) => [group] },
  health: { title: 'Health', of: ({ health }: AssetRow) => [health] },
  kind: { title: 'Kind', of: ({ kinds }: AssetRow) => kinds },
  owner: { title: 'Owner', of: ({ owners }: AssetRow) => (owners.length > 0 ? owners : ['nobody']) },
  tag: {
    title: 'Tag',
    of: ({ tags }: AssetRow) => Object.entries(tags).map(([name, value]) => (value === '' ? name : `${name}=${value}`)),
  },
} as const satisfies Record<string, { title: string; of: (row: AssetRow) => readonly string[] }>
export type Facet = keyof typeof facets
export const facetNames = Object.keys(facets) as readonly Facet[]

export const chosenOf = (search: Search, facet: Facet): readonly string[] =>
  (search[facet] ?? '').split(',').filter((value) => value !== '')

/** What passes all facets but `except`: what a further choice there could still show. */
export function narrowed(rows: readonly AssetRow[], search: Search, except?: Facet): readonly AssetRow[] {
  const asked = facetNames.filter((facet) => facet !== except && chosenOf(search, facet).length > 0)
  if (asked.length === 0) return rows
  return rows.filter((row) =>
    asked.every((facet) => {
      const chosen = chosenOf(search, facet)
      return facets[facet].of(row).some((value) => chosen.includes(value))
    }),
  )
}

export function countedValues(rows: readonly AssetRow[], facet: Facet): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const row of rows) for (const value of facets[facet].of(row)) counts.set(value, (counts.get(value) ?? 0) + 1)
  const order = orders[facet]
  return [...counts].sort(([a], [b]) => {
    if (order) return order.indexOf(a) - order.indexOf(b)
    return a.localeCompare(b)
  })
}

export const wordOf = (facet: Facet, value: string): string =>
  facet === 'health' ? looks[value as AssetRow['health']].word : value

export const layerOrder = ['bronze', 'silver', 'gold', 'none'] as const
const healthOrder: readonly AssetRow['health'][] = [
  'failing',
  'late',
  'running',
  'incomplete',
  'unmade',
  'healthy',
  'external',
]
const orders: Partial<Record<Facet, readonly string[]>> = { layer: layerOrder, health: healthOrder }
