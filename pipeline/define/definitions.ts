import type { AnyAsset } from './asset.ts'
import type { AnyJob, AnySchedule, AnySensor } from './automation.ts'
import { PipelineError } from './errors.ts'
import type { IoManager } from './io.ts'
import { nearest } from './nearest.ts'
import type { Provider } from './resource.ts'
import type { DeploymentRetention } from './retention.ts'
import type { RunLimits } from './run-limits.ts'

/** Everything a deployment runs; `definitions()` makes it. */
export interface Definitions {
  /** By name, upstream before downstream. */
  readonly assets: ReadonlyMap<string, AnyAsset>
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly schedules: ReadonlyMap<string, AnySchedule>
  readonly sensors: ReadonlyMap<string, AnySensor>
  readonly resources: Readonly<Record<string, Provider<unknown>>>
  readonly io: Provider<IoManager>
  /** How many steps of a pool run at once. */
  readonly pools: Readonly<Record<string, number>>
  /** How many runs are under way at once; the others wait. */
  readonly runs: RunLimits
  readonly retain: DeploymentRetention
}

/** The asset of this name. Throws `asset.unknown` with the nearest name. */
export function assetNamed(all: Pick<Definitions, 'assets'>, name: string): AnyAsset {
  const asset = all.assets.get(name)
  if (!asset) throw new PipelineError('asset.unknown', { asset: name, near: nearest(name, all.assets.keys()) })
  return asset
}
