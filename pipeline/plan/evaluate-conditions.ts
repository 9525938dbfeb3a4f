import type { AnyAsset } from '../define/asset.ts'
import type { Condition } from '../define/condition.ts'
import type { Cron } from '../define/cron.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { Dimension } from '../define/partition.ts'
import type { AssetCursor, AutomationCursor, Layout } from './automation-cursor.ts'
import { layoutOf, recalled } from './automation-cursor.ts'
import { compiled } from './compile-condition.ts'
import type { AutomationFacts, Root, Tick, Verdict } from './evaluate-clause.ts'
import { evaluateClause } from './evaluate-clause.ts'
import type { PartitionSet } from './partition-set.ts'
import { isEmpty } from './partition-set.ts'
import type { AsOf, Space } from './space.ts'
import { spaceOf } from './space.ts'

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
  const verdict = evaluateClause(root, condition, asset, '')
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
