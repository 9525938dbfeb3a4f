import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import type { Seen } from '../define/external-asset.ts'
import { checkedMetadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { AsOf } from '../plan/space.ts'
import { ordinalOf, spaceOf } from '../plan/space.ts'
import type { Observation } from '../store/port.ts'
import { newId } from './identity.ts'

/** What was seen of an external asset; without a key of the whole of it. */
export type SeenAsset = Seen & { readonly key?: PartitionKey }

const mostVersionLength = 200

/**
 * What was seen, as it is taken down. Throws `asset.unknown`, `asset.not-external`, `metadata.malformed`, and
 * `observation.malformed` for a version that is none and a partition that does not exist.
 */
export function observationOf(all: Definitions, name: string, seen: SeenAsset, asOf: AsOf): Observation {
  const asset = assetNamed(all, name)
  if (!asset.external) throw new PipelineError('asset.not-external', { asset: name })
  const { version, key = '' as PartitionKey, file, metadata = {} } = seen
  if (typeof version !== 'string' || version === '' || version.length > mostVersionLength) {
    const expected = `a version of 1 to ${mostVersionLength} characters`
    throw new PipelineError('observation.malformed', { asset: name, expected, got: String(version) })
  }
  if (ordinalOf(spaceOf(asset.partitions, asOf), asset.partitions, key) < 0) {
    const expected = 'a partition that exists by now'
    throw new PipelineError('observation.malformed', { asset: name, expected, got: key })
  }
  const at = asOf.now.getTime()
  return {
    ...{ id: newId(at), asset: name, key, version, at },
    ...(file && { file }),
    metadata: checkedMetadata(name, metadata),
  }
}
