import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'

/**
 * The assets that `selection` names, upstream before downstream. Words are joined by commas or spaces: `name`,
 * `+name` with all it reads, `name+` with all that reads it, `layer:gold`, `job:name`, `*`.
 * Throws `asset.unknown`, `definition.unknown`, `selection.empty`.
 */
export function selectAssets(all: Definitions, selection: string): readonly AnyAsset[] {
  const names = new Set(
    selection
      .split(/[\s,]+/)
      .filter((word) => word !== '')
      .flatMap((word) => namesOf(all, word)),
  )
  if (names.size === 0) throw new PipelineError('selection.empty', { selection, why: 'no asset matches it' })
  return [...all.assets.values()].filter(({ name }) => names.has(name))
}

function namesOf(all: Definitions, word: string): readonly string[] {
  if (word === '*') return [...all.assets.keys()]
  if (word.startsWith('layer:')) return byLayer(all, word.slice('layer:'.length))
  if (word.startsWith('job:')) return byJob(all, word.slice('job:'.length))
  const name = word.replace(/^\+/, '').replace(/\+$/, '')
  assetNamed(all, name)
  const names = [name]
  if (word.startsWith('+')) names.push(...upstreamOf(all, name))
  if (word.endsWith('+')) names.push(...downstreamOf(all, name))
  return names
}

const byLayer = (all: Definitions, layer: string) =>
  [...all.assets.values()].filter((asset) => asset.layer === layer).map(({ name }) => name)

function byJob(all: Definitions, name: string): readonly string[] {
  const job = all.jobs.get(name)
  if (!job) throw new PipelineError('definition.unknown', { kind: 'job', name, near: undefined })
  return (job.assets as readonly AnyAsset[]).map((asset) => asset.name)
}

/** Names of all assets that `name` reads, directly or not. */
export function upstreamOf(all: Pick<Definitions, 'assets'>, name: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (asset: AnyAsset): void => {
    for (const [, dependency] of depsOf(asset)) {
      if (found.has(dependency.name)) continue
      found.add(dependency.name)
      visit(all.assets.get(dependency.name)!)
    }
  }
  visit(assetNamed(all, name))
  return found
}

/** Names of all assets that read `name`, directly or not. */
export function downstreamOf(all: Pick<Definitions, 'assets'>, name: string): ReadonlySet<string> {
  assetNamed(all, name)
  const found = new Set<string>([name])
  // Assets come upstream first, so one pass sees every reader after what it reads.
  for (const asset of all.assets.values()) {
    if (depsOf(asset).some(([, dependency]) => found.has(dependency.name))) found.add(asset.name)
  }
  found.delete(name)
  return found
}
