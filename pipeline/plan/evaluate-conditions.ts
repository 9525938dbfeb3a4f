import { createHash } from 'node:crypto'
import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { Condition } from '../define/condition.ts'
import { partsOf } from '../define/condition.ts'
import type { Cron } from '../define/cron.ts'
import { cronOf } from '../define/cron.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { durationMs } from '../define/duration.ts'
import type { Dimension } from '../define/partition.ts'
import type { TimeDimension } from '../define/time-windows.ts'
import type { AssetCursor, AutomationCursor, KeptSet, Layout } from './automation-cursor.ts'
import { layoutOf, recalled } from './automation-cursor.ts'
import type { OrdinalRange, PartitionSet } from './partition-set.ts'
import { addBox, allPartitions, difference, intersection, isEmpty, noPartitions, union } from './partition-set.ts'
import type { Relation } from './relation.ts'
import { relationOf } from './relation.ts'
import type { AsOf, Space } from './space.ts'
import { spaceOf } from './space.ts'

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

export interface Evaluation {
  /** What is to be made, by asset, upstream before downstream; only assets with anything to make. */
  readonly requested: ReadonlyMap<string, PartitionSet>
  readonly cursor: AutomationCursor
  /** Why the partitions of an asset are requested or not; `undefined` if it has no condition. */
  explain(asset: string): Verdict | undefined
}

/**
 * Decides which partitions the conditions of assets ask for. `cursor` is that of the evaluation before. An asset for
 * which nothing has changed since costs microseconds, as long as the cursor is kept in memory.
 */
export function evaluateConditions(
  all: Pick<Definitions, 'assets'>,
  facts: AutomationFacts,
  cursor: AutomationCursor | undefined,
  asOf: AsOf,
): Evaluation {
  const now = asOf.now.getTime()
  const spaces = new Map<string, Space>()
  const space = (name: string): Space => {
    let found = spaces.get(name)
    if (!found) {
      const fresh = spaceOf(assetNamed(all, name).partitions, asOf)
      const before = held.get(cursor?.layouts.get(name) ?? noLayout)
      found = before && isSameSpace(before, fresh) ? before : fresh
      spaces.set(name, found)
    }
    return found
  }
  const requested = new Map<string, PartitionSet>()
  const tick: Tick = { all, facts, cursor, now, space, requested }
  const assets = new Map<string, AssetCursor>()
  for (const asset of all.assets.values()) {
    if (!asset.automation) continue
    const before = cursor?.assets.get(asset.name)
    if (before && isQuiet(tick, asset, before)) {
      assets.set(asset.name, before)
      continue
    }
    const { verdict, after } = evaluateAsset(tick, asset, asset.automation)
    assets.set(asset.name, after)
    if (!isEmpty(verdict.set)) requested.set(asset.name, verdict.set)
  }
  const layouts = new Map<string, Layout>()
  for (const [name, one] of spaces) {
    layouts.set(name, layoutOf(one))
    held.set(layoutOf(one), one)
  }
  return {
    requested,
    cursor: { at: now, layouts, assets },
    explain(name) {
      const asset = assetNamed(all, name)
      return asset.automation && evaluateAsset(tick, asset, asset.automation).verdict
    },
  }
}

interface Tick {
  readonly all: Pick<Definitions, 'assets'>
  readonly facts: AutomationFacts
  readonly cursor: AutomationCursor | undefined
  readonly now: number
  space(asset: string): Space
  /** So far: upstream is decided first. */
  readonly requested: ReadonlyMap<string, PartitionSet>
}

/** The evaluation of one asset's condition. */
interface Root extends Tick {
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

/** The spaces that layouts in memory came from, so that the same one is used as long as nothing new exists. */
const held = new WeakMap<Layout, Space>()
const noLayout: Layout = []

const isSameSpace = (a: Space, b: Space): boolean =>
  a.axes.length === b.axes.length &&
  a.axes.every(({ name, dimension, count }, at) => {
    const other = b.axes[at]!
    if (name !== other.name || count !== other.count) return false
    return dimension === other.dimension || haveSameKeys(dimension, other.dimension, count)
  })

/** Keys that are kept in the store are another dimension each time, though mostly of the same keys. */
function haveSameKeys(a: Dimension<any>, b: Dimension<any>, count: number): boolean {
  if (a.kind !== 'keys' || b.kind !== 'keys') return false
  for (let index = 0; index < count; index++) if (a.at(index) !== b.at(index)) return false
  return true
}

/** What an evaluation without events was made from: as long as all of it is the same, so is the answer. */
interface Quiet {
  readonly asset: AnyAsset
  readonly crons: readonly Cron[]
  readonly read: readonly { readonly name: string; readonly revision: string | number; readonly space: Space }[]
}
const quiet = new WeakMap<AssetCursor, Quiet>()

function isQuiet({ facts, cursor, now, space, requested }: Tick, asset: AnyAsset, before: AssetCursor): boolean {
  const was = quiet.get(before)
  if (was?.asset !== asset) return false
  for (const cron of was.crons) if ((cron.atOrBefore(now) ?? 0) > cursor!.at) return false
  return was.read.every(
    (one) => one.revision === facts.revision(one.name) && one.space === space(one.name) && !requested.has(one.name),
  )
}

function evaluateAsset(tick: Tick, asset: AnyAsset, condition: Condition): { verdict: Verdict; after: AssetCursor } {
  const { id, crons } = compiled(condition)
  const kept = tick.cursor?.assets.get(asset.name)
  const layout = tick.cursor?.layouts.get(asset.name)
  const isKnown = kept?.condition === id && layout && recalled(kept.requested.bits, layout, tick.space(asset.name))
  const root: Root = {
    ...tick,
    asset,
    before: kept,
    isInitial: !isKnown,
    clauses: new Map(),
    codeVersions: {},
    read: new Set(),
    hadEvent: false,
  }
  const verdict = evaluate(root, condition, asset, '')
  const after: AssetCursor = {
    condition: id,
    requested: { asset: asset.name, bits: verdict.set.bits },
    clauses: root.clauses,
    codeVersions: root.codeVersions,
  }
  const names = [...root.read]
  if (!root.hadEvent && isEmpty(verdict.set) && !names.some((name) => tick.requested.has(name))) {
    const read = names.map((name) => ({
      name,
      revision: tick.facts.revision(name),
      space: tick.space(name),
    }))
    quiet.set(after, { asset, crons, read })
  }
  return { verdict, after }
}

/** Where a condition is true of `asset`, which the asset of the condition reads along `path`. */
function evaluate(root: Root, condition: Condition, asset: AnyAsset, path: string): Verdict {
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
      const parts = condition.of.map((one) => evaluate(root, one, asset, path))
      const isAnd = condition.type === 'and'
      const set = parts.reduce(
        (sum, one) => (isAnd ? intersection(sum, one.set) : union(sum, one.set)),
        isAnd ? allPartitions(space) : noPartitions(space),
      )
      return done(set, parts)
    }
    case 'not': {
      const part = evaluate(root, condition.of, asset, path)
      return done(difference(allPartitions(space), part.set), [part])
    }
    case 'newlyTrue': {
      const part = evaluate(root, condition.of, asset, path)
      const set = difference(part.set, remembered(root, condition, asset, path))
      root.clauses.set(path + compiled(condition).id, { asset: asset.name, bits: part.set.bits })
      return done(event(root, set), [part])
    }
    case 'since': {
      const [part, reset] = [evaluate(root, condition.of, asset, path), evaluate(root, condition.reset, asset, path)]
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
        const part = evaluate(root, condition.of, assetNamed(root.all, dependency.name), `${path}${input}/`)
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

interface Compiled {
  /** The same for the same condition, whatever it is called. */
  readonly id: string
  /** All that occur in it. */
  readonly crons: readonly Cron[]
}
const known = new WeakMap<Condition, Compiled>()

function compiled(condition: Condition): Compiled {
  let found = known.get(condition)
  if (!found) {
    const { label: _, ...unlabeled } = condition
    const id = createHash('sha256').update(JSON.stringify(unlabeled)).digest('hex').slice(0, 12)
    const own = condition.type === 'cronTickPassed' ? [cronOf(condition.cron, condition.timezone)] : []
    found = { id, crons: [...own, ...partsOf(condition).flatMap((one) => compiled(one).crons)] }
    known.set(condition, found)
  }
  return found
}
