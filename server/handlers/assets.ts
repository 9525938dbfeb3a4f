import { changeKeys } from '../command/change-keys.ts'
import { rollBack } from '../command/roll-back.ts'
import { wipePartitions } from '../command/wipe-partitions.ts'
import type { assetEndpoints } from '../contract/assets.ts'
import { listChecks } from '../query/asset-checks.ts'
import { assetDetails } from '../query/asset-details.ts'
import { listAssetEvents } from '../query/asset-events.ts'
import { assetGraph } from '../query/asset-graph.ts'
import { lineageOf } from '../query/asset-lineage.ts'
import { listAssets } from '../query/asset-rows.ts'
import { gridOf } from '../query/grid.ts'
import { onePartition } from '../query/one-partition.ts'
import { listPartitions } from '../query/partition-list.ts'
import { preview } from '../query/preview.ts'
import { selectionOptions } from '../query/selection-options.ts'
import { stalenessOf } from '../query/staleness.ts'
import { listVersions } from '../query/versions.ts'
import { whyAsked } from '../query/why-asked.ts'
import type { Handlers } from '../served.ts'

export const assetHandlers: Handlers<keyof typeof assetEndpoints> = {
  assets: ({ engine }, asked) => listAssets(engine, asked),
  graph: async ({ engine }, asked) => assetGraph(engine, asked),
  completeSelection: async ({ engine }, asked) => selectionOptions(engine.definitions, asked),
  asset: ({ engine }, asked) => assetDetails(engine, asked),
  grid: ({ engine }, asked) => gridOf(engine, asked),
  partitions: ({ engine }, asked) => listPartitions(engine, asked),
  partition: ({ engine }, asked) => onePartition(engine, asked),
  staleness: ({ engine }, asked) => stalenessOf(engine, asked),
  materializations: ({ engine }, asked) => listVersions(engine, asked),
  assetEvents: ({ engine }, asked) => listAssetEvents(engine, asked),
  checks: ({ engine }, asked) => listChecks(engine, asked),
  lineage: ({ engine }, asked) => lineageOf(engine, asked),
  preview,
  why: ({ engine }, asked) => whyAsked(engine, asked),
  wipe: ({ engine }, asked) => wipePartitions(engine, asked),
  rollback: ({ engine }, asked) => rollBack(engine, asked),
  dynamicKeys: async ({ engine }, { dimension }) => ({ keys: [...(await engine.keysOf(dimension))] }),
  changeKeys: ({ engine }, asked) => changeKeys(engine, asked),
}
