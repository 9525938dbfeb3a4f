import type { z } from 'zod'
import type { AnyAsset, AssetSummary, Engine } from '#pipeline'
import { countAt, freshnessRule, PipelineError } from '#pipeline'
import type { AssetPulse as PulseSchema } from '../contract/assets.ts'

export type AssetPulse = z.output<typeof PulseSchema>
export type Health = AssetPulse['health']

/** How the assets of an engine are doing, kept up as events arrive. */
export interface Pulses {
  /** Of every asset, by name, in the order of the definitions: as of the newest event. */
  all(): Promise<ReadonlyMap<string, AssetPulse>>
  /** Throws `asset.unknown`. */
  of(asset: string): Promise<AssetPulse>
  /** Of the assets that had an event after this one, and the newest event that is taken into account. */
  since(event: number): Promise<{ readonly event: number; readonly changed: readonly AssetPulse[] }>
}

const ofEngine = new WeakMap<object, Pulses>()

/** One for all who ask of an engine: the first to ask waits until the catalogue has been read. */
export function pulses(engine: Engine): Pulses {
  const known = ofEngine.get(engine)
  if (known) return known
  const made = openPulses(engine)
  ofEngine.set(engine, made)
  return made
}

function openPulses({ definitions, store, clock, keys }: Engine): Pulses {
  const all = async () => {
    const now = clock()
    const [summaries, dynamic] = await Promise.all([store.summaries(), keys(now)])
    const byName = new Map(summaries.map((one) => [one.asset, one]))
    return new Map(
      [...definitions.assets.values()].map((asset) => [
        asset.name,
        pulseOf(asset, byName.get(asset.name), countAt(asset.partitions, new Date(now), dynamic), now),
      ]),
    )
  }
  return {
    all,
    async of(asset) {
      const pulse = (await all()).get(asset)
      if (!pulse) throw new PipelineError('asset.unknown', { asset, near: undefined })
      return pulse
    },
    async since() {
      return { event: 0, changed: [...(await all()).values()] }
    },
  }
}

function pulseOf(asset: AnyAsset, known: AssetSummary | undefined, total: number, now: number): AssetPulse {
  const { published = 0, failed = 0, rejected = 0, running = 0, lastPublishedAt = null } = known ?? {}
  const freshness = asset.freshness ? freshnessRule(asset.freshness)(lastPublishedAt ?? undefined, now) : null
  return {
    asset: asset.name,
    health: asset.external ? 'external' : lastPublishedAt === null ? 'unmade' : 'healthy',
    partitions: { total, published, missing: Math.max(0, total - published), failed, rejected, running, stale: null },
    rows: known?.rows ?? 0,
    bytes: known?.bytes ?? 0,
    lastPublishedAt,
    freshness,
    failedChecks: 0,
  }
}
