import type { AnyAsset } from '../define/asset.ts'
import type { Definitions } from '../define/definitions.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { Relation } from '../plan/relation.ts'
import { relationsOf } from '../plan/relation.ts'
import type { AsOf } from '../plan/space.ts'
import { keyAt, ordinalOf } from '../plan/space.ts'
import { combinedVersion, staleReason } from '../plan/staleness.ts'
import type { PartitionRow, RunStore } from '../store/port.ts'

/** Partitions that are read by those compared, of all inputs together. */
const mostSources = 20_000

/**
 * Why each of some published partitions is stale, `undefined` where it is fresh. Reads those partitions and what they
 * read, and nothing else; those beyond so much that is read are not compared, and absent.
 */
export async function staleReasons(
  { definitions, store }: { readonly definitions: Definitions; readonly store: RunStore },
  asset: AnyAsset,
  rows: readonly PartitionRow[],
  asOf: AsOf,
): Promise<ReadonlyMap<PartitionKey, string | undefined>> {
  const reasons = new Map<PartitionKey, string | undefined>()
  const { space, inputs } = relationsOf(asset, definitions, asOf)
  const readings: Reading[] = inputs.map(({ name, relation }) => ({ name, relation, sources: [], wanted: new Set() }))
  const compared: { readonly row: PartitionRow; readonly at: number }[] = []
  let left = mostSources
  for (const row of rows) {
    const ordinal = ordinalOf(space, asset.partitions, row.key)
    if (asset.external || ordinal < 0) {
      reasons.set(row.key, undefined)
      continue
    }
    const sources = readings.map(({ relation }) => relation.sourcesOf(ordinal))
    left -= sources.reduce((sum, { length }) => sum + length, 0)
    if (left < 0) break
    for (const [input, reading] of readings.entries()) {
      const keys = sources[input]!.map((source) => keyAt(reading.relation.source, source))
      for (const key of keys) reading.wanted.add(key)
      reading.sources.push(keys)
    }
    compared.push({ row, at: compared.length })
  }
  const versions = await Promise.all(readings.map((reading) => versionsOf(store, reading)))
  for (const { row, at } of compared) {
    const read = readings.map(({ name, sources }, input) => {
      const files = sources[at]!.flatMap((key) => {
        const version = versions[input]!.get(key)
        return version === undefined ? [] : [{ key, version }]
      })
      return [name, combinedVersion(files)] as const
    })
    reasons.set(row.key, staleReason(row.state, { codeVersion: asset.codeVersion, inputs: Object.fromEntries(read) }))
  }
  return reasons
}

interface Reading {
  readonly name: string
  readonly relation: Relation
  /** Keys that each of those compared reads, in their order. */
  readonly sources: PartitionKey[][]
  readonly wanted: Set<PartitionKey>
}

async function versionsOf(store: RunStore, { relation, wanted }: Reading): Promise<ReadonlyMap<PartitionKey, string>> {
  const rows = await store.partitionsOf(relation.dependency.name, [...wanted])
  return new Map(rows.flatMap(({ key, state }) => (state.published ? [[key, state.published.version] as const] : [])))
}
