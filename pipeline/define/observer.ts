import { z } from 'zod'
import type { AnyAsset } from './asset.ts'
import type { AnySensor } from './automation.ts'
import { defineSensor } from './automation.ts'
import { noJob } from './sensors.ts'

/** The sensor that looks at an external asset, where it says how. Throws `duration.malformed`. */
export function observerOf(asset: AnyAsset): AnySensor | undefined {
  if (!asset.observing) return undefined
  const { every, defaultStatus, look } = asset.observing
  return defineSensor({
    name: `observe_${asset.name}`,
    description: `looks at ${asset.name}`,
    ...{ job: noJob, every, defaultStatus },
    resources: asset.resources,
    // The versions that were seen are all that there is to remember.
    cursor: z.never(),
    poll: async (tick) => ({ observed: (await look(tick)).map((seen) => ({ ...seen, asset })) }),
  })
}
