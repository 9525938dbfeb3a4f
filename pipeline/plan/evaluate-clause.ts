import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Condition } from '../define/condition.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { durationMs } from '../define/duration.ts'
import type { TimeDimension } from '../define/time-windows.ts'
import type { AssetCursor, AutomationCursor, KeptSet } from './automation-cursor.ts'
import { recalled } from './automation-cursor.ts'
import { compiled } from './compile-condition.ts'
import type { OrdinalRange, PartitionSet } from './partition-set.ts'
import { addBox, allPartitions, difference, intersection, isEmpty, noPartitions, union } from './partition-set.ts'
import type { Relation } from './relation.ts'
import { relationOf } from './relation.ts'
import type { Space } from './space.ts'

/** What conditions are decided from; the sets are over the partitions of the asset that exist now. */
export interface AutomationFacts {
  /** Another one whenever anything else that is said of the asset has changed. */
  revision(asset: string): string | number
  /** Never made, or removed since. */
  missing(asset: string, space: Space): PartitionSet
  /** Part of a run under way. */
  inProgress(asset: string, space: Space): PartitionSet
  /** Failed when it was last tried. */
  failed(asset: string, space: Space): PartitionSet
  /** Made since the previous evaluation, by the run that made it last. */
  updated(asset: string, space: Space): readonly Update[]
}

export interface Update {
  readonly partitions: PartitionSet
  /** Those with other content than before. */
  readonly changed: PartitionSet
  /** Whether the run that made them was to make this asset too. */
  isToMake(asset: string): boolean
}

/** Where a clause is true; its parts are in the order of the condition's, those over dependencies one for each. */
export interface Verdict {
  readonly condition: Condition
  /** The asset whose partitions the set is of. */
  readonly asset: string
  readonly set: PartitionSet
  readonly parts: readonly Verdict[]
  /** How its asset is read by that of the clause it is part of, if that is another. */
  readonly read?: Relation
}

/** One evaluation of all conditions. */
export interface Tick {
  readonly all: Pick<Definitions, 'assets'>
  readonly facts: AutomationFacts
  readonly cursor: AutomationCursor | undefined
  readonly now: number
  space(asset: string): Space
  /** So far: upstream is decided first. */
  readonly requested: ReadonlyMap<string, PartitionSet>
}

/** The evaluation of one asset's condition. */
export interface Root extends Tick {
  readonly asset: AnyAsset
  /** What is remembered, if the asset had a condition before. */
  readonly before: AssetCursor | undefined
  /** The condition, or how the asset is cut, is not what it was. */
  readonly isInitial: boolean
  readonly clauses: Map<string, KeptSet>
  readonly codeVersions: Record<string, string>
  /** Assets whose facts were looked at. */
  readonly read: Set<string>
  /** Whether something was true that will not be true again by itself. */
  hadEvent: boolean
}

/** Where a condition is true of `asset`, which the asset of the condition reads along `path`. */
export function evaluateClause(root: Root, condition: Condition, asset: AnyAsset, path: string): Verdict {
  const space = root.space(asset.name)
  root.read.add(asset.name)
  const done = (set: PartitionSet, parts: readonly Verdict[] = []): Verdict => ({
    condition,
    asset: asset.name,
    set,
    parts,
  })
  // Every part is evaluated, also where the answer is known before: what remembers must not miss a change.
  switch (condition.type) {
    case 'and':
    case 'or': {
      const parts = condition.of.map((one) => evaluateClause(root, one, asset, path))
      const isAnd = condition.type === 'and'
      const set = parts.reduce(
        (sum, one) => (isAnd ? intersection(sum, one.set) : union(sum, one.set)),
        isAnd ? allPartitions(space) : noPartitions(space),
      )
      return done(set, parts)
    }
    case 'not': {
      const part = evaluateClause(root, condition.of, asset, path)
      return done(difference(allPartitions(space), part.set), [part])
    }
    case 'newlyTrue': {
      const part = evaluateClause(root, condition.of, asset, path)
      const set = difference(part.set, remembered(root, condition, asset, path))
      root.clauses.set(path + compiled(condition).id, { asset: asset.name, bits: part.set.bits })
      return done(event(root, set), [part])
    }
    case 'since': {
      const part = evaluateClause(root, condition.of, asset, path)
      const reset = evaluateClause(root, condition.reset, asset, path)
      const set = difference(union(remembered(root, condition, asset, path), part.set), reset.set)
      root.clauses.set(path + compiled(condition).id, { asset: asset.name, bits: set.bits })
      return done(set, [part, reset])
    }
    case 'anyDepsMatch':
    case 'allDepsMatch': {
      const isAll = condition.type === 'allDepsMatch'
      let set = isAll ? allPartitions(space) : noPartitions(space)
      const parts: Verdict[] = []
      for (const [input, dependency] of depsOf(asset)) {
        if (condition.only && !condition.only.includes(dependency.name)) continue
        if (condition.except?.includes(dependency.name)) continue
        const part = evaluateClause(root, condition.of, assetNamed(root.all, dependency.name), `${path}${input}/`)
        const read = relationOf(dependency, space, part.set.space)
        const matching = isEmpty(part.set) ? noPartitions(space) : read.allReadersOf(part.set)
        set = isAll ? intersection(set, matching) : union(set, matching)
        parts.push({ ...part, read })
      }
      return done(set, parts)
    }
    case 'cronTickPassed': {
      const last = compiled(condition).crons[0]!.atOrBefore(root.now)
      const isPassed = root.before && last !== undefined && last > root.cursor!.at
      return done(event(root, isPassed ? allPartitions(space) : noPartitions(space)))
    }
    case 'inLatestTimeWindow':
      return done(latestWindows(space, condition.lookback === undefined ? 0 : durationMs(condition.lookback)))
    case 'missing':
    case 'inProgress':
    case 'failed':
      return done(root.facts[condition.type](asset.name, space))
    case 'newlyUpdated':
    case 'updatedApart':
    case 'dataVersionChanged':
      return done(event(root, updatesOf(root, condition.type, asset.name, space)))
    case 'newlyRequested': {
      const before = asset === root.asset ? root.before : root.cursor?.assets.get(asset.name)
      const layout = root.cursor?.layouts.get(asset.name)
      const set = before && layout && recalled(before.requested.bits, layout, space)
      return done(event(root, set ?? noPartitions(space)))
    }
    case 'willBeRequested':
      return done(event(root, root.requested.get(asset.name) ?? noPartitions(space)))
    case 'codeVersionChanged': {
      const before = root.before?.codeVersions[asset.name]
      root.codeVersions[asset.name] = asset.codeVersion
      const isChanged = before !== undefined && before !== asset.codeVersion
      return done(event(root, isChanged ? allPartitions(space) : noPartitions(space)))
    }
    case 'initialEvaluation':
      return done(event(root, root.isInitial ? allPartitions(space) : noPartitions(space)))
    default:
      return condition satisfies never
  }
}

function event(root: Root, set: PartitionSet): PartitionSet {
  if (!root.hadEvent) root.hadEvent = !isEmpty(set)
  return set
}

/** Where a clause that remembers was true at the evaluation before. */
function remembered(root: Root, condition: Condition, asset: AnyAsset, path: string): PartitionSet {
  const space = root.space(asset.name)
  // A clause that stays what it was keeps what it remembers, even where the condition around it is another now.
  const kept = root.before?.clauses.get(path + compiled(condition).id)
  const layout = kept && root.cursor!.layouts.get(kept.asset)
  return (layout && recalled(kept.bits, layout, space)) ?? noPartitions(space)
}

function updatesOf(
  { facts, before, asset }: Root,
  type: 'newlyUpdated' | 'updatedApart' | 'dataVersionChanged',
  of: string,
  space: Space,
): PartitionSet {
  let set = noPartitions(space)
  if (!before) return set
  for (const update of facts.updated(of, space)) {
    // An asset that reads itself is never made by the same run at the partition that reads.
    if (type === 'updatedApart' && of !== asset.name && update.isToMake(asset.name)) continue
    set = union(set, type === 'dataVersionChanged' ? update.changed : update.partitions)
  }
  return set
}

/** The newest window of each time axis, and those that start within `lookback` ms of its end. */
function latestWindows(space: Space, lookback: number): PartitionSet {
  const set = noPartitions(space)
  const spans = space.axes.map(({ dimension, count }): OrdinalRange => {
    if (dimension.kind === 'keys') return [0, count - 1]
    const time = dimension as TimeDimension
    const first = lookback === 0 || count === 0 ? count : time.indexAtOrAfter(time.startOf(count) - lookback)
    return [Math.max(0, Math.min(first, count - 1)), count - 1]
  })
  addBox(set, spans)
  return set
}
