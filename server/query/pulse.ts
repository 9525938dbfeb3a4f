import type { z } from 'zod'
import type { AnyAsset, AssetTally, Engine, PartitionKey } from '#pipeline'
import { assetNamed, assetTallies, freshnessRule } from '#pipeline'
import type { AssetPulse as PulseSchema } from '../contract/assets.ts'
import { staleCounts } from './stale-counts.ts'

export type AssetPulse = z.output<typeof PulseSchema>
export type Health = AssetPulse['health']

/** How the assets of an engine are doing, kept up as events arrive. */
export interface Pulses {
  /** Of every asset, with the newest event that is taken into account. */
  now(): Promise<{ readonly event: number; readonly assets: ReadonlyMap<string, AssetPulse> }>
  /** Of every asset, by name, in the order of the definitions: as of the newest event. */
  all(): Promise<ReadonlyMap<string, AssetPulse>>
  /** Throws `asset.unknown`. */
  of(asset: string): Promise<AssetPulse>
  /** Of the assets that had an event after this one, and the newest event that is taken into account. */
  since(event: number): Promise<{ readonly event: number; readonly changed: readonly AssetPulse[] }>
  /** The checks of all that is published. */
  checks(): Promise<{
    readonly passed: number
    readonly failed: number
    readonly newestFailed: readonly { readonly asset: string; readonly key: PartitionKey; readonly at: number }[]
  }>
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

function openPulses(engine: Engine): Pulses {
  const { definitions, clock } = engine
  const tallies = assetTallies(engine)
  const stale = staleCounts(engine)
  const rules = new Map(
    [...definitions.assets.values()].map(({ name, freshness }) => [name, freshness && freshnessRule(freshness)]),
  )

  let checked: { readonly mark: string; readonly checks: Awaited<ReturnType<Pulses['checks']>> } | undefined

  async function look(): Promise<{ readonly event: number; readonly tallies: ReadonlyMap<string, AssetTally> }> {
    const found = await tallies.read(clock())
    await stale.refresh(found.tallies)
    return found
  }
  function pulseOf(tally: AssetTally): AssetPulse {
    const asset = assetNamed(definitions, tally.asset)
    const { total, statuses, running, rows, bytes, lastPublishedAt = null, madeAt } = tally
    const freshness = rules.get(asset.name)?.(madeAt, clock()) ?? null
    const partitions = { total, ...statuses, running, stale: stale.of(asset.name) }
    return {
      asset: asset.name,
      health: healthOf(asset, partitions, freshness),
      ...{ partitions, rows, bytes, lastPublishedAt, freshness, failedChecks: tally.checks.failed },
    }
  }

  const now: Pulses['now'] = async () => {
    const found = await look()
    const assets = new Map([...found.tallies.values()].map((tally) => [tally.asset, pulseOf(tally)]))
    return { event: found.event, assets }
  }

  return {
    now,
    all: async () => (await now()).assets,
    async of(asset) {
      const { name } = assetNamed(definitions, asset)
      return pulseOf((await look()).tallies.get(name)!)
    },
    async since(event) {
      const found = await look()
      const changed = [...found.tallies.values()].filter((tally) => tally.event > event)
      return { event: found.event, changed: changed.map(pulseOf) }
    },
    async checks() {
      const found = await look()
      const mark = `${found.event} ${[...found.tallies.values()].map(({ total }) => total).join(' ')}`
      if (checked?.mark === mark) return checked.checks
      const all = [...found.tallies.values()]
      const sum = (of: 'passed' | 'failed') => all.reduce((total, { checks }) => total + checks[of], 0)
      // Which they are is looked for among all partitions: once for each time that something has changed.
      const checks = { passed: sum('passed'), failed: sum('failed'), newestFailed: tallies.withFailedChecks(10) }
      checked = { mark, checks }
      return checks
    },
  }
}

function healthOf(
  asset: AnyAsset,
  { total, published, missing, failed, rejected, running, stale }: AssetPulse['partitions'],
  freshness: AssetPulse['freshness'],
): Health {
  if (failed + rejected > 0) return 'failing'
  if (freshness === 'late') return 'late'
  if (asset.external) return 'external'
  if (running > 0) return 'running'
  if (published === 0) return total === 0 || missing === total ? 'unmade' : 'incomplete'
  return missing > 0 || (stale ?? 0) > 0 ? 'incomplete' : 'healthy'
}
