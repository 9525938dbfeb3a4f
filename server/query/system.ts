import type { AnyAsset, Engine } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import type { Served } from '../served.ts'
import type { AssetPulse } from './pulse.ts'
import { pulses } from './pulse.ts'

type System = Answer<'system'>

/** What this deployment is, holds and is busy with. Events and materializations are told by their numbers: about as many. */
export async function system(served: Served): Promise<System> {
  const { engine, about } = served
  const { store, definitions } = engine
  const [all, sizes, unfinished, versions] = await Promise.all([
    pulses(engine).all(),
    store.sizes(),
    store.unfinishedCounts(),
    versionsOf(served),
  ])
  const memory = process.memoryUsage()
  const own = [...definitions.assets.values()].filter(({ external }) => !external)
  const pulseOf = ({ name }: AnyAsset): AssetPulse => all.get(name)!
  const sum = (assets: readonly AnyAsset[], of: (pulse: AssetPulse) => number): number =>
    assets.reduce((total, asset) => total + of(pulseOf(asset)), 0)
  const byLayer = Map.groupBy(own, ({ layer }) => layer ?? 'none')
  return {
    name: about.name,
    isSandbox: about.isSandbox,
    now: engine.clock(),
    startedAt: about.startedAt,
    versions,
    memory: { rssBytes: memory.rss, heapBytes: memory.heapUsed },
    store: { kind: about.store.kind, place: withoutPassword(about.store.place), ...sizes, bytes: about.store.bytes() },
    lake: {
      place: withoutPassword(about.lakePlace),
      files: sum(own, ({ partitions }) => partitions.published),
      bytes: sum(own, ({ bytes }) => bytes),
      rows: sum(own, ({ rows }) => rows),
      byLayer: [...byLayer].map(([layer, assets]) => ({
        ...{ layer, bytes: sum(assets, ({ bytes }) => bytes), rows: sum(assets, ({ rows }) => rows) },
      })),
    },
    queue: {
      kind: about.queueKind,
      queuedRuns: unfinished.queued ?? 0,
      runningRuns: unfinished.running ?? 0,
      runningSteps: sum(own, ({ partitions }) => partitions.running),
    },
    pools: poolsOf(engine, (assets) => sum(assets, ({ partitions }) => partitions.running)),
    settings: about.settings.map((one) => (one.isSecret && one.value !== 'not set' ? { ...one, value: 'set' } : one)),
  }
}

/** Those with a limit, and the one of all other assets, which has the empty name. */
function poolsOf({ definitions }: Engine, runningOf: (assets: readonly AnyAsset[]) => number): System['pools'] {
  const own = [...definitions.assets.values()].filter(({ external }) => !external)
  return ['', ...Object.keys(definitions.pools)].map((pool) => {
    const assets = own.filter((asset) => (asset.pool ?? '') === pool)
    return { pool, limit: definitions.pools[pool] ?? null, running: runningOf(assets), assets: assets.length }
  })
}

const known = new WeakMap<Served, Promise<Readonly<Record<string, string>>>>()

function versionsOf(served: Served): Promise<System['versions']> {
  const asked = known.get(served) ?? askVersions(served)
  known.set(served, asked)
  return asked
}

async function askVersions({ about, lake }: Served): Promise<System['versions']> {
  const limit = AbortSignal.timeout(lake.limits.timeoutMs)
  const duckdb = await lake.query('select version() as version', { rows: 1, signal: limit }).then(
    ({ rows }) => String(rows[0]?.version ?? ''),
    () => '',
  )
  return {
    bullion: about.version,
    node: process.versions.node,
    ...(/sqlite/i.test(about.store.kind) && process.versions.sqlite && { sqlite: process.versions.sqlite }),
    ...(duckdb !== '' && { duckdb }),
  }
}

/** Whoever made the place should have left it out; nobody may read it here in any case. */
const withoutPassword = (place: string): string => place.replace(/(\/\/[^/@:]*):[^/@]*@/, '$1@')
