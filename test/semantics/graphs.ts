/** Graphs of the case tables as our definitions. */
import { z } from 'zod'
import type { AnyAsset, Definitions, PartitionKey, RunAsk } from '#pipeline'
import { defineAsset, definitions, memoryIo, provide } from '#pipeline'
import type { AnyDependency } from '../../pipeline/define/mapping.ts'
import type { PartitionSet } from '../../pipeline/plan/partition-set.ts'
import { keyAt, spaceOf } from '../../pipeline/plan/space.ts'
import type { Mapping } from './mappings.ts'
import { dependencyOf } from './mappings.ts'
import type { CaseKey, Definition } from './vocabulary.ts'
import { caseKeyOf, dimensionsOf, keyFrom } from './vocabulary.ts'

export interface CaseAsset {
  readonly key: string
  readonly partitions?: Definition
  readonly deps?: readonly (string | { readonly key: string; readonly mapping?: Mapping })[]
  readonly codeVersion?: string
  readonly [field: string]: any
}

/** Late enough for every partition that a case without an instant names. */
export const whenever = '2026-01-01T00:00:00Z'

const output = z.strictObject({ n: z.int() })

/** One asset for each of the graph. Those that are cut alike share their dimensions, as authors would have them. */
export function definitionsOf(
  graph: readonly CaseAsset[],
  author: (name: string, key: PartitionKey) => Promise<readonly { n: number }[]> = async () => [],
): Definitions {
  const byName = new Map(graph.map((one) => [one.key, one]))
  const shared = new Map<string, ReturnType<typeof dimensionsOf>>()
  const dimensions = (of: Definition | undefined) => {
    const text = JSON.stringify(of ?? null)
    if (!shared.has(text)) shared.set(text, dimensionsOf(of))
    return shared.get(text)!
  }
  const assets = graph.map(({ key, partitions, deps = [], codeVersion }) => {
    const dependencies = deps.map((dep): [string, AnyDependency] => {
      const { key: name, mapping } = typeof dep === 'string' ? { key: dep, mapping: undefined } : dep
      const dependency = dependencyOf(name, partitions, byName.get(name)?.partitions, mapping)
      // Nobody here makes a source, whether it is observed or not.
      const read = byName.get(name)
      const isOptional = read?.source === true || read?.observable === true
      return [name, { ...dependency, output, ...(isOptional && { optional: true }) }]
    })
    return defineAsset({
      name: key,
      partitions: dimensions(partitions),
      deps: Object.fromEntries(dependencies) as {},
      output,
      ...(codeVersion !== undefined && { codeVersion }),
      retry: { attempts: 1, backoff: '1s', most: '1s' },
      run: (run: { key: PartitionKey }) => author(key, run.key),
    } as never) as AnyAsset
  })
  return definitions({ assets: assets as never, resources: {}, io: provide(memoryIo) })
}

/** Partition keys of a case's, by asset, of a set of ours. */
export function keysOf(asset: CaseAsset, set: PartitionSet, ordinals: Iterable<number>): readonly CaseKey[] {
  return Array.from(ordinals, (ordinal) => caseKeyOf(asset.partitions, keyAt(set.space, ordinal)))
}

/** What a backfill of these partitions asks for: of the roots of the selection, the others follow. */
export function askFor(
  all: Definitions,
  graph: readonly CaseAsset[],
  of: { readonly select?: readonly string[]; readonly keys?: readonly CaseKey[]; readonly now: Date },
): RunAsk {
  const assets = of.select ?? graph.map(({ key }) => key)
  const base = { assets, mode: 'all', now: of.now.getTime(), reason: 'case' } as const
  if (!of.keys) return { ...base, filter: { keys: {} } }
  const root = graph.find(({ key, partitions }) => assets.includes(key) && partitions)!
  const keys: Record<string, string[]> = {}
  const spans: { start: number; end: number }[] = []
  for (const key of of.keys) {
    const asset = all.assets.get(root.key)!
    const space = spaceOf(asset.partitions, { now: of.now })
    for (const { name, dimension } of space.axes) {
      const part = partOfKey(keyFrom(root.partitions, key), name)
      const value = dimension.decode(part)
      if (dimension.kind === 'keys') keys[name] = [...(keys[name] ?? []), value]
      else spans.push({ start: value.start.getTime(), end: value.end.getTime() })
    }
  }
  return { ...base, follow: true, filter: spans.length > 0 ? { keys, spans } : { keys } }
}

const partOfKey = (key: PartitionKey, name: string): string =>
  key
    .split('/')
    .find((part) => part.startsWith(`${name}=`))!
    .slice(name.length + 1)
