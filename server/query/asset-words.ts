/** What is declared of an asset, in words. */

import type { AnyAsset, AnyDependency, Dimension, Freshness, Retention } from '#pipeline'
import { mappingOf } from '#pipeline'

/** Which partitions of an asset are read: `the same partition`, `same date, every market`. */
export function mappingInWords(dependency: AnyDependency, upstream: AnyAsset): string {
  const words = Object.keys(upstream.partitions).map((dimension) => axisInWords(dependency, dimension))
  const isSame = words.every(({ isSame }) => isSame)
  const text =
    words.length === 0 ? 'all of it' : isSame ? 'the same partition' : words.map(({ text }) => text).join(', ')
  return dependency.optional ? `${text}; optional` : text
}

function axisInWords(dependency: AnyDependency, dimension: string): { readonly text: string; readonly isSame?: true } {
  const mapping = mappingOf(dependency, dimension)
  switch (mapping.kind) {
    case 'all':
      return { text: `every ${dimension}` }
    case 'latest':
      return { text: `the newest ${dimension}` }
    case 'keys':
      return { text: `${dimension} ${listed(mapping.keys)}` }
    case 'map':
      return { text: `${dimension} by a table from ${mapping.of}` }
    case 'same':
      return sameInWords(dimension, mapping)
    default:
      return mapping satisfies never
  }
}

function sameInWords(
  dimension: string,
  { of, shift: [from, to] = [0, 0], partial }: Extract<ReturnType<typeof mappingOf>, { kind: 'same' }>,
): { readonly text: string; readonly isSame?: true } {
  const own = of === dimension ? dimension : `${dimension} of the ${of}`
  if (from !== 0 || to !== 0) {
    if (from === -1 && to === -1) return { text: `the ${own} before` }
    return { text: `${own} from ${placeInWords(from)} to ${placeInWords(to)}` }
  }
  if (of === dimension) return { text: `same ${dimension}`, isSame: true }
  return { text: partial ? `every ${dimension} within the ${of}` : `the ${dimension} around the ${of}` }
}

const placeInWords = (shift: number) => (shift === 0 ? 'the same' : shift < 0 ? `${-shift} before` : `${shift} after`)

export function retryInWords({ retry }: AnyAsset): string {
  const { attempts, backoff, growth = 'exponential', on } = retry
  if (attempts === 1) return 'not tried again'
  const growing =
    growth === 'none' ? 'each time' : growth === 'linear' ? 'then longer each time' : 'then twice as long and more'
  const wait = backoff === undefined ? 'without a wait' : `after ${backoff}, ${growing}`
  return `${attempts} attempts, ${wait}${on === undefined ? '' : '; only for some errors'}`
}

export function freshnessInWords(rule: Freshness): string {
  if ('maxAge' in rule) return `made within ${rule.maxAge}`
  return `made after each tick of ${rule.by} (${rule.timezone ?? 'UTC'}), ${rule.maxLag} later at last`
}

/** How long what is not published any more is kept; `null` if that is for ever. */
export function retentionInWords({ versions, for: during, rejected }: Retention): string | null {
  const kept = [
    ...(versions === undefined ? [] : [`the ${versions === 1 ? 'newest version' : `newest ${versions} versions`}`]),
    ...(during === undefined ? [] : [`earlier versions for ${during}`]),
    ...(rejected === undefined ? [] : [`refused files for ${rejected}`]),
  ]
  return kept.length === 0 ? null : kept.join(', ')
}

export const kindOf = ({ kind, dynamic }: Dimension<unknown>): 'time' | 'dynamic' | 'keyed' =>
  kind === 'time' ? 'time' : dynamic === undefined ? 'keyed' : 'dynamic'

function listed(keys: readonly string[]): string {
  return keys.length > 5 ? `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more` : keys.join(', ')
}
