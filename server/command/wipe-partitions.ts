import type { Engine } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { askedPartitions } from '../query/asked-partitions.ts'

/** Makes partitions missing again; those that a worker is making stay as they are. */
export async function wipePartitions(engine: Engine, ask: Asked<'wipe'>): Promise<Answer<'wipe'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const now = engine.clock()
  const filter = askedPartitions([asset], ask.partitions, { now, keys: await engine.keys(now) })
  const { wiped, held } = await engine.wipe({ asset: asset.name, filter })
  return { wiped: wiped.length, held: held.length }
}
