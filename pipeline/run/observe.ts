import { checkedVersion } from '../define/data-version.ts'
import type { Definitions } from '../define/definitions.ts'
import { assetNamed } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import { checkedMetadata } from '../define/metadata.ts'
import type { SeenAsset } from '../define/observing.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { AsOf } from '../plan/space.ts'
import { ordinalOf, spaceOf } from '../plan/space.ts'
import type { Observation } from '../store/port.ts'
import { newId } from './identity.ts'

/**
 * What was seen, as it is taken down. Throws `asset.unknown`, `asset.not-external`, `version.malformed`,
 * `metadata.malformed`, and `partition.malformed` for one that does not exist.
 */
export function observationOf(all: Definitions, name: string, seen: SeenAsset, asOf: AsOf): Observation {
  const asset = assetNamed(all, name)
  if (!asset.external) throw new PipelineError('asset.not-external', { asset: name })
  const { version, key = '' as PartitionKey, file, metadata = {} } = seen
  if (ordinalOf(spaceOf(asset.partitions, asOf), asset.partitions, key) < 0) {
    throw new PipelineError('partition.malformed', { key, expected: `a partition of "${name}" that exists by now` })
  }
  const at = asOf.now.getTime()
  return {
    ...{ id: newId(at), asset: name, key, version: checkedVersion(name, version), at },
    ...(file && { file }),
    metadata: checkedMetadata(name, metadata),
  }
}
