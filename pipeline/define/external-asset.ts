import { z } from 'zod'
import type { Asset } from './asset.ts'
import { defineAsset } from './asset.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import type { Freshness } from './freshness.ts'
import type { Observing, Seen } from './observing.ts'
import type { Dimensions, PartitionOf } from './partition.ts'
import { keyOf } from './partition.ts'
import type { Resources, ValuesOf } from './resource.ts'

type SeenPartition<D extends Dimensions> = Seen &
  ([keyof D] extends [never] ? unknown : { readonly partition: PartitionOf<D> })

/** One thing seen, several, or nothing. */
type Looked<D extends Dimensions> = SeenPartition<D> | readonly SeenPartition<D>[] | undefined

/**
 * Declares a table that others make: it is read and shown like any other, and no run makes it. Its versions are those
 * that were observed. With `observe` the daemon looks at it `every` so often (`5m` if absent), as the sensor
 * `observe_<name>`. Throws what `defineAsset` throws.
 */
export function externalAsset<
  const Name extends string,
  Shape extends z.core.$ZodLooseShape = {},
  D extends Dimensions = {},
  R extends Resources = {},
>(spec: {
  readonly name: Name
  readonly group?: string
  readonly description?: string
  readonly owners?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  readonly kinds?: readonly string[]
  readonly partitions?: D
  /** The columns that its readers may use; none if absent. */
  readonly output?: z.ZodObject<Shape>
  readonly freshness?: Freshness
  readonly resources?: R
  readonly observe?: (tick: {
    readonly at: Date
    readonly resources: ValuesOf<R>
    readonly signal: AbortSignal
  }) => Looked<NoInfer<D>> | Promise<Looked<NoInfer<D>>>
  readonly every?: Duration
  /** Of looking at it; `running` if absent. */
  readonly defaultStatus?: Observing['defaultStatus']
}): Asset<Name, Shape, D, {}, R, {}> {
  const { observe, every = '5m', defaultStatus = 'running', output = z.strictObject({}) as never, ...said } = spec
  durationMs(every)
  const asset = defineAsset<Name, Shape, D, {}, R>({ ...said, output, run: () => [] } as never)
  const observing: Observing | undefined = observe && {
    ...{ every, defaultStatus },
    async look({ at, resources, signal }) {
      const seen = [(await observe({ at, resources: resources as ValuesOf<R>, signal })) ?? []].flat()
      return (seen as (Seen & { partition?: object })[]).map(({ partition = {}, ...one }) => ({
        ...one,
        key: keyOf(asset.partitions, partition as PartitionOf<D>),
      }))
    },
  }
  return { ...asset, external: true, observing }
}
