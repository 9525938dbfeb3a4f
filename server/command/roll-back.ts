import type { Engine } from '#pipeline'
import { assetNamed, everyPartition, isPipelineError } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { askedPartitions } from '../query/asked-partitions.ts'

/** Publishes an earlier version of one partition again. */
export async function rollBack(engine: Engine, ask: Asked<'rollback'>): Promise<Answer<'rollback'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const isCut = Object.keys(asset.partitions).length > 0
  const now = engine.clock()
  const filter = isCut ? askedPartitions([asset], ask.key, { now, keys: await engine.keys(now) }) : everyPartition
  const to = { type: 'materialization', id: ask.materialization } as const
  try {
    const [done] = await engine.rollback({ assets: [asset.name], filter, to })
    if (!done || done.outcome === 'absent') return unknown
    return { outcome: done.outcome, why: done.why }
  } catch (error) {
    if (isPipelineError(error, 'rollback.nothing')) return unknown
    throw error
  }
}

const unknown: Answer<'rollback'> = { outcome: 'unknown', why: null }
