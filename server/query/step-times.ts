import type { Engine, EventRow } from '#pipeline'

/** How long what was found is believed; ms. */
const believedMs = 60_000
/** Events looked at for all assets together, and for each of few that are not among these. */
const shared = 3_000
const own = { assets: 5, scan: 20_000 }
const mostSteps = 100

interface Believed {
  readonly at: number
  readonly ms: number | undefined
}
const believedBy = new WeakMap<object, Map<string, Believed>>()

/** How long a step of each asset typically took of late, in ms; absent where that is not known. */
export async function stepTimes(engine: Engine, assets: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const now = engine.clock()
  const known = believedBy.get(engine) ?? new Map<string, Believed>()
  believedBy.set(engine, known)
  const isOld = (asset: string) => now - (known.get(asset)?.at ?? Number.NEGATIVE_INFINITY) > believedMs
  const old = assets.filter(isOld)
  if (old.length > 0) {
    const { upTo } = await engine.store.made([], undefined, 1)
    const newest = await engine.store.events({ after: Math.max(0, upTo - shared), limit: shared })
    const byAsset = Map.groupBy(newest, ({ asset }) => asset)
    let looks = own.assets
    for (const asset of old) {
      let ms = median(byAsset.get(asset) ?? [])
      if (ms === undefined && looks-- > 0) {
        const ask = { asset, types: ['published', 'unchanged'], limit: mostSteps, scan: own.scan } as const
        ms = median((await engine.store.assetEventsPage(ask)).items)
      }
      known.set(asset, { at: now, ms })
    }
  }
  return new Map(
    assets.flatMap((asset) => (known.get(asset)?.ms === undefined ? [] : [[asset, known.get(asset)!.ms!]])),
  )
}

function median(events: readonly EventRow[]): number | undefined {
  const times = events
    .filter(({ type, tookMs }) => tookMs !== null && (type === 'published' || type === 'unchanged'))
    .map(({ tookMs }) => tookMs!)
    .sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)]
}
