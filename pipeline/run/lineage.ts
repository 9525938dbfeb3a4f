import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import { downstreamOf } from '../plan/reachable-assets.ts'
import { relationsOf } from '../plan/relation.ts'
import type { AsOf } from '../plan/space.ts'
import { keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { KeptMaterialization, RunStore } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'

export interface LineageAsk {
  /** `up`: what a partition was made from; `down`: what was made from it. */
  readonly direction: 'up' | 'down'
  /** Steps away from the partition; all of them if absent. */
  readonly depth?: number
  /** Versions shown at most, 200 if absent. */
  readonly most?: number
  /** ms; downwards, which partitions of a large asset may have read one is decided as of then. The present if absent. */
  readonly now?: number
}

/** One version of one partition among what it was made from, or among what was made from it. */
export interface LineageNode {
  readonly asset: string
  readonly key: PartitionKey
  /** Its id. */
  readonly materialization: string
  /** Empty where no run made it. */
  readonly run: string
  /** ms. */
  readonly at: number
  readonly rows: number
  readonly metadata: Metadata
  /** `superseded`: another version is published since, or none; `removed`: and its file was given up. */
  readonly status: 'published' | 'superseded' | 'removed'
  /** Downwards: what it read has other rows by now, so that it is stale. */
  readonly isStale: boolean
  /** It is shown elsewhere in the tree, with what follows. */
  readonly isRepeated: boolean
  readonly edges: readonly LineageEdge[]
}

export interface LineageEdge {
  /** The name under which the one reads the other. */
  readonly input: string
  readonly nodes: readonly LineageNode[]
  /** How many are not shown; -1 if what was read was not written down. */
  readonly more: number
}

/** Versions shown of one input, so that a wide one leaves room for the others. */
const width = 20
/** Earlier versions of a partition whose readers are looked for. */
const mostVersions = 100
/** Readers of one partition that are counted. */
const mostReaders = 1_000
/** Of an asset with more partitions only those are looked at that read the partition by their mapping. */
const mostLooked = 5_000

/**
 * From what the published version of a partition was made, or what was made from the partition's versions and is
 * published: nearest first, as far as the bounds allow. Throws `asset.unknown` and `lineage.unpublished`.
 */
export async function lineage(
  on: { readonly store: RunStore; readonly definitions: Definitions },
  asset: string,
  key: PartitionKey,
  ask: LineageAsk,
): Promise<LineageNode> {
  const versions = await on.store.history(assetNamed(on.definitions, asset).name, key)
  const published = versions.find(({ supersededAt }) => supersededAt === null)
  // What was wiped may have readers all the same.
  const start =
    published ?? (ask.direction === 'down' ? versions.find(({ status }) => status === 'published') : undefined)
  if (!start) throw new PipelineError('lineage.unpublished', { asset, key })
  const now = ask.now ?? Date.now()
  const asOf = { now: new Date(now), keys: await keysAt(on, now) }
  const edgesOf = (made: KeptMaterialization, take: Take) =>
    ask.direction === 'up' ? sourcesOf(on, made, take) : readersOf(on, asOf, made, take)

  const root = growing(start, false)
  const known = new Set([start.number])
  let left = (ask.most ?? 200) - 1
  let level = [root]
  for (let depth = 0; level.length > 0; depth++) {
    const next: Growing[] = []
    for (const node of level) {
      const isAtEnd = depth >= (ask.depth ?? Number.POSITIVE_INFINITY)
      const take = (count: number) => {
        const taken = isAtEnd ? 0 : Math.min(count, width, left)
        left -= taken
        return taken
      }
      for (const { input, found, more } of await edgesOf(node.made, take)) {
        const nodes = found.map(({ made, isStale }) => {
          const isRepeated = known.has(made.number)
          const child = { ...growing(made, isStale), isRepeated }
          known.add(made.number)
          if (!isRepeated) next.push(child)
          return child
        })
        node.edges.push({ input, nodes, more })
      }
    }
    level = next
  }
  return settled(root)
}

interface Growing extends Omit<LineageNode, 'edges'> {
  readonly made: KeptMaterialization
  readonly edges: { readonly input: string; readonly nodes: readonly Growing[]; readonly more: number }[]
}

/** Takes room for as many of so many versions as there is. */
type Take = (count: number) => number

interface Found {
  readonly input: string
  readonly found: readonly { readonly made: KeptMaterialization; readonly isStale: boolean }[]
  readonly more: number
}

async function sourcesOf(
  on: { readonly store: RunStore },
  made: KeptMaterialization,
  take: Take,
): Promise<readonly Found[]> {
  const edges: Found[] = []
  for (const input of new Set([...Object.keys(made.inputs), ...Object.keys(made.sources)])) {
    const numbers = made.sources[input]
    if (!numbers) {
      edges.push({ input, found: [], more: -1 })
      continue
    }
    const shown = numbers.slice(0, take(numbers.length))
    const found = (await on.store.materializations(shown)).map((source) => ({ made: source, isStale: false }))
    edges.push({ input, found, more: numbers.length - found.length })
  }
  return edges
}

async function readersOf(
  on: { readonly store: RunStore; readonly definitions: Definitions },
  asOf: AsOf,
  made: KeptMaterialization,
  take: Take,
): Promise<readonly Found[]> {
  const assets = [...downstreamOf(on.definitions, [made.asset], 1)]
  if (assets.length === 0) return []
  const versions = (await on.store.history(made.asset, made.key)).filter(({ status }) => status === 'published')
  const current = versions.find(({ supersededAt }) => supersededAt === null)?.version
  const byNumber = new Map(versions.slice(0, mostVersions).map((version) => [version.number, version]))
  const isLarge = (name: string) => spaceOf(on.definitions.assets.get(name)!.partitions, asOf).size > mostLooked
  const small = assets.filter((name) => !isLarge(name))
  const readers = [
    ...(small.length === 0 ? [] : await on.store.readersOf([...byNumber.keys()], small, mostReaders)),
    ...(await Promise.all(assets.filter(isLarge).map((name) => mappedReaders(on, asOf, made, name)))).flat(),
  ]
  const byInput = new Map<string, { made: KeptMaterialization; isStale: boolean }[]>()
  for (const reader of readers) {
    for (const [input, numbers] of Object.entries(reader.sources)) {
      const read = numbers.find((number) => byNumber.has(number))
      if (read === undefined) continue
      const name = `${reader.asset} ${input}`
      const isStale = byNumber.get(read)!.version !== current
      byInput.set(name, [...(byInput.get(name) ?? []), { made: reader, isStale }])
    }
  }
  return Array.from(byInput, ([name, all]) => {
    const found = all.slice(0, take(all.length))
    return { input: name.slice(name.indexOf(' ') + 1), found, more: all.length - found.length }
  })
}

/** The published versions of those partitions of an asset that read another by their mapping. */
async function mappedReaders(
  { store, definitions }: { readonly store: RunStore; readonly definitions: Definitions },
  asOf: AsOf,
  made: KeptMaterialization,
  reader: string,
): Promise<readonly KeptMaterialization[]> {
  const { space, inputs } = relationsOf(definitions.assets.get(reader)!, definitions, asOf)
  const keys = new Set<PartitionKey>()
  for (const { relation } of inputs.filter(({ relation }) => relation.dependency.name === made.asset)) {
    const source = ordinalOf(relation.source, definitions.assets.get(made.asset)!.partitions, made.key)
    const ordinals = source < 0 ? [] : relation.readersOf(source)
    for (const ordinal of ordinals.slice(0, mostReaders)) keys.add(keyAt(space, ordinal))
  }
  return store.currentOf(reader, [...keys])
}

const growing = (made: KeptMaterialization, isStale: boolean): Growing => ({
  made,
  asset: made.asset,
  key: made.key,
  materialization: made.id,
  run: made.run,
  at: made.at,
  rows: made.rows,
  metadata: made.metadata,
  status: made.removedAt !== null ? 'removed' : made.supersededAt !== null ? 'superseded' : 'published',
  isStale,
  isRepeated: false,
  edges: [],
})

const settled = ({ made: _, edges, ...node }: Growing): LineageNode => ({
  ...node,
  edges: edges.map((edge) => ({ ...edge, nodes: edge.nodes.map(settled) })),
})
