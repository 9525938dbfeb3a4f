import type { AnyAsset, AssetTally, Engine } from '#pipeline'
import { assetNamed, depsOf } from '#pipeline'

/** Partitions of an asset and of all that it reads, above which nobody counts what is stale in passing. */
const mostPartitions = 20_000
/** How long one who asks waits for counts; the others are made after, and heard of by who asks then. */
const patienceMs = 10
/** What one partition takes to count, as long as nobody has tried. */
const guessMs = 0.005
/** Counting may take this part of the time of a process. */
const share = 0.2

/** How many partitions are stale, by the planner, remembered until something happens to an asset or to what it reads. */
export interface StaleCounts {
  /** Counts anew what may have changed, as far as that is done in a moment. */
  refresh(tallies: ReadonlyMap<string, AssetTally>): Promise<void>
  /** As last counted; `null` where it is not, or nobody knows. */
  of(asset: string): number | null
}

export function staleCounts(engine: Pick<Engine, 'definitions' | 'plan' | 'clock'>): StaleCounts {
  const counted = new Map<string, { readonly mark: string; readonly stale: number | null; readonly tookMs: number }>()
  const waiting = new Set<string>()
  let known: ReadonlyMap<string, AssetTally> = new Map()
  let later: NodeJS.Timeout | undefined
  const assets = [...engine.definitions.assets.values()].filter(({ external }) => !external)

  async function count(asset: AnyAsset): Promise<void> {
    const tally = known.get(asset.name)!
    const mark = markOf(asset, known)
    const startedAt = performance.now()
    waiting.delete(asset.name)
    const stale = tally.statuses.published === 0 ? 0 : await staleOf(engine, tally)
    counted.set(asset.name, { mark, stale, tookMs: performance.now() - startedAt })
  }

  function countLater(pauseMs: number): void {
    if (later || waiting.size === 0) return
    later = setTimeout(async () => {
      const [name] = waiting
      const startedAt = performance.now()
      if (name !== undefined) await count(assetNamed(engine.definitions, name)).catch(() => undefined)
      later = undefined
      countLater((performance.now() - startedAt) / share)
    }, pauseMs).unref()
  }

  return {
    async refresh(tallies) {
      known = tallies
      const startedAt = performance.now()
      for (const asset of assets) {
        const last = counted.get(asset.name)
        const partitions = partitionsOf(asset, tallies)
        if (partitions > mostPartitions) counted.delete(asset.name)
        else if (last?.mark !== markOf(asset, tallies)) {
          const willTakeMs = last?.tookMs ?? partitions * guessMs
          if (performance.now() - startedAt + willTakeMs > patienceMs) waiting.add(asset.name)
          else await count(asset)
        }
      }
      countLater(0)
    },
    of: (asset) => (engine.definitions.assets.get(asset)?.external ? 0 : (counted.get(asset)?.stale ?? null)),
  }
}

const namesOf = (asset: AnyAsset): readonly string[] => [asset.name, ...depsOf(asset).map(([, { name }]) => name)]

/** Changes with everything that what is stale depends on. */
function markOf(asset: AnyAsset, tallies: ReadonlyMap<string, AssetTally>): string {
  return namesOf(asset)
    .map((name) => tallies.get(name)!)
    .map(({ event, total }) => `${event} ${total}`)
    .join('/')
}

/** Of the asset and of all that it reads. */
const partitionsOf = (asset: AnyAsset, tallies: ReadonlyMap<string, AssetTally>): number =>
  [...new Set(namesOf(asset))].reduce((sum, name) => sum + tallies.get(name)!.total, 0)

async function staleOf(
  { plan, clock }: Pick<Engine, 'plan' | 'clock'>,
  { asset, statuses }: AssetTally,
): Promise<number | null> {
  try {
    const ask = { assets: [asset], filter: { keys: {} }, mode: 'needed', now: clock(), reason: 'look' } as const
    const { fresh } = await plan(ask)
    return Math.max(0, statuses.published - (fresh[asset] ?? 0))
  } catch {
    // What can not be planned is told by those who plan it.
    return null
  }
}
