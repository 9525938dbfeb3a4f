import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { AnyAsset, Engine, IoManager, RunAsk, RunLimits } from '#pipeline'
import { definitions, memoryIo, openEngine, provide, sqliteStore, total } from '#pipeline'
import type { EngineOptions } from '../../../pipeline/run/engine.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export const now = Date.parse('2024-01-04T12:00:00Z')

export interface Place {
  readonly file: string
  readonly io: IoManager
}

/** A store and a lake that several engines may share. */
export const newPlace = (): Place => ({ file: join(temporaryFolder(), 'store.sqlite'), io: memoryIo() })

/** An engine over a real store and rows in memory; closed when the test ends. */
export async function engineOf(
  assets: readonly AnyAsset[],
  place: Place = newPlace(),
  options: Partial<EngineOptions> & {
    readonly pools?: Readonly<Record<string, number>>
    readonly runs?: RunLimits
  } = {},
): Promise<Engine> {
  const { pools = {}, runs = {}, ...others } = options
  const engine = await openEngine({
    definitions: definitions({
      assets: assets as never,
      resources: {} as never,
      io: provide(() => place.io),
      pools,
      runs,
    }),
    store: sqliteStore(place.file),
    concurrency: 8,
    random: () => 0,
    ...others,
  })
  onTestFinished(() => engine.close())
  return engine
}

/** What to make: everything of all assets that is needed, unless said otherwise. */
export const asking = (engine: Engine, of: Partial<RunAsk> = {}): RunAsk => ({
  assets: [...engine.definitions.assets.keys()],
  filter: { keys: {} },
  mode: 'needed',
  now,
  reason: 'test',
  ...of,
})

/** Runs to the end: its status, how many partitions ended how, and the failures by asset. */
export async function make(engine: Engine, of: Partial<RunAsk> = {}) {
  const started = await engine.start(asking(engine, of))
  const { state, failures } = await started.result
  const { planned: _, ...ends } = state.counts
  const counts = Object.entries(ends).map(([end, byAsset]) => [end, total(byAsset)] as const)
  return {
    id: started.id,
    plan: started.plan,
    status: state.status,
    ends: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    failures: Object.fromEntries(failures.map(({ asset, error }) => [asset, error])),
  }
}

/** The published rows of one partition. */
export async function rowsOf(engine: Engine, asset: AnyAsset, key = ''): Promise<readonly unknown[]> {
  const files = (await engine.store.files(asset.name)).filter((file) => file.key === key)
  const io = await engine.io()
  return io.table(asset, files).toArray()
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (await condition()) return
    await sleep(2)
  }
  throw new Error('what was waited for did not happen')
}

/** A promise and the function that fulfils it. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}
