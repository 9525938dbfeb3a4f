import type { AnyAsset } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import { nearest } from '../define/nearest.ts'
import { parseSelection } from './parse-selection.ts'
import { downstreamOf, upstreamOf } from './reachable-assets.ts'
import type { Attribute, Depth, Selection } from './selection-syntax.ts'

/** What a selection is looked up in. */
export type Selectable = Pick<Definitions, 'assets' | 'jobs'>

/**
 * The assets that `selection` names, upstream before downstream: see docs/selections.md for the language.
 * External assets count as for `evaluateSelection`. Throws `selection.malformed`, `asset.unknown`,
 * `definition.unknown` for a job, and `selection.empty`.
 */
export function selectAssets(
  all: Selectable,
  selection: string,
  options: { readonly external?: boolean } = {},
): readonly AnyAsset[] {
  const names = evaluateSelection(all, parseSelection(selection), options)
  if (names.size === 0) throw new PipelineError('selection.empty', { selection, why: 'no asset matches it' })
  return [...all.assets.values()].filter(({ name }) => names.has(name))
}

/**
 * The names that a parsed selection stands for; none is no error. External assets count only where their exact name
 * is written, unless `external` is set. Throws `asset.unknown`, and `definition.unknown` for a job.
 */
export function evaluateSelection(
  all: Selectable,
  selection: Selection,
  options: { readonly external?: boolean } = {},
): ReadonlySet<string> {
  const candidates = [...all.assets.values()].filter((asset) => options.external === true || !asset.external)
  const evaluate = (selection: Selection): ReadonlySet<string> => {
    switch (selection.is) {
      case 'all':
        return where(candidates, () => true)
      case 'and':
        return selection.of.map(evaluate).reduce((left, right) => kept(left, (name) => right.has(name)))
      case 'or':
        return union(selection.of.map(evaluate))
      case 'minus': {
        const without = evaluate(selection.without)
        return kept(evaluate(selection.of), (name) => !without.has(name))
      }
      case 'traverse':
        return traverse(all, evaluate(selection.of), selection)
      // A root reads no other of the set, not even through assets outside it; a sink is read by no other.
      case 'roots': {
        const names = evaluate(selection.of)
        const below = downstreamOf(all, names)
        return kept(names, (name) => !below.has(name))
      }
      case 'sinks': {
        const names = evaluate(selection.of)
        const above = upstreamOf(all, names)
        return kept(names, (name) => !above.has(name))
      }
      case 'externals': {
        const names = evaluate(selection.of)
        return kept(union([names, upstreamOf(all, names)]), (name) => all.assets.get(name)!.external === true)
      }
      case 'tag': {
        const [hasKey, hasValue] = [matcher(selection.key), matcher(selection.value)]
        return where(candidates, ({ tags }) => Object.keys(tags).some((key) => hasKey(key) && hasValue(tags[key]!)))
      }
      case 'key_substring':
        return where(candidates, ({ name }) => name.includes(selection.value))
      case 'key':
        if (!selection.value.includes('*')) return new Set([assetNamed(all, selection.value).name])
        return matching(candidates, selection.value, valuesOf.key)
      case 'job':
        return byJob(all, candidates, selection.value)
      default:
        return matching(candidates, selection.value, valuesOf[selection.is])
    }
  }
  return evaluate(selection)
}

/** What an attribute of an asset is compared with. */
export const valuesOf: Record<Exclude<Attribute, 'key_substring' | 'job'>, (asset: AnyAsset) => readonly string[]> = {
  key: ({ name }) => [name],
  layer: ({ layer }) => (layer === undefined ? [] : [layer]),
  group: ({ group }) => [group],
  owner: ({ owners }) => owners,
  kind: ({ kinds }) => kinds,
  column: ({ output }) => Object.keys(output.shape),
}

function where(assets: readonly AnyAsset[], holds: (asset: AnyAsset) => boolean): ReadonlySet<string> {
  const names = new Set<string>()
  for (const asset of assets) if (holds(asset)) names.add(asset.name)
  return names
}

function kept(names: Iterable<string>, holds: (name: string) => boolean): ReadonlySet<string> {
  const some = new Set<string>()
  for (const name of names) if (holds(name)) some.add(name)
  return some
}

function union(sets: readonly Iterable<string>[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const set of sets) for (const name of set) names.add(name)
  return names
}

function matching(assets: readonly AnyAsset[], pattern: string, values: (asset: AnyAsset) => readonly string[]) {
  const matches = matcher(pattern)
  return where(assets, (asset) => values(asset).some(matches))
}

function byJob(all: Selectable, candidates: readonly AnyAsset[], pattern: string): ReadonlySet<string> {
  if (!pattern.includes('*') && !all.jobs.has(pattern)) {
    const near = nearest(pattern, all.jobs.keys())
    throw new PipelineError('definition.unknown', { kind: 'job', name: pattern, near })
  }
  const matches = matcher(pattern)
  const jobs = [...all.jobs.values()].filter(({ name }) => matches(name))
  const names = new Set(jobs.flatMap((job) => (job.assets as readonly AnyAsset[]).map(({ name }) => name)))
  return where(candidates, ({ name }) => names.has(name))
}

function matcher(pattern: string): (value: string) => boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop()
  if (last === undefined) return (value) => value === pattern
  // By hand, since a regular expression of many wildcards can take for ever on a name that almost fits.
  return (value) => {
    const end = value.length - last.length
    if (end < first.length || !value.startsWith(first) || !value.endsWith(last)) return false
    let at = first.length
    for (const part of parts) {
      const found = value.indexOf(part, at)
      if (found === -1 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}

function traverse(all: Selectable, names: ReadonlySet<string>, how: { readonly up?: Depth; readonly down?: Depth }) {
  const above = how.up === undefined ? [] : upstreamOf(all, names, stepsOf(how.up))
  const below = how.down === undefined ? [] : downstreamOf(all, names, stepsOf(how.down))
  const ours = kept(above, (name) => !all.assets.get(name)!.external)
  return union([names, ours, below])
}

const stepsOf = (depth: Depth) => (depth === 'all' ? Infinity : depth)
