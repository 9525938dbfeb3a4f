import type { AnyAsset } from '../define/asset.ts'
import { depsOf } from '../define/asset.ts'
import type { RunOptions } from '../define/automation.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { PipelineError } from '../define/errors.ts'
import type { InputVersions } from '../define/io.ts'
import { refuseParams } from '../define/params.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { PartitionSet } from './partition-set.ts'
import {
  add,
  allPartitions,
  difference,
  has,
  intersection,
  isEmpty,
  noPartitions,
  ordinals,
  parseSet,
  remove,
  size,
  union,
} from './partition-set.ts'
import type { AssetStates, StatusBytes } from './partition-status.ts'
import { readablePartitions, statusAt, withStatus } from './partition-status.ts'
import type { Relation } from './relation.ts'
import { relationOf, relationsOf } from './relation.ts'
import type { PartitionFilter } from './select-partitions.ts'
import { filtered } from './select-partitions.ts'
import type { AsOf, Space } from './space.ts'
import { keyAt, spaceOf } from './space.ts'
import { combinedVersion, staleReason } from './staleness.ts'

/** A request to make partitions; plain data, kept with the run so that a restart plans the same again. */
export interface RunAsk extends RunOptions {
  /** Names of assets. */
  readonly assets: readonly string[]
  readonly filter: PartitionFilter
  /**
   * `needed`: what is missing, failed or stale. `sources`: also whatever of the selection reads nothing of the
   * selection. `all`: everything selected. `missing` takes what has no version, whatever was tried; `failed` what failed
   * or was rejected; `stale` what was made by other code or from other inputs. The first two look at no versions.
   */
  readonly mode: RunMode
  /**
   * The filter chooses partitions of the assets that read no partitioned asset of the selection, and the others follow:
   * what reads the chosen ones, through every mapping. Without it the filter is put to each asset by itself.
   */
  readonly follow?: boolean
  /** By asset, as `printSet` writes them: exactly these partitions, whatever the filter. */
  readonly sets?: Readonly<Record<string, string>>
  /** ms; which partitions exist is decided as of this instant. */
  readonly now: number
  readonly reason: string
  /** The run that this one runs again. */
  readonly rerunOf?: string
  /** Runs whose work is not repeated. */
  readonly keeps?: readonly string[]
}

export type RunMode = 'needed' | 'sources' | 'all' | 'missing' | 'failed' | 'stale'

/** One partition to make. */
export interface PlannedStep {
  readonly asset: string
  readonly key: PartitionKey
  readonly why: string
  /** Said of a step that can not run, because a required input neither exists nor is planned. */
  readonly blocked: string | undefined
}

/** What is to be made of one asset: sets of ordinals, so that a million partitions take a few hundred kilobytes. */
export interface PlannedAsset {
  readonly asset: AnyAsset
  readonly space: Space
  readonly todo: PartitionSet
  /** Those of `todo` that can not run. */
  readonly blocked: PartitionSet
  /** What it reads, by input name; `planned` is the place of what is read among the planned assets, -1 if it is not. */
  readonly inputs: readonly { readonly name: string; readonly planned: number; readonly relation: Relation }[]
  why(ordinal: number): string
  blockedBy(ordinal: number): string | undefined
}

export interface Plan {
  readonly now: number
  /** Upstream before downstream. */
  readonly assets: readonly PlannedAsset[]
  /** How many partitions are to be made. */
  readonly size: number
  /** Selected partitions that are fresh, by asset. */
  readonly fresh: Readonly<Record<string, number>>
}

export type CatalogueStates = ReadonlyMap<string, AssetStates>

/** The asks of a mode that are answered from statuses alone. */
export const needsVersions = ({ mode, keeps }: RunAsk): boolean =>
  mode === 'needed' || mode === 'sources' || mode === 'stale' || keeps !== undefined

/**
 * Which partitions to make so that everything asked for is as it should be, and what waits for what.
 * `states` holds the selected assets and what they read; `resumed` is the run that is taken up again, whose own work is
 * not repeated either; `keys` are those that dynamic dimensions had at the instant of the ask. Throws `asset.unknown`,
 * `asset.external`, `selection.empty`, `partition.upstream-nonexistent`, `params.invalid` and `params.unexpected`.
 */
export function planRun(
  ask: RunAsk,
  all: Definitions,
  states: CatalogueStates,
  { resumed, keys = {} }: { readonly resumed?: string | undefined; readonly keys?: DynamicKeys } = {},
): Plan {
  const asOf: AsOf = { now: new Date(ask.now), keys }
  const names = new Set(ask.assets.map((name) => assetNamed(all, name).name))
  for (const asset of names) if (assetNamed(all, asset).external) throw new PipelineError('asset.external', { asset })
  refuseParams(
    [...names].map((name) => assetNamed(all, name)),
    ask.params,
  )
  const kept = new Set(resumed === undefined ? ask.keeps : [...(ask.keeps ?? []), resumed])
  const planned: PlannedAsset[] = []
  const places = new Map<string, number>()
  const fresh: Record<string, number> = {}
  const chosen: Chosen[] = []
  let selected = 0

  for (const asset of all.assets.values()) {
    if (!names.has(asset.name)) continue
    const space = spaceOf(asset.partitions, asOf)
    const reading = readingOf(asset, space, all, states, asOf, planned, places)
    const followed = reading.flatMap(({ planned, relation }) => {
      const leader = chosen[planned]
      return leader?.isCut ? [relation.allReadersOf(leader.wanted)] : []
    })
    const wanted = wantedOf(ask, asset, space, followed)
    chosen.push({ wanted, isCut: space.axes.length > 0 || followed.length > 0 })
    selected += size(wanted)
    const own = chooseSteps(ask, asset, space, wanted, reading, states.get(asset.name), kept)
    const left = size(wanted) - size(own.todo)
    if (left > 0) fresh[asset.name] = left
    places.set(asset.name, planned.length)
    planned.push(own)
  }
  if (selected === 0) {
    throw new PipelineError('selection.empty', {
      selection: ask.assets.join(', '),
      why: 'no partition of it exists there',
    })
  }
  return { now: ask.now, assets: planned, size: planned.reduce((sum, { todo }) => sum + size(todo), 0), fresh }
}

/** What was selected of a planned asset, fresh or not. */
interface Chosen {
  readonly wanted: PartitionSet
  /** The asset is partitioned, or reads one of the selection that is: what reads it follows. */
  readonly isCut: boolean
}

/** By asset what an ask selects, fresh or not, upstream before downstream. Throws `asset.unknown`. */
export function selectedBy(ask: RunAsk, all: Definitions, asOf: AsOf): ReadonlyMap<string, PartitionSet> {
  const names = new Set(ask.assets.map((name) => assetNamed(all, name).name))
  const chosen = new Map<string, Chosen>()
  for (const asset of all.assets.values()) {
    if (!names.has(asset.name)) continue
    const { space, inputs } = relationsOf(asset, all, asOf)
    const followed = inputs.flatMap(({ relation }) => {
      const leader = chosen.get(relation.dependency.name)
      return leader?.isCut ? [relation.allReadersOf(leader.wanted)] : []
    })
    const wanted = wantedOf(ask, asset, space, followed)
    chosen.set(asset.name, { wanted, isCut: space.axes.length > 0 || followed.length > 0 })
  }
  return new Map(Array.from(chosen, ([name, { wanted }]) => [name, wanted]))
}

function wantedOf(ask: RunAsk, asset: AnyAsset, space: Space, followed: readonly PartitionSet[]): PartitionSet {
  if (ask.sets) return parseSet(space, ask.sets[asset.name] ?? '')
  if (!ask.follow || followed.length === 0) return filtered(space, ask.filter)
  return followed.reduce(union, noPartitions(space))
}

/** The steps of a plan one by one, upstream before downstream. */
export function* stepsOf({ assets }: Plan): Generator<PlannedStep> {
  for (const planned of assets) {
    for (const ordinal of ordinals(planned.todo)) {
      yield {
        asset: planned.asset.name,
        key: keyAt(planned.space, ordinal),
        why: planned.why(ordinal),
        blocked: planned.blockedBy(ordinal),
      }
    }
  }
}

/** One input of an asset that is being planned. */
interface Reading {
  readonly name: string
  readonly planned: number
  readonly relation: Relation
  /** What of it will be made by this run. */
  readonly coming: PartitionSet
  /** What of it can be read now. */
  readonly there: PartitionSet
  readonly states: AssetStates | undefined
}

function readingOf(
  asset: AnyAsset,
  reader: Space,
  all: Definitions,
  states: CatalogueStates,
  asOf: AsOf,
  planned: readonly PlannedAsset[],
  places: ReadonlyMap<string, number>,
): readonly Reading[] {
  return depsOf(asset).map(([name, dependency]) => {
    const isOwn = dependency.name === asset.name
    const upstream = isOwn ? asset : assetNamed(all, dependency.name)
    const at = isOwn ? planned.length : (places.get(dependency.name) ?? -1)
    const source = isOwn ? reader : (planned[at]?.space ?? spaceOf(upstream.partitions, asOf))
    const known = states.get(dependency.name)
    return {
      name,
      planned: at,
      relation: relationOf(dependency, reader, source),
      coming: planned[at]?.todo ?? noPartitions(source),
      there: thereOf(upstream, source, known),
      states: known,
    }
  })
}

/** What others make is taken to be there, whether anything was seen of it or not. */
function thereOf({ external, partitions }: AnyAsset, space: Space, known: AssetStates | undefined): PartitionSet {
  if (external) return allPartitions(space)
  return known ? readablePartitions(space, known.statuses(space, partitions)) : noPartitions(space)
}

function chooseSteps(
  ask: RunAsk,
  asset: AnyAsset,
  space: Space,
  wanted: PartitionSet,
  reading: readonly Reading[],
  states: AssetStates | undefined,
  kept: ReadonlySet<string>,
): PlannedAsset {
  const statuses = states?.statuses(space, asset.partitions) ?? new Uint8Array(space.size)
  const following = readersOfComing(space, reading)
  const isSource = !reading.some(({ planned, relation }) => planned >= 0 && relation.reader !== relation.source)
  const always = ask.mode === 'all' || (ask.mode === 'sources' && isSource)
  const inputs = reading.map(({ name, planned, relation }) => ({ name, planned, relation }))
  /** Why one that is published is stale, inputs apart that are known to be made first. */
  const staleAt = (ordinal: number, apart?: InputVersions) => {
    const versions = versionsOf(reading, ordinal)
    const inputs = apart ? { ...versions, ...apart } : versions
    return staleReason(states!.get(keyAt(space, ordinal)), { codeVersion: asset.codeVersion, inputs })
  }

  let todo: PartitionSet
  if (always) todo = withoutKept(wanted, statuses, space, states, kept)
  else if (ask.mode === 'missing') todo = difference(wanted, readablePartitions(space, statuses))
  else if (ask.mode === 'failed') todo = intersection(wanted, withStatus(space, statuses, ['failed', 'rejected']))
  else {
    const fine = intersection(wanted, withStatus(space, statuses, ['published']))
    todo = intersection(fine, following)
    for (const ordinal of ordinals(difference(fine, todo))) {
      if (staleAt(ordinal) !== undefined) add(todo, ordinal)
    }
    if (ask.mode !== 'stale') todo = union(todo, difference(wanted, fine))
    followOwn(reading, todo, wanted)
  }
  refuseNonexistent(asset, space, todo, reading)
  const blocked = blockedOf(space, todo, reading)
  return {
    asset,
    space,
    todo,
    blocked,
    inputs,
    why(ordinal) {
      if (always) return 'asked for'
      const status = statusAt(statuses, ordinal)
      const coming = reading.filter((one) => readsComing(one, ordinal, todo))
      if (status === 'published') {
        const { inputs: made } = states!.get(keyAt(space, ordinal))!.published!
        const known = coming.filter(({ name }) => Object.hasOwn(made, name))
        const own = staleAt(ordinal, Object.fromEntries(known.map(({ name }) => [name, made[name]!])))
        return [own ?? [], known.map(readsFirst)].flat().join('; ')
      }
      const [first] = coming
      return status === 'missing' && first && needsVersions(ask) ? readsFirst(first) : reasons[status]
    },
    blockedBy(ordinal) {
      if (!has(blocked, ordinal)) return undefined
      for (const one of reading) {
        if (one.relation.dependency.optional) continue
        const absent = one.relation
          .sourcesOf(ordinal)
          .filter((source) => !has(comingOf(one, todo), source) && !has(one.there, source))
        if (absent.length === 0) continue
        return new PipelineError('run.input-missing', {
          asset: asset.name,
          key: keyAt(space, ordinal),
          dependency: one.relation.dependency.name,
          keys: listed(absent.map((source) => keyAt(one.relation.source, source))),
        }).message
      }
      return undefined
    },
  }
}

const reasons = {
  missing: 'missing',
  failed: 'failed before',
  rejected: 'rejected before',
} as const

const readsFirst = ({ relation }: Reading) => `reads "${relation.dependency.name}", which is made first`

const readsComing = (one: Reading, ordinal: number, todo: PartitionSet): boolean =>
  one.relation.sourcesOf(ordinal).some((source) => has(comingOf(one, todo), source))

/** What is made of an input; of an asset that reads itself that is its own. */
const comingOf = (one: Reading, todo: PartitionSet): PartitionSet => (isOwnInput(one) ? todo : one.coming)

const isOwnInput = ({ relation }: Reading): boolean => relation.reader === relation.source

function readersOfComing(space: Space, reading: readonly Reading[]): PartitionSet {
  return reading.reduce(
    (all, { relation, coming }) => (isEmpty(coming) ? all : union(all, relation.allReadersOf(coming))),
    noPartitions(space),
  )
}

/** Where an asset reads its own earlier partitions, whatever is made takes those after it along. */
function followOwn(reading: readonly Reading[], todo: PartitionSet, wanted: PartitionSet): void {
  for (const { relation } of reading.filter(isOwnInput)) {
    const next = [...ordinals(todo)]
    for (let source = next.pop(); source !== undefined; source = next.pop()) {
      for (const reader of relation.readersOf(source)) {
        if (has(todo, reader) || !has(wanted, reader)) continue
        add(todo, reader)
        next.push(reader)
      }
    }
  }
}

function withoutKept(
  wanted: PartitionSet,
  statuses: StatusBytes,
  space: Space,
  states: AssetStates | undefined,
  kept: ReadonlySet<string>,
): PartitionSet {
  if (kept.size === 0) return wanted
  const todo = { space, bits: wanted.bits.slice() }
  for (const ordinal of ordinals(intersection(wanted, withStatus(space, statuses, ['published'])))) {
    const run = states!.get(keyAt(space, ordinal))?.published?.run
    if (run !== undefined && kept.has(run)) remove(todo, ordinal)
  }
  return todo
}

/** The versions that a partition would read now, by input. */
function versionsOf(reading: readonly Reading[], ordinal: number): Record<string, string> {
  const inputs: Record<string, string> = {}
  for (const { name, relation, states } of reading) {
    const files = relation.sourcesOf(ordinal).flatMap((source) => {
      const key = keyAt(relation.source, source)
      const published = states?.get(key)?.published
      return published ? [{ key, version: published.version }] : []
    })
    inputs[name] = combinedVersion(files)
  }
  return inputs
}

/** Those of `todo` that lack a required input which this run does not make either, and those that wait for such ones. */
function blockedOf(space: Space, todo: PartitionSet, reading: readonly Reading[]): PartitionSet {
  let blocked = noPartitions(space)
  for (const one of reading) {
    if (one.relation.dependency.optional) continue
    const absent = difference(complement(comingOf(one, todo)), one.there)
    if (!isEmpty(absent)) blocked = union(blocked, intersection(todo, one.relation.allReadersOf(absent)))
  }
  return blocked
}

function complement(set: PartitionSet): PartitionSet {
  const all = noPartitions(set.space)
  for (let at = 0; at < all.bits.length; at++) all.bits[at] = ~set.bits[at]!
  const rest = set.space.size & 31
  if (rest > 0) all.bits[all.bits.length - 1]! &= -1 >>> (32 - rest)
  return all
}

function refuseNonexistent(asset: AnyAsset, space: Space, todo: PartitionSet, reading: readonly Reading[]): void {
  for (const { relation } of reading) {
    if (relation.dependency.optional) continue
    const reader = relation.firstInVain(todo)
    if (reader === undefined) continue
    throw new PipelineError('partition.upstream-nonexistent', {
      asset: asset.name,
      key: keyAt(space, reader),
      dependency: relation.dependency.name,
      keys: listed(relation.nonexistent(reader)),
    })
  }
}

/** A few keys as text, and how many more there are. */
export function listed(keys: readonly string[], most = 3): string {
  const shown = keys.slice(0, most).map((key) => `"${key}"`)
  return keys.length > most ? `${shown.join(', ')} and ${keys.length - most} more` : shown.join(', ')
}
